import type { FrameKind } from '../../core/multicast/fragment.ts'

/** What a flag of a piece says. A frame's pieces come in order; those of another kind may come between. */
export const PieceFlag = {
  FIRST: 1,
  LAST: 2,
  KEYFRAME: 4,
  /** The frame is a call of `send()`. */
  CALL: 8,
  /** Something of this kind before it was left out. */
  GAP: 16,
  /** The publisher ends the stream. No frame. */
  END: 32
} as const

/** Kind, flags, timestamp. */
export const PIECE_HEADER_BYTES = 10

/** Largest payload of a piece, in bytes, so that audio overtakes a large frame of video: 33 ms at 2 Mbit/s. Over WebRTC a message holds 16 KiB. */
export const PIECE_PAYLOAD_BYTES = 8_192

/** What a publisher answers to who wants to play. */
export const Answer = { ACCEPTED: 0, REFUSED: 1, NOT_FOUND: 2, FULL: 3 } as const

/** What a player may say beside what it has taken, in the bits of a word: what it wants, and that it cannot take more for the moment. */
export const Wish = { AUDIO: 1, VIDEO: 2, HOLD: 4 } as const

/** In the order of their numbers, which is that of their urgency. */
export const KINDS: readonly FrameKind[] = ['audio', 'video', 'data']

/** A part of a frame on its way. */
export interface DirectPiece {
  readonly kind: FrameKind
  readonly flags: number
  /** µs. */
  readonly timestamp: number
  readonly payload: Uint8Array
}

/** What stands before a piece's payload. */
export function encodePieceHeader({ kind, flags, timestamp }: Omit<DirectPiece, 'payload'>): Uint8Array {
  const header = new Uint8Array(PIECE_HEADER_BYTES)
  header[0] = KINDS.indexOf(kind)
  header[1] = flags
  new DataView(header.buffer).setBigUint64(2, BigInt(timestamp))
  return header
}

/** @throws RangeError for what is none */
export function decodePiece(block: Uint8Array): DirectPiece {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const kind = KINDS[view.getUint8(0)]
  const timestamp = Number(view.getBigUint64(2))
  if (kind === undefined || !Number.isSafeInteger(timestamp))
    throw new RangeError('A piece of no known kind or time')
  return { kind, flags: view.getUint8(1), timestamp, payload: block.subarray(PIECE_HEADER_BYTES) }
}
