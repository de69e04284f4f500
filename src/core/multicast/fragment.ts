import { readUint64, uint64 } from '../../shared/bytes.ts'
import { MAX_FRAGMENT_BYTES, MAX_FRAGMENT_NUMBER } from '../../wire/limits.ts'

/** What a frame holds, as the byte in the header. */
export const FRAME_KINDS = { audio: 1, video: 2, data: 3 } as const

/** What a frame holds. */
export type FrameKind = keyof typeof FRAME_KINDS

/** Flags of a fragment. */
export const FIRST_OF_FRAME = 1
export const LAST_OF_FRAME = 2
export const KEYFRAME = 4
export const END_OF_STREAM = 8

/** Bytes before the payload: the header, and the stream key's signature behind it. protocol.md §8. */
export const HEADER_BYTES = 26
export const SIGNATURE_BYTES = 64

/** What stands before a fragment's signature and payload. */
export interface FragmentHeader {
  /** From 1, consecutive. */
  readonly number: number
  /** {@link FIRST_OF_FRAME} and the others. */
  readonly flags: number
  readonly kind: FrameKind
  /** µs. */
  readonly timestamp: number
  /** The first fragment of the latest keyframe, this one's where it belongs to one; 0: there is none. */
  readonly keyframe: number
}

/** A fragment as it goes from member to member. */
export interface Fragment extends FragmentHeader {
  /** Header, signature and payload. Nobody changes them. */
  readonly bytes: Uint8Array
}

/** @returns {@link HEADER_BYTES} bytes */
export function encodeFragmentHeader(header: FragmentHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  bytes.set(uint64(header.number), 0)
  bytes[8] = header.flags
  bytes[9] = FRAME_KINDS[header.kind]
  bytes.set(uint64(header.timestamp), 10)
  bytes.set(uint64(header.keyframe), 18)
  return bytes
}

/** Reads a whole fragment; its bytes are not copied. @throws RangeError when it is none */
export function decodeFragment(bytes: Uint8Array): Fragment {
  if (bytes.byteLength < HEADER_BYTES + SIGNATURE_BYTES || bytes.byteLength > MAX_FRAGMENT_BYTES)
    throw new RangeError(`A fragment does not have ${bytes.byteLength} bytes`)
  const [number, timestamp, keyframe] = [0, 10, 18].map(at => readUint64(bytes, at)) as [
    number,
    number,
    number
  ]
  const kind = (Object.keys(FRAME_KINDS) as FrameKind[]).find(name => FRAME_KINDS[name] === bytes[9])
  if (kind === undefined) throw new RangeError(`There is no kind ${bytes[9]} of frames`)
  if (number < 1 || keyframe > number || number >= MAX_FRAGMENT_NUMBER)
    throw new RangeError(`A fragment has no number ${number} with a keyframe at ${keyframe}`)
  return { number, flags: bytes[8] as number, kind, timestamp, keyframe, bytes }
}

/** What of a fragment is the frame's. */
export function payloadOf({ bytes }: Fragment): Uint8Array {
  return bytes.subarray(HEADER_BYTES + SIGNATURE_BYTES)
}
