import { MAX_FRAGMENT_BYTES } from '../../wire/limits.ts'
import {
  END_OF_STREAM,
  encodeFragmentHeader,
  FIRST_OF_FRAME,
  type Fragment,
  type FragmentHeader,
  type FrameKind,
  HEADER_BYTES,
  KEYFRAME,
  LAST_OF_FRAME,
  SIGNATURE_BYTES
} from './fragment.ts'

/** A frame of a stream. */
export interface StreamFrame {
  readonly kind: FrameKind
  /** µs. */
  readonly timestamp: number
  readonly keyframe: boolean
  readonly data: Uint8Array
}

/** A piece of a frame that is to be signed. */
export interface CutFragment {
  readonly header: FragmentHeader
  readonly payload: Uint8Array
}

/**
 * Payload of a fragment, at most, in bytes: 4 to 8 KiB are rule M8's. Each fragment costs a signature, a verification, a packet and the word that it was taken, at each member. Measured (bench/net/multicast.ts,
 * 1 Mbit/s with 25 frames a second, most of which are just larger than 4 KiB): of what 4 KiB take a viewer needs three quarters of the processor.
 */
export const FRAGMENT_PAYLOAD_BYTES = 6_144

/** Cuts a publisher's frames into numbered fragments. */
export class Fragmenter {
  readonly #maxBytes: number
  #number = 0
  #keyframe = 0

  /** @param maxBytes of a payload: at most 16 KiB @throws RangeError */
  constructor(maxBytes: number = FRAGMENT_PAYLOAD_BYTES) {
    if (!(maxBytes >= 1 && maxBytes <= MAX_FRAGMENT_BYTES - HEADER_BYTES - SIGNATURE_BYTES))
      throw new RangeError(`Fragments cannot have ${maxBytes} bytes`)
    this.#maxBytes = maxBytes
  }

  /** An empty frame is one fragment. Payloads are views of the frame. */
  cut(frame: StreamFrame): CutFragment[] {
    const { data, kind, timestamp, keyframe } = frame
    const count = Math.max(1, Math.ceil(data.byteLength / this.#maxBytes))
    if (keyframe) this.#keyframe = this.#number + 1
    const cut: CutFragment[] = []
    for (let i = 0; i < count; i++) {
      const flags =
        (i === 0 ? FIRST_OF_FRAME : 0) | (i === count - 1 ? LAST_OF_FRAME : 0) | (keyframe ? KEYFRAME : 0)
      const [from, to] = [i, i + 1].map(part => Math.round((part * data.byteLength) / count))
      cut.push({ header: this.#header(flags, kind, timestamp), payload: data.subarray(from, to) })
    }
    return cut
  }

  /** A fragment that belongs to no frame, and says that the publisher is there. Between frames only. */
  beat(timestamp: number): CutFragment {
    return { header: this.#header(0, 'data', timestamp), payload: new Uint8Array(0) }
  }

  /** The last fragment of the stream: it belongs to no frame. */
  end(timestamp: number): CutFragment {
    return { header: this.#header(END_OF_STREAM, 'data', timestamp), payload: new Uint8Array(0) }
  }

  #header(flags: number, kind: FrameKind, timestamp: number): FragmentHeader {
    this.#number += 1
    return { number: this.#number, flags, kind, timestamp, keyframe: this.#keyframe }
  }
}

/** A fragment of its parts. */
export function fragmentOf(header: FragmentHeader, signature: Uint8Array, payload: Uint8Array): Fragment {
  const bytes = new Uint8Array(HEADER_BYTES + SIGNATURE_BYTES + payload.byteLength)
  bytes.set(encodeFragmentHeader(header), 0)
  bytes.set(signature, HEADER_BYTES)
  bytes.set(payload, HEADER_BYTES + SIGNATURE_BYTES)
  return { ...header, bytes }
}
