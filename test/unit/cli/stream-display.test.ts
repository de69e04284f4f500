import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Output } from '../../../src/cli/output.ts'
import { describeStream, StreamDisplay, type StreamState } from '../../../src/cli/stream-display.ts'
import { Screen } from './screen.ts'

const LIVE: StreamState = {
  role: 'publish',
  isLive: true,
  bytes: 8_600_000,
  bytesPerSecond: 262_500,
  neighbors: 3,
  sendBytesPerSecond: 525_000,
  sendControlBytesPerSecond: 2_000,
  copiesSent: 2,
  delayMs: undefined,
  dropped: 0
}
const TEXT = '2.1 Mbit/s, 3 neighbors, sending 2.0 copies (4.2 Mbit/s), 8.2 MiB'

describe('describeStream', () => {
  test('says what there is to say', () => {
    expect(describeStream(LIVE)).toBe(TEXT)
    expect(describeStream({ ...LIVE, role: 'play', delayMs: 80.4, dropped: 3 })).toContain(
      'delay 80 ms, 3 dropped, '
    )
    expect(describeStream({ ...LIVE, role: 'play', isLive: false, neighbors: 1 })).toBe(
      'waiting for the stream, 1 neighbor'
    )
    expect(describeStream({ ...LIVE, bytesPerSecond: 8_000 })).toMatch(/^64 kbit\/s/)
  })
})

describe('StreamDisplay on a terminal', () => {
  test('is one line that changes, and other lines stand above it', () => {
    const screen = new Screen(100)
    const output = new Output({ json: false, stdout: screen, stderr: screen })
    const display = new StreamDisplay({ output, stream: screen })
    display.tell({ ...LIVE, isLive: false })
    output.note({ code: 'x', level: 'status' }, '+ somebody')
    display.tell(LIVE)
    expect(screen.text).toBe(`+ somebody\n${TEXT}`)
    display.stop()
    display.stop()
    output.note({ code: 'x', level: 'status' }, 'done')
    expect(screen.text).toBe(`+ somebody\n${TEXT}\ndone`)
  })

  test('a line that is too long is cut, not wrapped', () => {
    const screen = new Screen(30)
    const output = new Output({ json: false, stdout: screen, stderr: screen })
    const display = new StreamDisplay({ output, stream: screen })
    display.tell(LIVE)
    display.tell(LIVE)
    expect(screen.text).toBe(TEXT.slice(0, 29).trimEnd())
  })

  test('what goes into a file does not disturb it', () => {
    const [screen, file] = [new Screen(100), new PassThrough()]
    const output = new Output({ json: false, stdout: file, stderr: screen })
    const display = new StreamDisplay({ output, stream: screen })
    display.tell(LIVE)
    output.result({ code: 'x', level: 'status' }, 'G:1')
    expect(String(file.read())).toBe('G:1\n')
    expect(screen.text).toBe(TEXT)
  })
})

describe('StreamDisplay without a terminal', () => {
  test('is a line every 5 s', () => {
    const stderr = new PassThrough()
    let nowMs = 0
    const output = new Output({ json: false, stderr })
    const display = new StreamDisplay({ output, stream: stderr, nowMs: () => nowMs })
    for (; nowMs < 11_000; nowMs += 1_000) display.tell(LIVE)
    expect(String(stderr.read())).toBe(`${TEXT}\n`.repeat(3))
  })

  test('with --json is a row each time', () => {
    const stderr = new PassThrough()
    const display = new StreamDisplay({ output: new Output({ json: true, stderr }), stream: stderr })
    display.tell(LIVE, { multicastInfo: { bytesPushedToPeers: 7 } })
    display.tell(LIVE)
    const rows = String(stderr.read()).trim().split('\n')
    expect(rows.map(row => JSON.parse(row))).toMatchObject([
      { code: 'Cli.Stream.Statistics', bytesPerSecond: 262_500, multicastInfo: { bytesPushedToPeers: 7 } },
      { copiesSent: 2 }
    ])
  })
})
