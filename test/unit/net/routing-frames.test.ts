import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerPlaces } from '../../../src/net/peer-places.ts'
import {
  isWholeMessage,
  receiptFrame,
  receiptOf,
  routedFrame,
  travelOf
} from '../../../src/net/routing-frames.ts'
import { MAX_PLACED_PEERS } from '../../../src/wire/limits.ts'
import { Frame } from '../../../src/wire/link.ts'
import { MessageFrame, type Receipt, type Routed } from '../../../src/wire/routing.ts'
import { packed, unpacked, type WholeFrame } from '../../support/whole-frame.ts'

const PEER = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const places = new PeerPlaces(new Uint8Array(32))
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7)

const routed: Routed = {
  id: bytes(16),
  originator: places.of(PEER).bytes,
  target: bytes(32),
  mode: 1,
  sentAt: 1_800_000_000_000,
  channel: 'position',
  payload: bytes(100),
  signature: bytes(64),
  wantsReceipt: true,
  hops: 3,
  visited: bytes(24),
  path: bytes(16)
}
const receipt: Receipt = {
  id: bytes(16),
  originator: places.of(PEER).bytes,
  isDelivered: true,
  deliverer: places.of(PEER).bytes,
  hops: 3,
  signature: bytes(64),
  path: bytes(8)
}

describe('Frames of routing', () => {
  it('are the same after they have been what the engine handles', () => {
    const travel = travelOf(routed, places)
    expect(travel?.message).toMatchObject({ originator: PEER, mode: 'nearest', wantsReceipt: true })
    expect(travel === undefined ? undefined : routedFrame(travel, places)).toEqual(routed)
    const travelling = receiptOf(receipt, places)
    expect(travelling?.receipt).toMatchObject({ originator: PEER, deliverer: PEER, hops: 3 })
    expect(travelling === undefined ? undefined : receiptFrame(travelling, places)).toEqual(receipt)
  })

  it('tell of nobody who delivered it', () => {
    const nobody = { ...receipt, isDelivered: false, deliverer: bytes(0), signature: bytes(0) }
    const travelling = receiptOf(nobody, places)
    expect(travelling?.receipt.deliverer).toBe(undefined)
    expect(travelling === undefined ? undefined : receiptFrame(travelling, places)).toEqual(nobody)
  })

  it('with a message are the same bytes whichever way they are written', () => {
    const message = { channel: 'c', payload: bytes(9), destination: bytes(32), id: bytes(16) }
    expect(MessageFrame.encode({ message })).toEqual(Frame.encode(packed({ message })))
  })

  it('never throw whatever has become of their bytes', () => {
    const samples = [
      Frame.encode(packed({ routed })),
      Frame.encode(packed({ receipt })),
      Frame.encode(packed({ message: { channel: 'c', payload: bytes(9), id: bytes(16) } }))
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (sample, changes) => {
          const mutated = sample.slice()
          for (const [at, byte] of changes) mutated[at % mutated.byteLength] = byte
          let frame: WholeFrame
          try {
            frame = unpacked(Frame.decode(mutated))
          } catch {
            // The link ends.
            return
          }
          if (frame.routed !== undefined) travelOf(frame.routed, places)
          if (frame.receipt !== undefined) receiptOf(frame.receipt, places)
          if (frame.message !== undefined) isWholeMessage(frame.message)
        }
      ),
      { numRuns: 2_000 }
    )
  })
})

describe('Places of peers', () => {
  it('are found by text and by bytes, and the oldest are worked out again', () => {
    const bounded = new PeerPlaces(bytes(32))
    const first = bounded.of(PEER)
    expect(bounded.ofBytes(first.bytes)).toBe(first)
    for (let i = 0; i < MAX_PLACED_PEERS; i++) {
      const multihash = Uint8Array.from([0x12, 0x20, ...bytes(30), i >> 8, i & 0xff])
      bounded.ofBytes(multihash)
    }
    const again = bounded.of(PEER)
    expect(again).not.toBe(first)
    expect(again.address).toBe(first.address)
  })
})
