import { describe, expect, test } from 'vitest'
import { MAX_CHUNK_BYTES, type StreamChunk } from '../../../../src/cli/containers/chunk.ts'
import { MPEGTSChunker } from '../../../../src/cli/containers/mpegts-chunker.ts'
import { seededRandom } from '../../../../src/shared/seeded-random.ts'
import { bodiesOf, cut } from './cutting.ts'
import { more, packet, pat, pmt, unit } from './ts-maker.ts'

const WHOLE = (): number => 2 ** 20

describe('MPEGTSChunker', () => {
  test('a picture with tables directly before it begins a chunk with them', () => {
    const stream = Buffer.concat([
      pat(),
      pmt(),
      unit(0, { isRandomAccess: true }),
      more(),
      pat(),
      pmt(),
      unit(40),
      more()
    ])
    const again = Buffer.concat([pat(), pmt(), unit(80, { isRandomAccess: true }), more()])
    const chunks = cut(new MPEGTSChunker(), Buffer.concat([stream, again]), WHOLE)
    expect(chunks.filter(chunk => chunk.keyframe)).toHaveLength(2)
    expect(chunks.at(-1)).toEqual({
      data: Uint8Array.from(again),
      keyframe: true,
      mayStart: true,
      timestamp: 80_000,
      header: new Uint8Array(0)
    })
  })

  test('a picture without tables before it has the latest ones as its header', () => {
    const entry = unit(40, { isRandomAccess: true })
    const stream = [pat(), pmt(0x24), pat(), pmt(), unit(0), more(), entry, more()]
    const last = cut(new MPEGTSChunker(), Buffer.concat(stream), WHOLE).at(-1)
    expect(last?.keyframe).toBe(true)
    expect(Buffer.from(last?.header ?? []).equals(Buffer.concat([pat(), pmt()]))).toBe(true)
    expect(Buffer.from(last?.data ?? []).equals(Buffer.concat([entry, more()]))).toBe(true)
  })

  test('a picture with only a PAT before it has both tables as its header', () => {
    const stream = [pat(), pmt(), unit(0), more(), pat(), unit(40, { isRandomAccess: true })]
    const last = cut(new MPEGTSChunker(), Buffer.concat(stream), WHOLE).at(-1)
    expect(last?.header).toHaveLength(376)
    expect(last?.data).toHaveLength(376)
  })

  test('stuffing between the tables and the picture does not part them', () => {
    const stream = [
      pat(),
      pmt(),
      unit(0),
      pat(),
      packet(0x1fff),
      pmt(),
      packet(0x1fff),
      unit(40, { isRandomAccess: true })
    ]
    const last = cut(new MPEGTSChunker(), Buffer.concat(stream), WHOLE).at(-1)
    expect(last).toMatchObject({ keyframe: true, header: new Uint8Array(0) })
    expect(last?.data).toHaveLength(5 * 188)
  })

  test.each([
    ['H.264', 0x1b, 0x67, 0x41],
    ['HEVC', 0x24, 0x40, 0x02],
    ['MPEG-2', 0x02, 0xb3, 0x00]
  ])('%s whose muxer marks nothing is known by what begins in it', (_, type, entry, other) => {
    const stream = [pat(), pmt(type), unit(0, { nal: other }), more(), unit(40, { nal: entry }), more()]
    const chunks = cut(new MPEGTSChunker(), Buffer.concat(stream), WHOLE)
    expect(chunks.map(chunk => chunk.keyframe)).toEqual([true, true])
    expect(chunks[1]?.timestamp).toBe(40_000)
  })

  test('sound that is marked is no place to begin beside pictures', () => {
    const sound = packet(0x102, {
      isUnitStart: true,
      isRandomAccess: true,
      payload: [0, 0, 1, 0xc0, 0, 0, 0x80, 0, 0]
    })
    const chunks = cut(new MPEGTSChunker(), Buffer.concat([pat(), pmt(), unit(0), sound, more()]), WHOLE)
    expect(chunks.map(chunk => chunk.keyframe)).toEqual([true])
  })

  test('a stream that jumps in its time goes on from where it was', () => {
    const times = [50_000, 50_030, 10, 40, 90_000_000, 90_000_030]
    const stream = times.map(time => unit(time, { isRandomAccess: true }))
    const chunks = cut(new MPEGTSChunker(), Buffer.concat([pat(), pmt(), ...stream]), WHOLE)
    expect(chunks.map(chunk => chunk.timestamp / 1_000)).toEqual([0, 30, 30, 60, 60, 90])
  })

  test('goes on after what is no packet', () => {
    const noise = Uint8Array.from({ length: 500 }, (_, at) => (at % 7 === 0 ? 0x47 : at & 0xff))
    const entry = [pat(), pmt(), unit(40, { isRandomAccess: true }), more()]
    const stream = Buffer.concat([noise, pat(), pmt(), unit(0), noise, ...entry, ...entry])
    const chunks = cut(new MPEGTSChunker(), stream, WHOLE)
    expect(bodiesOf(chunks).equals(stream)).toBe(true)
    expect(chunks.filter(chunk => chunk.keyframe).length).toBeGreaterThanOrEqual(2)
  })

  test('flush gives away all whole packets', () => {
    const chunker = new MPEGTSChunker()
    const bytes = Buffer.concat([pat(), pmt(), unit(0), more().subarray(0, 100)])
    expect(chunker.push(bytes)).toEqual([])
    expect(bodiesOf(chunker.flush())).toHaveLength(3 * 188)
    expect(bodiesOf(chunker.end())).toHaveLength(100)
  })

  test.each([
    ['noise', 256, 0],
    ['bytes of sync, and others', 2, 0x47],
    ['zeros', 1, 0]
  ])('%s without end is passed on and never held', (_, values, least) => {
    const random = seededRandom(3)
    const chunker = new MPEGTSChunker()
    let [sent, got] = [0, 0]
    for (let piece = 0; piece < 60; piece++) {
      const bytes = Uint8Array.from({ length: 10_000 }, () => least + Math.floor(random() * values))
      sent += bytes.length
      for (const { data } of chunker.push(bytes)) got += data.length
      expect(sent - got).toBeLessThan(2 * MAX_CHUNK_BYTES)
    }
  })

  test('a table that is strung out over too many packets is not kept for late ones', () => {
    const long = Array.from({ length: 170 }, () => 1)
    const begun = packet(0, { isUnitStart: true, payload: [0, 0, 0xb0, 0xc0, ...long] })
    const idle = packet(0)
    idle[3] = 0x20
    const stream = [begun, ...Array.from({ length: 1_000 }, () => idle), packet(0, { payload: long })]
    const chunks = cut(
      new MPEGTSChunker(),
      Buffer.concat([pat(), pmt(), unit(0), ...stream, unit(40, { isRandomAccess: true })]),
      WHOLE
    )
    const starts = chunks.filter(chunk => chunk.keyframe)
    expect(starts).toHaveLength(2)
    expect(starts[1]?.header).toHaveLength(2 * 188)
  })

  test('tables without end, each of them broken, are passed on and never held', () => {
    const chunker = new MPEGTSChunker()
    const wide = packet(0, {
      isUnitStart: true,
      payload: [0, 0, 0xbf, 0xff, ...Array.from({ length: 170 }, () => 1)]
    })
    const table = Buffer.concat([
      wide,
      ...Array.from({ length: 50 }, () => packet(0, { payload: [1, 2, 3] }))
    ])
    let [sent, got] = [0, 0]
    for (let piece = 0; piece < 50; piece++) {
      sent += table.length
      for (const { data } of chunker.push(table)) got += data.length
      expect(sent - got).toBeLessThan(100_000)
    }
  })

  test.each([
    ['from the beginning', []],
    ['behind tables', [pat(), pmt()]],
    ['behind a picture', [pat(), pmt(), unit(0), more()]]
  ])('nothing but stuffing, %s, is passed on and not held until a pause comes', (_, head) => {
    const chunker = new MPEGTSChunker()
    const stuffing = Buffer.concat(Array.from({ length: 50 }, () => packet(0x1fff)))
    const pieces = [Buffer.concat(head), ...Array.from({ length: 50 }, () => stuffing)]
    const chunks: StreamChunk[] = []
    let sent = 0
    for (const piece of pieces) {
      sent += piece.length
      chunks.push(...chunker.push(piece))
      expect(sent - bodiesOf(chunks).length).toBeLessThan(100_000)
    }
    expect(bodiesOf([...chunks, ...chunker.end()]).equals(Buffer.concat(pieces))).toBe(true)
  })

  test('tables with too much stuffing behind them are not kept for the picture, which has them as its header', () => {
    const stuffing = Array.from({ length: 1_000 }, () => packet(0x1fff))
    const entry = unit(40, { isRandomAccess: true })
    const stream = Buffer.concat([pat(), pmt(), unit(0), pat(), pmt(), ...stuffing, entry, more()])
    const chunks = cut(new MPEGTSChunker(), stream, WHOLE)
    expect(bodiesOf(chunks).equals(stream)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({ keyframe: true, timestamp: 40_000 })
    expect(chunks.at(-1)?.header).toHaveLength(2 * 188)
    expect(Buffer.from(chunks.at(-1)?.data ?? []).equals(Buffer.concat([entry, more()]))).toBe(true)
  })
})
