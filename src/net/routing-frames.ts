// Frames of directed routing as the engine has them, and back. What is not well-formed is undefined: its sender, who had to see that, is at fault. Where a message has
// been, and came through, is for the engine to check.
import { toString as bytesToText } from 'uint8arrays/to-string'
import { MODES, type RoutingReceipt, type Travel } from '../core/routing/routing-engine.ts'
import { placeOf } from '../shared/ring.ts'
import {
  MAX_CHANNEL_NAME_BYTES,
  MAX_PEER_ID_BYTES,
  MAX_ROUTED_BYTES,
  MAX_SIGNATURE_BYTES
} from '../wire/limits.ts'
import type { Message, Receipt, Routed } from '../wire/routing.ts'
import type { PeerPlaces } from './peer-places.ts'

/** Bytes of a message's id. */
export const ID_BYTES = 16

const ADDRESS_BYTES = 32

/** Hops are signed as one byte. */
const MAX_BYTE = 255

/** A receipt and its way back. */
export interface TravellingReceipt {
  readonly receipt: RoutingReceipt
  readonly path: Uint8Array
}

/** Bytes as a key of maps and sets. */
export function keyOf(id: Uint8Array): string {
  return bytesToText(id, 'latin1')
}

/** Is this message of a neighbor well-formed? */
export function isWholeMessage({ channel, payload, destination, id }: Message): boolean {
  return (
    isContent(channel, payload) &&
    (destination === undefined || destination.byteLength === ADDRESS_BYTES) &&
    (id === undefined || id.byteLength === ID_BYTES)
  )
}

/** What a frame brings; undefined when it is malformed. */
export function travelOf(frame: Routed, places: PeerPlaces): Travel | undefined {
  const { id, originator, key, target, mode, sentAt, channel, payload, signature } = frame
  const isWhole =
    isContent(channel, payload) &&
    id.byteLength === ID_BYTES &&
    target.byteLength === ADDRESS_BYTES &&
    Number.isSafeInteger(sentAt) &&
    areSigners([originator], [key, signature])
  const receiveMode = MODES[mode]
  const peer = isWhole ? peerOf(originator, places) : undefined
  if (receiveMode === undefined || peer === undefined) return undefined
  return {
    message: {
      id,
      originator: peer,
      target: placeOf(target),
      mode: receiveMode,
      sentAtMs: sentAt,
      channel,
      payload,
      signature,
      key,
      wantsReceipt: frame.wantsReceipt
    },
    hops: frame.hops,
    visited: frame.visited,
    path: frame.path
  }
}

/** The frame for it. */
export function routedFrame({ message, hops, visited, path }: Travel, places: PeerPlaces): Routed {
  const { id, originator, target, mode, sentAtMs, channel, payload, signature, key, wantsReceipt } = message
  return {
    id,
    originator: places.of(originator).bytes,
    ...(key === undefined ? {} : { key }),
    target: target.address,
    mode: MODES.indexOf(mode),
    sentAt: sentAtMs,
    channel,
    payload,
    signature,
    wantsReceipt,
    hops,
    visited,
    path
  }
}

/** What a frame brings; undefined when it is malformed. */
export function receiptOf(frame: Receipt, places: PeerPlaces): TravellingReceipt | undefined {
  const { id, isDelivered, hops, signature, key, path } = frame
  if (id.byteLength !== ID_BYTES || hops > MAX_BYTE) return undefined
  if (!areSigners([frame.originator, frame.deliverer], [key, signature])) return undefined
  const originator = peerOf(frame.originator, places)
  const deliverer = isDelivered ? peerOf(frame.deliverer, places) : undefined
  if (originator === undefined || (isDelivered && deliverer === undefined)) return undefined
  return { receipt: { id, originator, deliverer, hops, signature, key }, path }
}

/** The frame for it. */
export function receiptFrame({ receipt, path }: TravellingReceipt, places: PeerPlaces): Receipt {
  const { id, originator, deliverer, hops, signature, key } = receipt
  return {
    id,
    originator: places.of(originator).bytes,
    isDelivered: deliverer !== undefined,
    deliverer: deliverer === undefined ? new Uint8Array(0) : places.of(deliverer).bytes,
    ...(key === undefined ? {} : { key }),
    hops,
    signature,
    path
  }
}

function isContent(channel: string, payload: Uint8Array): boolean {
  // Each UTF-16 unit is one to three bytes.
  const isShort = channel.length * 3 <= MAX_CHANNEL_NAME_BYTES
  return (
    payload.byteLength <= MAX_ROUTED_BYTES &&
    (isShort || new TextEncoder().encode(channel).byteLength <= MAX_CHANNEL_NAME_BYTES)
  )
}

function areSigners(peers: readonly Uint8Array[], proofs: readonly (Uint8Array | undefined)[]): boolean {
  return (
    peers.every(bytes => bytes.byteLength <= MAX_PEER_ID_BYTES) &&
    proofs.every(bytes => (bytes?.byteLength ?? 0) <= MAX_SIGNATURE_BYTES)
  )
}

function peerOf(bytes: Uint8Array, places: PeerPlaces): string | undefined {
  try {
    return places.ofBytes(bytes).peer
  } catch {
    return undefined
  }
}
