import { END_OF_STREAM, type Fragment } from '../../../src/core/multicast/fragment.ts'
import { Fragmenter, fragmentOf } from '../../../src/core/multicast/fragmenter.ts'

const SIGNATURE = new Uint8Array(64).fill(7)

/** Fragments of a stream, one frame each, the first of them a keyframe. @param bytes of each payload */
export function fragmentsOf(
  count: number,
  bytes = 100,
  every: number = Number.POSITIVE_INFINITY
): Fragment[] {
  const fragmenter = new Fragmenter(16_384)
  return Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(bytes).fill(i % 256)
    const keyframe = i === 0 || i % every === 0
    const [cut] = fragmenter.cut({ kind: 'video', timestamp: 40_000 * i, keyframe, data })
    if (cut === undefined) throw new Error('A frame has no fragment')
    return fragmentOf(cut.header, SIGNATURE, cut.payload)
  })
}

/** The last fragment of all. */
export function endOf(number: number): Fragment {
  const header = { number, flags: END_OF_STREAM, kind: 'data', timestamp: 0, keyframe: 1 } as const
  return fragmentOf(header, SIGNATURE, new Uint8Array(0))
}
