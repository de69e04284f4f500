import { createHash, createPrivateKey, hkdfSync, scryptSync, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import {
  authorityOf,
  defaultSalt,
  passwordBytes,
  SCRYPT_PARAMETERS
} from '../../../src/core/groupspec/authority.ts'
import { decodeGrant, signGrant, verifyGrant } from '../../../src/core/groupspec/grant.ts'
import { parseGroupspec, printAuthorizations, printGroupspec } from '../../../src/core/groupspec/groupspec.ts'
import { deriveKeys, groupAddressOf } from '../../../src/core/groupspec/keys.ts'
import { ALICE, NOW_MS, POSTING, SAMPLES } from './samples.ts'

// The golden vectors: what an implementation in another language must arrive at. They change only with the protocol:
// UPDATE_VECTORS=1 npx vitest run test/unit/groupspec/vectors.test.ts
const file = fileURLToPath(new URL('./vectors.json', import.meta.url))
const PASSWORD = 'correct horse'

interface GroupVector {
  name: string
  text: string
  authorizations: string
  canonical: string
  groupID: string
  topic: string
  rendezvousNamespace: string
  mdnsService: string
  linkKey: string
  contentKey: string
  peerID: string
  groupAddress: string
}

interface Vectors {
  groups: GroupVector[]
  grant: {
    seed: string
    publicKey: string
    groupID: string
    notAfterMs: number
    peerID: string
    bytes: string
  }
  password: { name: string; role: 'posting'; password: string; salt: string; seed: string; publicKey: string }
}

const hex = (bytes: Uint8Array): string => bytesToText(bytes, 'base16')
const bytesOf = (text: string): Uint8Array => fromString(text, 'base16')

function computed(): Vectors {
  const groups = Object.entries(SAMPLES).map(([name, spec]) => {
    const { groupID, linkKey, contentKey, ...names } = deriveKeys(spec.canonical)
    return {
      name,
      text: printGroupspec(spec, { authorizations: false }),
      authorizations: printAuthorizations(spec),
      canonical: hex(spec.canonical),
      groupID: hex(groupID),
      ...names,
      linkKey: hex(linkKey),
      contentKey: hex(contentKey),
      peerID: hex(ALICE),
      groupAddress: hex(groupAddressOf(groupID, ALICE))
    }
  })
  return { groups, grant: computedGrant(), password: computedPassword() }
}

function computedGrant(): Vectors['grant'] {
  const groupID = SAMPLES['posting guarded'].groupID
  const { seed, salt } = POSTING
  const bytes = signGrant({ seed, groupID, role: 'posting', notAfterMs: NOW_MS, peerIDBytes: ALICE })
  const { publicKey } = authorityOf(seed, salt)
  return {
    seed: hex(seed),
    publicKey: hex(publicKey),
    groupID: hex(groupID),
    notAfterMs: NOW_MS,
    peerID: hex(ALICE),
    bytes: hex(bytes)
  }
}

function computedPassword(): Vectors['password'] {
  const salt = defaultSalt('posting', 'news')
  // Node's own scrypt: another implementation than the one that api/ uses, and a faster one.
  const { N, r, p, dkLen } = SCRYPT_PARAMETERS
  const seed = scryptSync(passwordBytes(PASSWORD), salt, dkLen, { N, r, p, maxmem: 2 ** 27 })
  const { publicKey } = authorityOf(seed, salt)
  const keys = { salt: hex(salt), seed: hex(seed), publicKey: hex(publicKey) }
  return { name: 'news', role: 'posting', password: PASSWORD, ...keys }
}

const { UPDATE_VECTORS } = process.env
if (UPDATE_VECTORS === '1') writeFileSync(file, `${JSON.stringify(computed(), null, 2)}\n`)
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))

describe('the golden vectors', () => {
  it('are what this code computes', () => {
    expect(computed()).toEqual(vectors)
  })

  it.each(vectors.groups)('hold for the group "$name" when its text is parsed', vector => {
    const spec = parseGroupspec(vector.text + vector.authorizations)
    expect(hex(spec.canonical)).toBe(vector.canonical)
    expect(hex(spec.groupID)).toBe(vector.groupID)
    expect(printGroupspec(spec, { authorizations: true })).toBe(vector.text + vector.authorizations)
    expect(printGroupspec(spec, { authorizations: false })).toBe(vector.text)
  })

  it('hold for the grant', () => {
    const { bytes, publicKey, groupID, notAfterMs, peerID } = vectors.grant
    const grant = decodeGrant(bytesOf(bytes))
    expect(grant).toMatchObject({ role: 'posting', notAfterMs })
    expect(hex(grant.peerIDBytes)).toBe(peerID)
    expect(verifyGrant(grant, bytesOf(publicKey), bytesOf(groupID))).toBe(true)
  })
})

describe("Node's cryptography, told what the protocol's text says, arrives at the same", () => {
  const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

  it.each(vectors.groups)('identity and keys of the group "$name"', vector => {
    const canonical = bytesOf(vector.canonical)
    const derive = (info: string, bytes: number): Buffer =>
      Buffer.from(hkdfSync('sha256', canonical, 'netgroup/3', info, bytes))
    expect(sha256(sha256(canonical)).toString('hex')).toBe(vector.groupID)
    expect(`/netgroup/3/${bytesToText(derive('topic', 20), 'base32')}`).toBe(vector.topic)
    expect(`netgroup/3/${bytesToText(derive('rendezvous', 20), 'base32')}`).toBe(vector.rendezvousNamespace)
    expect(`_ng-${bytesToText(derive('mdns', 7), 'base32')}._udp.local`).toBe(vector.mdnsService)
    expect(derive('link', 32).toString('hex')).toBe(vector.linkKey)
    expect(derive('content', 32).toString('hex')).toBe(vector.contentKey)
    const address = sha256(Buffer.from(vector.groupID + vector.peerID, 'hex'))
    expect(address.toString('hex')).toBe(vector.groupAddress)
  })

  it('the grant', () => {
    const { seed, groupID, notAfterMs, peerID, bytes } = vectors.grant
    const notAfter = Buffer.alloc(8)
    notAfter.writeBigUInt64BE(BigInt(notAfterMs))
    const pid = Buffer.from(peerID, 'hex')
    const head = Buffer.from('netgroup/3 grant\0', 'ascii')
    const message = concat([head, bytesOf(groupID), Buffer.of(7), notAfter, pid])
    const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
    const signature = sign(null, message, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }))
    expect(hex(concat([Buffer.of(7), notAfter, Buffer.of(pid.length), pid, signature]))).toBe(bytes)
  })

  it('the default salt', () => {
    const salt = sha256(Buffer.from('netgroup/3 salt\0\x07news', 'latin1')).subarray(0, 16)
    expect(salt.toString('hex')).toBe(vectors.password.salt)
  })
})
