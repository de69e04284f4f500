import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_CHUNK_BYTES, type StreamChunk } from '../../../../src/cli/containers/chunk.ts'
import { EBMLID } from '../../../../src/cli/containers/ebml.ts'
import { WebMChunker } from '../../../../src/cli/containers/webm-chunker.ts'
import { seededRandom } from '../../../../src/shared/seeded-random.ts'
import { bodiesOf, cut } from './cutting.ts'

const WHOLE = (): number => 2 ** 20
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]

function bytesOf(value: number): number[] {
  return value < 256 ? [value] : [...bytesOf(Math.floor(value / 256)), value % 256]
}

function element(
  id: number,
  content: readonly number[],
  size = [0x40 | (content.length >> 8), content.length & 0xff]
): number[] {
  return [...bytesOf(id), ...size, ...content]
}

const EBML = element(EBMLID.EBML, [0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d])
const SEGMENT = element(EBMLID.SEGMENT, [], UNKNOWN)
const INFO = element(EBMLID.INFO, element(EBMLID.TIMESTAMP_SCALE, bytesOf(1_000_000)))
const SEEK_HEAD = element(EBMLID.SEEK_HEAD, [0xec, 0x80])
const TAGS = element(EBMLID.TAGS, [0xec, 0x80])
const track = (number: number, type: number): number[] =>
  element(EBMLID.TRACK_ENTRY, [
    ...element(EBMLID.TRACK_NUMBER, [number]),
    ...element(EBMLID.TRACK_TYPE, [type])
  ])
const TRACKS = element(EBMLID.TRACKS, [...track(1, 1), ...track(2, 2)])
const HEAD = [...EBML, ...SEGMENT, ...SEEK_HEAD, ...INFO, ...TRACKS, ...TAGS]

const block = (trackNumber: number, ms: number, isKeyframe: boolean): number[] =>
  element(EBMLID.SIMPLE_BLOCK, [0x80 | trackNumber, ms >> 8, ms & 0xff, isKeyframe ? 0x80 : 0, 1, 2, 3])
const group = (ms: number, ...others: number[]): number[] =>
  element(EBMLID.BLOCK_GROUP, [...element(EBMLID.BLOCK, [0x81, ms >> 8, ms & 0xff, 0, 1, 2, 3]), ...others])
function cluster(ms: number, ...blocks: number[][]): number[] {
  return element(EBMLID.CLUSTER, [...element(EBMLID.TIMESTAMP, bytesOf(ms)), ...blocks.flat()], UNKNOWN)
}
const sized = (ms: number, ...blocks: number[][]): number[] =>
  element(EBMLID.CLUSTER, [...element(EBMLID.TIMESTAMP, bytesOf(ms)), ...blocks.flat()])

/** As {@link cut}; what loops for ever fails after 2 s, since nothing else could end the test. */
function cutInTime(stream: Uint8Array, pieceBytes: () => number): StreamChunk[] {
  let chunks: StreamChunk[] = []
  const run = (): void => {
    chunks = cut(new WebMChunker(), stream, pieceBytes)
  }
  runInNewContext('run()', { run }, { timeout: 2_000 })
  return chunks
}

/** Some bytes taken out of a stream, so many thousandths of it behind its beginning, and others put there. */
interface Edit {
  thousandths: number
  removed: number
  added: readonly number[]
}

const edits: fc.Arbitrary<Edit> = fc.record({
  thousandths: fc.integer({ min: 0, max: 999 }),
  removed: fc.integer({ min: 0, max: 12 }),
  added: fc.oneof(
    fc.uint8Array({ maxLength: 12 }).map(bytes => [...bytes]),
    fc.constantFrom(...Object.values(EBMLID)).map(bytesOf),
    fc.constantFrom([0], [0xff], UNKNOWN)
  )
})

function edited(stream: readonly number[], changes: readonly Edit[]): number[] {
  return changes.reduce<number[]>(
    (bytes, { thousandths, removed, added }) =>
      bytes.toSpliced(Math.floor((thousandths * bytes.length) / 1_000), removed, ...added),
    [...stream]
  )
}

