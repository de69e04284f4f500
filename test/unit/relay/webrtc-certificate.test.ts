import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { base64url } from 'multiformats/bases/base64'
import { expect, test } from 'vitest'
import { webRTCCertificate } from '../../../src/relay/webrtc-certificate.ts'

test('an identity has one certificate, and no two have the same', async () => {
  const identity = await generateKeyPair('Ed25519')
  expect(webRTCCertificate(identity)).toEqual(webRTCCertificate(identity))
  const other = webRTCCertificate(await generateKeyPair('Ed25519'))
  expect(other.certhash).not.toBe(webRTCCertificate(identity).certhash)
})

test.each(['Ed25519', 'secp256k1'] as const)(
  'it is valid, signed by its own key, and belongs to it (%s)',
  async type => {
    const { pem, privateKey, certhash } = webRTCCertificate(await generateKeyPair(type))
    const certificate = new X509Certificate(pem)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.subject).toBe('CN=netgroup relay')
    expect(certificate.checkIssued(certificate)).toBe(true)
    expect(new Date(certificate.validFrom).getTime()).toBeLessThan(Date.UTC(2021, 0))
    expect(certificate.validTo).toContain('9999')
    const message = Buffer.from('anything')
    const signature = sign('sha256', message, createPrivateKey(privateKey))
    expect(verify('sha256', message, certificate.publicKey, signature)).toBe(true)
    const digest = Buffer.from(base64url.decode(certhash)).subarray(2).toString('hex')
    expect(digest).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase())
  }
)
