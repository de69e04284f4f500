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

/** Largest payload of a fragment, in bytes. Rule M8: 4 to 8 KiB at 2 Mbit/s. Measured (bench/swarm/multicast.ts, N = 500): delay p95 1.20 s with 4 KiB, 1.31 s with 8. */
export const FRAGMENT_PAYLOAD_BYTES = 4_096

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
