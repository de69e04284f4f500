import { beforeAll, describe, expect, test } from 'vitest'
import { MAX_CHUNK_BYTES, type StreamChunk } from '../../../../src/cli/containers/chunk.ts'
import { chunkerFor, detectFormat } from '../../../../src/cli/containers/container-format.ts'
import { seededRandom } from '../../../../src/shared/seeded-random.ts'
import { decode, makeSample, SAMPLE_NAMES, whyNoFFmpeg } from '../../../support/ffmpeg.ts'
import { bodiesOf, cut, from } from './cutting.ts'

const whyNot = whyNoFFmpeg()
if (whyNot !== undefined) console.warn(`streams of ffmpeg's: skipped, as ${whyNot}`)

describe.skipIf(whyNot !== undefined).each(SAMPLE_NAMES)('a stream of ffmpeg’s, %s,', name => {
  const isSound = name.includes('sound')
  let bytes: Uint8Array
  let chunks: StreamChunk[]
  beforeAll(() => {
    bytes = makeSample(name)
    chunks = cut(chunkerFor('auto'), bytes, () => 32 * 1024)
  })

  test('is known by its first bytes', () => {
    expect(detectFormat(bytes.subarray(0, 1_000), false)).toBe(name.includes('mpegts') ? 'mpegts' : 'webm')
  })

  test('is the same bytes again, however it comes', () => {
    expect(bodiesOf(chunks).equals(bytes)).toBe(true)
    const random = seededRandom(1)
    const pieces = cut(chunkerFor('auto'), bytes, () => 1 + Math.floor(random() * 3_000))
    expect(bodiesOf(pieces).equals(bytes)).toBe(true)
    const places = (all: readonly StreamChunk[]): number[] =>
      all.flatMap((chunk, index) => (chunk.keyframe ? [bodiesOf(all.slice(0, index)).length] : []))
    expect(places(pieces)).toEqual(places(chunks))
  })

  test('is cut small, and its time goes from 0 to its end', () => {
    expect(Math.max(...chunks.map(chunk => chunk.data.length))).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
    const times = chunks.map(chunk => chunk.timestamp)
    expect(times[0]).toBe(0)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.at(-1)).toBeGreaterThan(3_600_000)
    expect(times.at(-1)).toBeLessThan(4_200_000)
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.max(...steps)).toBeLessThan(isSound ? 600_000 : 150_000)
  })

  test('can be decoded without a complaint from each place where one may start', async () => {
    const starts = chunks.flatMap((chunk, index) => (chunk.mayStart ? [index] : []))
    expect(starts.length).toBeGreaterThanOrEqual(isSound ? 8 : 4)
    const whole = await decode(bytes, isSound ? 'a' : 'v')
    for (const start of [starts[1], starts[3], starts.at(-1)] as number[]) {
      const { complaints, frames, isFirstKeyframe } = await decode(from(chunks, start), isSound ? 'a' : 'v')
      expect({ complaints, isFirstKeyframe }).toEqual({ complaints: '', isFirstKeyframe: true })
      expect(frames).toBeGreaterThan(0)
      if (start === starts.at(-1)) expect(frames).toBeLessThan(whole.frames / 3)
    }
  })
})
