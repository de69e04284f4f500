import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { PeerPlaces } from '../../../src/net/peer-places.ts'

const places = new PeerPlaces(new Uint8Array(32))

describe('PeerPlaces', () => {
  it('knows a peer by its text and by its bytes', async () => {
    const peerID = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const { bytes } = peerID.toMultihash()
    expect(places.ofBytes(bytes)).toBe(places.of(peerID.toString()))
  })

  it('takes no bytes that are longer than a peer id: they would hold up everything', () => {
    const long = Uint8Array.from([0x12, 0x80, 0x20, ...new Uint8Array(4_096)])
    expect(() => places.ofBytes(long)).toThrow(RangeError)
  })

  it('takes no URL for a peer: its text could not be read back', () => {
    const url = new TextEncoder().encode('http://x/')
    expect(() => places.ofBytes(Uint8Array.from([0x00, url.length, ...url]))).toThrow(TypeError)
  })
})
