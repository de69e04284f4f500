import { readFileSync } from 'node:fs'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import {
  isSignedBy,
  receiptStatement,
  routedStatement,
  travellingKey
} from '../../../src/net/routing-signatures.ts'
import { placeOf } from '../../../src/shared/ring.ts'

interface Vector {
  groupID: string
  originatorSeed: string
  delivererSeed: string
  id: string
  target: string
  mode: 'exact' | 'nearest'
  sentAtMs: number
  channel: string
  payload: string
  routedStatement: string
  routedSignature: string
  hops: number
  receiptStatement: string
  receiptSignature: string
}
const vector = JSON.parse(
  readFileSync(new URL('./vectors/routing-signatures.json', import.meta.url), 'utf8')
) as Vector
const bytes = (text: string): Uint8Array => fromString(text, 'base16')
const hex = (value: Uint8Array): string => bytesToText(value, 'base16')

const groupID = bytes(vector.groupID)
const originator = await generateKeyPairFromSeed('Ed25519', bytes(vector.originatorSeed))
const deliverer = await generateKeyPairFromSeed('Ed25519', bytes(vector.delivererSeed))
const message = {
  id: bytes(vector.id),
  target: placeOf(bytes(vector.target)),
  mode: vector.mode,
  sentAtMs: vector.sentAtMs,
  channel: vector.channel,
  payload: bytes(vector.payload)
}
const receipt = {
  id: message.id,
  originator: peerIdFromPrivateKey(originator).toMultihash().bytes,
  deliverer: peerIdFromPrivateKey(deliverer).toMultihash().bytes,
  hops: vector.hops
}

describe('The signature of a routed message', () => {
  it('is that of the golden vector', async () => {
    const statement = routedStatement(groupID, message)
    expect(hex(statement)).toBe(vector.routedStatement)
    expect(hex(await originator.sign(statement))).toBe(vector.routedSignature)
  })

  it('is of no other peer, and of nothing else that differs in any part', async () => {
    const signature = bytes(vector.routedSignature)
    const peerID = peerIdFromPrivateKey(originator)
    const others = [
      { ...message, id: message.id.map(byte => byte ^ 1) },
      { ...message, target: placeOf(message.target.address.map(byte => byte ^ 1)) },
      { ...message, mode: 'exact' as const },
      { ...message, sentAtMs: message.sentAtMs + 1 },
      { ...message, channel: `${message.channel}s` },
      { ...message, payload: message.payload.map(byte => byte ^ 1) }
    ]
    expect(await isSignedBy(peerID, undefined, routedStatement(groupID, message), signature)).toBe(true)
    for (const other of others)
      expect(await isSignedBy(peerID, undefined, routedStatement(groupID, other), signature)).toBe(false)
    const elsewhere = routedStatement(
      groupID.map(byte => byte ^ 1),
      message
    )
    expect(await isSignedBy(peerID, undefined, elsewhere, signature)).toBe(false)
    const stranger = peerIdFromPrivateKey(deliverer)
    expect(await isSignedBy(stranger, undefined, routedStatement(groupID, message), signature)).toBe(false)
  })

  it('is false, and nothing worse, when it is no signature or the key no key', async () => {
    const peerID = peerIdFromPrivateKey(originator)
    const statement = routedStatement(groupID, message)
    for (const length of [0, 1, 63, 64, 65, 1_024])
      expect(await isSignedBy(peerID, undefined, statement, new Uint8Array(length))).toBe(false)
    expect(await isSignedBy(peerID, new Uint8Array(3), statement, new Uint8Array(64))).toBe(false)
  })

  it('takes a key along only where the peer id does not hold it', () => {
    expect(travellingKey(originator, peerIdFromPrivateKey(originator))).toBe(undefined)
  })
})

describe('The signature of a receipt', () => {
  it('is that of the golden vector', async () => {
    const statement = receiptStatement(groupID, receipt)
    expect(hex(statement)).toBe(vector.receiptStatement)
    expect(hex(await deliverer.sign(statement))).toBe(vector.receiptSignature)
    const peerID = peerIdFromPrivateKey(deliverer)
    expect(await isSignedBy(peerID, undefined, statement, bytes(vector.receiptSignature))).toBe(true)
    const other = receiptStatement(groupID, { ...receipt, hops: receipt.hops + 1 })
    expect(await isSignedBy(peerID, undefined, other, bytes(vector.receiptSignature))).toBe(false)
  })
})
