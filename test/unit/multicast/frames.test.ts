import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeFragment,
  encodeFragmentHeader,
  type FragmentHeader,
  HEADER_BYTES,
  payloadOf
} from '../../../src/core/multicast/fragment.ts'
import { Fragmenter, fragmentOf, type StreamFrame } from '../../../src/core/multicast/fragmenter.ts'
import { FrameAssembler } from '../../../src/core/multicast/frame-assembler.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import { endOf } from './stream.ts'

const SIGNATURE = new Uint8Array(64).fill(3)

function frameOf(bytes: number, keyframe = false): StreamFrame {
  const data = Uint8Array.from({ length: bytes }, (_, i) => i % 251)
  return { kind: 'video', timestamp: bytes, keyframe, data }
}

function cutAll(frames: readonly StreamFrame[]): ReturnType<typeof fragmentOf>[] {
  const fragmenter = new Fragmenter(4_096)
  return frames
    .flatMap(frame => fragmenter.cut(frame))
    .map(({ header, payload }) => fragmentOf(header, SIGNATURE, payload))
}

describe('a fragment', () => {
  it('has the layout of the protocol', () => {
    const header: FragmentHeader = { number: 258, flags: 5, kind: 'video', timestamp: 3, keyframe: 256 }
    expect([...encodeFragmentHeader(header)]).toEqual([
      0, 0, 0, 0, 0, 0, 1, 2, 5, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0
    ])
    const fragment = fragmentOf(header, SIGNATURE, Uint8Array.of(9, 8))
    expect(decodeFragment(fragment.bytes)).toEqual(fragment)
    expect([...fragment.bytes.subarray(HEADER_BYTES, HEADER_BYTES + 64)]).toEqual([...SIGNATURE])
    expect([...payloadOf(fragment)]).toEqual([9, 8])
  })

  it('is refused when it is cut off or too long, of no kind, without a number, or before its keyframe', () => {
    const header: FragmentHeader = { number: 2, flags: 0, kind: 'audio', timestamp: 0, keyframe: 1 }
    const { bytes } = fragmentOf(header, SIGNATURE, new Uint8Array(0))
    expect(() => decodeFragment(bytes.subarray(1))).toThrow(RangeError)
    const long = fragmentOf(header, SIGNATURE, new Uint8Array(16_385))
    expect(() => decodeFragment(long.bytes)).toThrow(RangeError)
    for (const [at, value] of [
      [9, 0],
      [9, 4],
      [7, 0],
      [25, 3],
      // More than any stream gets to.
      [1, 1]
    ] as const) {
      const changed = bytes.slice()
      changed[at] = value
      expect(() => decodeFragment(changed)).toThrow(RangeError)
    }
  })
})

describe('Fragmenter', () => {
  it('cuts frames evenly, numbers the pieces, and names the latest keyframe in each', () => {
    const cut = cutAll([frameOf(10_000, true), frameOf(0), frameOf(4_096)])
    expect(cut.map(each => [each.number, each.flags, payloadOf(each).byteLength, each.keyframe])).toEqual([
      [1, 5, 3_333, 1],
      [2, 4, 3_334, 1],
      [3, 6, 3_333, 1],
      [4, 3, 0, 1],
      [5, 3, 4_096, 1]
    ])
  })

  it('makes no fragments of more than 16 KiB', () => {
    expect(() => new Fragmenter(16_385)).toThrow(RangeError)
    expect(() => new Fragmenter(0)).toThrow(RangeError)
    expect(new Fragmenter(16_384).cut(frameOf(16_384))).toHaveLength(1)
  })
})

describe('FrameAssembler', () => {
  it('gives every frame, in order, whatever the order in which fragments come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 8 }), fc.nat(), (sizes, seed) => {
        const frames = sizes.map(size => frameOf(size))
        const random = seededRandom(seed)
        const fragments = cutAll(frames)
          .map(fragment => ({ fragment, key: random() }))
          .sort((a, b) => a.key - b.key)
        const assembler = new FrameAssembler()
        assembler.start(1)
        const out = fragments.flatMap(({ fragment }) => assembler.add(fragment))
        expect(out.map(each => (each.type === 'frame' ? [...each.frame.data] : each.type))).toEqual(
          frames.map(({ data }) => [...data])
        )
      }),
      { numRuns: 20 }
    )
  })

  it('tells of a gap once, drops the frames that it breaks, and goes on with the next', () => {
    const fragments = cutAll([frameOf(10_000), frameOf(10_000), frameOf(10)])
    const assembler = new FrameAssembler()
    assembler.start(1)
    // 2 and 4 are missing: of the first frame and of the second.
    const out = fragments
      .filter(({ number }) => number !== 2 && number !== 4)
      .flatMap(each => assembler.add(each))
    expect(out).toEqual([])
    expect(assembler.skip(5).map(({ type }) => type)).toEqual(['gap', 'frame'])
    expect(assembler.add(fragments[1] ?? endOf(2))).toEqual([])
  })

  it('passes over two thousand million numbers at once, and keeps nothing of before', () => {
    const fragments = cutAll([frameOf(10_000), frameOf(10_000), frameOf(10)])
    const assembler = new FrameAssembler()
    assembler.start(1)
    for (const each of fragments.slice(1)) assembler.add(each)
    const startedAtMs = performance.now()
    expect(assembler.skip(2 ** 31).map(({ type }) => type)).toEqual(['gap'])
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
    expect(assembler.kept).toEqual({ fragments: 0, bytes: 0 })
  })

  it('gives up a frame that has no end, and goes on with the next', () => {
    const fragmenter = new Fragmenter(16_384)
    const next = (flags: number, bytes = 16_384): ReturnType<typeof fragmentOf> => {
      const { header } = fragmenter.beat(0)
      return fragmentOf({ ...header, flags, kind: 'video' }, SIGNATURE, new Uint8Array(bytes))
    }
    const assembler = new FrameAssembler()
    assembler.start(1)
    const out = [next(1), ...Array.from({ length: 300 }, () => next(0))].flatMap(each => assembler.add(each))
    expect(out.map(({ type }) => type)).toEqual(['gap'])
    expect(assembler.kept.bytes).toBe(0)
    for (const each of [next(1, 0), ...Array.from({ length: 9_000 }, () => next(0, 0))])
      out.push(...assembler.add(each))
    expect(out.map(({ type }) => type)).toEqual(['gap', 'gap'])
    expect(assembler.add(next(3)).map(({ type }) => type)).toEqual(['frame'])
  })

  it('begins where it is told, with a whole frame, and ends with the stream', () => {
    const fragments = cutAll([frameOf(10_000), frameOf(10)])
    const assembler = new FrameAssembler()
    assembler.start(2)
    const out = [...fragments, endOf(5)].flatMap(each => assembler.add(each))
    expect(out.map(({ type }) => type)).toEqual(['frame', 'end'])
  })
})
