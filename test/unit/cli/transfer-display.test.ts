import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Output } from '../../../src/cli/output.ts'
import { TransferDisplay, type TransferState } from '../../../src/cli/transfer-display.ts'
import { Screen } from './screen.ts'

const MIB = 2 ** 20
const SEARCHING: TransferState = {
  state: 'searching',
  name: undefined,
  bytes: 0,
  totalBytes: 0,
  peers: 0,
  bytesPerSecond: 0,
  uploadedBytes: 0,
  uploadBytesPerSecond: 0
}
const HALF: TransferState = {
  ...SEARCHING,
  state: 'fetching',
  name: 'film.mp4',
  bytes: 32 * MIB,
  totalBytes: 64 * MIB,
  peers: 3,
  bytesPerSecond: 8 * MIB
}

describe('TransferDisplay on a terminal', () => {
  let screen: Screen
  let output: Output
  let display: TransferDisplay
  beforeEach(() => {
    screen = new Screen(120)
    output = new Output({ json: false, stdout: screen, stderr: screen })
    display = new TransferDisplay({ output, stream: screen })
  })
  afterEach(() => display.stop())

  test('draws a bar with rate, peers and time left', () => {
    display.update(SEARCHING)
    display.update(HALF)
    display.stop()
    expect(screen.text).toBe(
      '██████████░░░░░░░░░░ film.mp4: 50 %, 32 MiB of 64 MiB, 8 MiB/s, 3 peers, 4 s left'
    )
  })

  test('says what it does before anything comes, and after all has come', () => {
    display.update({ ...SEARCHING, peers: 1 })
    display.stop()
    expect(screen.text).toBe('░░░░░░░░░░░░░░░░░░░░ looking for somebody who has it, 1 peer')
    display.update({
      ...HALF,
      state: 'complete',
      bytes: 64 * MIB,
      uploadedBytes: 1.5 * MIB,
      uploadBytesPerSecond: 100
    })
    display.stop()
    expect(screen.text.split('\n')[1]).toBe(
      '████████████████████ film.mp4: all here, 64 MiB, 1.5 MiB given, 100 bytes/s, 3 peers'
    )
  })

  test('lets lines come above the bar, which stays one', () => {
    display.update(HALF)
    output.result({ code: 'Cli.Test', level: 'status' }, 'a line')
    output.warn({ code: 'Cli.Test', level: 'warning' }, 'another')
    display.stop()
    output.result({ code: 'Cli.Test', level: 'status' }, 'and one below')
    const [first, second, bar, last] = screen.text.split('\n')
    expect([first, second, last]).toEqual(['a line', 'another', 'and one below'])
    expect(bar).toMatch(/^█+░+ film\.mp4: 50 %/)
  })

  test('shows a name of a stranger as text and shortened', () => {
    display.update({ ...HALF, name: '{bar}\u001b[2J' + 'x'.repeat(50) })
    display.stop()
    expect(screen.text).toMatch(/ \{bar\}\\x1b\[2Jx{11}…: 50 %/)
  })

  test('is full for an empty file', () => {
    display.update({ ...SEARCHING, state: 'complete' })
    display.stop()
    expect(screen.text).toMatch(/^█{20} all here, 0 bytes/)
  })
})

describe('TransferDisplay elsewhere', () => {
  let nowMs: number
  beforeEach(() => {
    nowMs = 0
  })
  const make = (json: boolean): { display: TransferDisplay; lines: () => string[] } => {
    const stream = new PassThrough({ encoding: 'utf8' })
    const output = new Output({ json, stdout: stream, stderr: stream })
    const display = new TransferDisplay({ output, stream, nowMs: () => nowMs })
    const lines = (): string[] =>
      String(stream.read() ?? '')
        .split('\n')
        .slice(0, -1)
    return { display, lines }
  }

  test('tells in a line: at once when it does something else, and every five seconds', () => {
    const { display, lines } = make(false)
    display.update(SEARCHING)
    for (; nowMs < 10_000; nowMs += 100)
      display.update({ ...HALF, bytes: nowMs * 1_000, totalBytes: 10_000_000 })
    display.update({ ...HALF, state: 'complete', bytes: 10_000_000, totalBytes: 10_000_000 })
    expect(lines()).toEqual([
      'looking for somebody who has it, 0 peers',
      'film.mp4: 0 %, 0 bytes of 9.5 MiB, 8 MiB/s, 3 peers, 2 s left',
      'film.mp4: 50 %, 4.8 MiB of 9.5 MiB, 8 MiB/s, 3 peers, 1 s left',
      'film.mp4: all here, 9.5 MiB, 0 bytes given, 0 bytes/s, 3 peers'
    ])
  })

  test('says the same thing once', () => {
    const { display, lines } = make(false)
    for (; nowMs < 60_000; nowMs += 1_000) display.update(SEARCHING)
    expect(lines()).toHaveLength(1)
  })

  test('tells at the end how far it was last', () => {
    const { display, lines } = make(true)
    display.update(HALF)
    display.update({ ...HALF, bytes: HALF.bytes + 1 })
    display.stop()
    display.stop()
    expect(lines().map(line => JSON.parse(line).bytes)).toEqual([HALF.bytes, HALF.bytes + 1])
  })

  test('with --json tells in rows, at most one a second', () => {
    const { display, lines } = make(true)
    for (; nowMs <= 2_000; nowMs += 100)
      display.update({ ...HALF, bytes: nowMs, totalBytes: 10_000, bytesPerSecond: 1_000 })
    const row = {
      code: 'Cli.Progress',
      level: 'status',
      state: 'fetching',
      totalBytes: 10_000,
      peers: 3,
      bytesPerSecond: 1_000,
      uploadedBytes: 0,
      uploadBytesPerSecond: 0
    }
    expect(lines().map(line => JSON.parse(line))).toEqual([
      { ...row, bytes: 0, secondsLeft: 10 },
      { ...row, bytes: 1_000, secondsLeft: 9 },
      { ...row, bytes: 2_000, secondsLeft: 8 }
    ])
  })
})