describe('WebMChunker', () => {
  test.each([
    ['known', sized],
    ['unknown', cluster]
  ])(
    'clusters of %s size that begin with a keyframe begin chunks, with what decoders need as their header',
    (_, make) => {
      const clusters = [
        make(0, block(2, 0, true), block(1, 0, true), block(1, 40, false)),
        make(80, block(1, 0, false)),
        make(120, block(1, 0, true), block(1, 10, false))
      ]
      const stream = Uint8Array.from([...HEAD, ...clusters.flat()])
      for (const pieceBytes of [WHOLE, () => 1, () => 7]) {
        const chunks = cut(new WebMChunker(), stream, pieceBytes)
        expect(bodiesOf(chunks).equals(stream)).toBe(true)
        const starts = chunks.filter(chunk => chunk.keyframe)
        expect(starts.map(chunk => chunk.timestamp)).toEqual([0, 120_000])
        expect([...(starts[1]?.header ?? [])]).toEqual([...EBML, ...SEGMENT, ...INFO, ...TRACKS])
        expect([...(starts[1]?.data ?? [])]).toEqual(clusters[2])
      }
    }
  )

  test('a group with a reference to another picture is no place to begin, one without is', () => {
    const clusters = [
      cluster(0),
      cluster(0, group(0, ...element(EBMLID.REFERENCE_BLOCK, [1]))),
      cluster(40, group(0), block(1, 20, false)),
      cluster(80, group(0))
    ]
    const chunks = cut(new WebMChunker(), Uint8Array.from([...HEAD, ...clusters.flat()]), WHOLE)
    const starts = chunks.filter(chunk => chunk.keyframe)
    // The last is at its end before it is known.
    expect(starts.map(chunk => chunk.timestamp)).toEqual([0, 40_000, 80_000])
  })

  test('without pictures one may begin at each cluster', () => {
    const head = [...EBML, ...SEGMENT, ...INFO, ...element(EBMLID.TRACKS, track(2, 2))]
    const clusters = [0, 500, 1_000].flatMap(ms => cluster(ms, block(2, 0, true)))
    const chunks = cut(new WebMChunker(), Uint8Array.from([...head, ...clusters]), WHOLE)
    expect(chunks.filter(chunk => chunk.keyframe).map(chunk => chunk.timestamp / 1_000)).toEqual([
      0, 500, 1_000
    ])
  })

  test('a stream that follows another begins with its own header', () => {
    const other = [...EBML, ...SEGMENT, ...INFO, ...element(EBMLID.TRACKS, track(7, 1))]
    const first = [...other, ...cluster(0, block(7, 0, true))]
    const second = cluster(20, block(7, 0, true))
    const stream = [...HEAD, ...cluster(50, block(1, 0, true)), ...first, ...second]
    const chunks = cut(new WebMChunker(), Uint8Array.from(stream), WHOLE)
    expect(chunks.map(chunk => chunk.keyframe)).toEqual([true, false, true, false, true])
    // Directly behind the header nobody shall begin who can have that too; who has missed it may.
    expect(chunks.map(chunk => chunk.mayStart)).toEqual([true, true, true, true, true])
    expect(chunks.slice(2).map(chunk => [...chunk.header])).toEqual([[], other, other])
    expect(chunks.slice(2).map(chunk => [...chunk.data])).toEqual([other, first.slice(other.length), second])
  })

  test('goes on at the next cluster after what is no element', () => {
    const entry = cluster(40, block(1, 0, true))
    const stream = Uint8Array.from([
      ...HEAD,
      ...cluster(0, block(1, 0, true)),
      ...new Array(1_000).fill(0),
      ...entry
    ])
    const chunks = cut(new WebMChunker(), stream, () => 100)
    expect(bodiesOf(chunks).equals(stream)).toBe(true)
    expect([...(chunks.at(-1)?.data ?? [])]).toEqual(entry)
    expect(chunks.at(-1)?.keyframe).toBe(true)
  })

  test.each([
    ['longer than can be said', [0x00]],
    ['beyond what a number can be', [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]]
  ])('a cluster whose size is %s does not stop it: it goes on at the next', (_, size) => {
    const entry = cluster(40, block(1, 0, true))
    const broken = element(EBMLID.CLUSTER, [], size)
    const stream = Uint8Array.from([
      ...HEAD,
      ...cluster(0, block(1, 0, true)),
      ...broken,
      ...broken,
      ...entry
    ])
    for (const pieceBytes of [WHOLE, () => 1, () => 7]) {
      const chunks = cutInTime(stream, pieceBytes)
      expect(bodiesOf(chunks).equals(stream)).toBe(true)
      expect([...(chunks.at(-1)?.data ?? [])]).toEqual(entry)
      expect(chunks.at(-1)?.keyframe).toBe(true)
    }
  })

  test('clusters of a few bytes behind a long header do not take a copy of that each', () => {
    const long = element(0xec, new Array<number>(100_000).fill(1), [0x10, 0x01, 0x86, 0xa0])
    const tracks = [...track(1, 1), ...long]
    const size = [0x10, tracks.length >> 16, (tracks.length >> 8) & 0xff, tracks.length & 0xff]
    const head = [...EBML, ...SEGMENT, ...INFO, ...element(EBMLID.TRACKS, tracks, size)]
    const empty = Array.from({ length: 10_000 }, () => element(EBMLID.CLUSTER, [], [0x80])).flat()
    const stream = Uint8Array.from([...head, ...empty, ...cluster(0, block(1, 0, true))])
    expect(bodiesOf(cutInTime(stream, () => 10_000)).equals(stream)).toBe(true)
  })

  test('a stream that is broken anywhere, in any pieces, comes to its end with the same bytes', () => {
    const clusters = [
      sized(0, block(1, 0, true), block(2, 5, true)),
      cluster(40, group(0), group(20, ...element(EBMLID.REFERENCE_BLOCK, [1]))),
      cluster(80, block(2, 0, true), block(1, 0, true))
    ]
    const whole = [...HEAD, ...clusters.flat()]
    fc.assert(
      fc.property(
        fc.array(edits, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 }),
        (changes, sizes) => {
          const stream = Uint8Array.from(edited(whole, changes))
          let piece = 0
          const chunks = cutInTime(stream, () => sizes[piece++ % sizes.length] ?? 1)
          expect(bodiesOf(chunks).equals(stream)).toBe(true)
        }
      ),
      { numRuns: 1_000, endOnFailure: true }
    )
  })

  test('flush gives away what is decided, and what is open in a cluster waits', () => {
    const chunker = new WebMChunker()
    const head = [...HEAD, ...cluster(0, block(1, 0, true))]
    const open = cluster(0, block(2, 0, true))
    const given = [...chunker.push(Uint8Array.from([...head, ...open])), ...chunker.flush()]
    expect(bodiesOf(given)).toHaveLength(head.length)
    chunker.push(Uint8Array.from(block(1, 0, true)))
    const [start] = chunker.flush()
    expect(start?.keyframe).toBe(true)
    expect(start?.data).toHaveLength(open.length + block(1, 0, true).length)
  })

  test('a block is not parted, unless it is longer than a chunk', () => {
    const long = element(EBMLID.SIMPLE_BLOCK, [0x81, 0, 40, 0, ...new Array<number>(10_000).fill(1)])
    const longest = element(
      EBMLID.SIMPLE_BLOCK,
      [0x81, 0, 80, 0, ...new Array<number>(50_000).fill(1)],
      [0x10, 0, 50_004 >> 8, 50_004 & 0xff]
    )
    const head = [...HEAD, ...cluster(0, block(1, 0, true))]
    const stream = Uint8Array.from([...head, ...long, ...long, ...longest, ...long])
    const chunks = cut(new WebMChunker(), stream, () => 1_000)
    expect(bodiesOf(chunks).equals(stream)).toBe(true)
    const places = chunks.map((_, index) => bodiesOf(chunks.slice(0, index)).length)
    expect(places).toContain(head.length + 2 * long.length)
    expect(Math.max(...chunks.map(chunk => chunk.data.length))).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
    expect(places.at(-1)).toBe(stream.length - long.length)
  })

  test('flush keeps a block that is not all there', () => {
    const chunker = new WebMChunker()
    const head = [...HEAD, ...cluster(0, block(1, 0, true))]
    const part = Uint8Array.from([...head, ...block(1, 40, false).slice(0, -1)])
    expect(bodiesOf([...chunker.push(part), ...chunker.flush()])).toHaveLength(head.length)
    expect(bodiesOf(chunker.end())).toHaveLength(block(1, 40, false).length - 1)
  })

  const endless: [string, number[]][] = [
    ['an element without end', [...EBML, ...SEGMENT, 0xec, 0x01, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    [
      'a header whose tracks have no end',
      [...EBML, ...SEGMENT, ...bytesOf(EBMLID.TRACKS), 0x08, 0xff, 0xff, 0xff, 0xff]
    ],
    ['a header of unknown size', [...bytesOf(EBMLID.EBML), ...UNKNOWN]],
    ['a cluster without a picture', [...HEAD, ...cluster(0)]],
    ['noise', HEAD]
  ]
  test.each(endless)('%s is passed on, with little held', (name, head) => {
    const random = seededRandom(5)
    const sound = block(2, 0, true)
    const chunker = new WebMChunker()
    let got = bodiesOf(chunker.push(Uint8Array.from(head))).length
    let sent = head.length
    for (let piece = 0; piece < 100; piece++) {
      const bytes = name.includes('picture')
        ? Uint8Array.from(Array.from({ length: 900 }, () => sound).flat())
        : Uint8Array.from({ length: 9_000 }, () => Math.floor(random() * 256))
      sent += bytes.length
      for (const { data } of chunker.push(bytes)) {
        got += data.length
        expect(data.length).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
      }
      expect(sent - got).toBeLessThan(300 * 1024)
    }
    expect(got + bodiesOf(chunker.end()).length).toBe(sent)
  })
})
