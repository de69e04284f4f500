import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Output } from '../../../src/cli/output.ts'
import { TransferDisplay } from '../../../src/cli/transfer-display.ts'
import { TransferRate } from '../../../src/cli/transfer-rate.ts'
import { Screen } from './screen.ts'

const MIB = 2 ** 20

describe('TransferRate', () => {
  test('is what came in the last five seconds', () => {
    const rate = new TransferRate()
    for (let second = 0; second <= 20; second++)
      rate.add(second < 10 ? 0 : (second - 10) * 100, second * 1_000)
    expect(rate.at(20_000)).toBe(100)
  })

  test('falls when nothing more comes', () => {
    const rate = new TransferRate()
    rate.add(0, 0)
    rate.add(1_000, 1_000)
    expect(rate.at(1_000)).toBe(1_000)
    expect(rate.at(10_000)).toBe(100)
    rate.add(1_000, 10_000)
    rate.add(1_000, 16_000)
    expect(rate.at(16_000)).toBe(0)
  })

  test('is 0 before there is anything to tell it by', () => {
    const rate = new TransferRate()
    expect(rate.at(5)).toBe(0)
    rate.add(700, 5)
    expect(rate.at(5)).toBe(0)
  })
})

describe('TransferDisplay', () => {
  let nowMs: number
  beforeEach(() => {
    nowMs = 0
  })
  const half = { bytes: 32 * MIB, totalBytes: 64 * MIB, peers: 3 }

  describe('on a terminal', () => {
    let screen: Screen
    let output: Output
    let display: TransferDisplay
    beforeEach(() => {
      screen = new Screen(120)
      output = new Output({ json: false, stdout: screen, stderr: screen })
      display = new TransferDisplay({ output, name: 'film.mp4', stream: screen, nowMs: () => nowMs })
    })
    afterEach(() => display.stop())

    test('draws a bar with rate, peers and time left', () => {
      display.update({ bytes: 0, totalBytes: 64 * MIB, peers: 3 })
      nowMs = 4_000
      display.update(half)
      display.stop()
      expect(screen.text).toBe(
        'film.mp4 ██████████░░░░░░░░░░ 50 %, 32 MiB of 64 MiB, 8 MiB/s, 3 peers, 4 s left'
      )
    })

    test('lets lines come above the bar, which stays one', () => {
      display.update(half)
      output.result({ code: 'Cli.Test', level: 'status' }, 'a line')
      output.warn({ code: 'Cli.Test', level: 'warning' }, 'another')
      display.stop()
      output.result({ code: 'Cli.Test', level: 'status' }, 'and one below')
      const lines = screen.text.split('\n')
      expect(lines[0]).toBe('a line')
      expect(lines[1]).toContain('another')
      expect(lines[2]).toMatch(/^film\.mp4 █+░+ 50 %/)
      expect(lines[3]).toBe('and one below')
    })

    test('shows a name of a stranger as text and shortened', () => {
      const evil = new TransferDisplay({ output, name: '{bar}\u001b[2J' + 'x'.repeat(50), stream: screen })
      evil.update(half)
      evil.stop()
      expect(screen.text).toMatch(/^\{bar\}\\x1b\[2Jx{11}… █/)
    })

    test('is full for an empty file', () => {
      display.update({ bytes: 0, totalBytes: 0, peers: 0 })
      display.stop()
      expect(screen.text).toBe('film.mp4 ████████████████████ 100 %, 0 bytes of 0 bytes, 0 peers')
    })
  })

  describe('elsewhere', () => {
    const make = (json: boolean): { display: TransferDisplay; lines: () => string[] } => {
      const stream = new PassThrough({ encoding: 'utf8' })
      const output = new Output({ json, stdout: stream, stderr: stream })
      const display = new TransferDisplay({ output, name: 'film.mp4', stream, nowMs: () => nowMs })
      return {
        display,
        lines: () =>
          String(stream.read() ?? '')
            .split('\n')
            .slice(0, -1)
      }
    }

    test('tells in a line, at most every five seconds, and once when all is there', () => {
      const { display, lines } = make(false)
      for (nowMs = 0; nowMs < 10_000; nowMs += 100)
        display.update({ bytes: nowMs * 1_000, totalBytes: 9_900_000, peers: 1 })
      expect(lines()).toEqual([
        'film.mp4: 0 %, 0 bytes of 9.4 MiB, 0 bytes/s, 1 peer',
        'film.mp4: 50 %, 4.8 MiB of 9.4 MiB, 977 KiB/s, 1 peer, 5 s left',
        'film.mp4: 100 %, 9.4 MiB of 9.4 MiB, 1 peer'
      ])
      display.update({ bytes: 9_900_000, totalBytes: 9_900_000, peers: 1 })
      expect(lines()).toEqual([])
    })

    test('with --json tells in rows, at most one a second', () => {
      const { display, lines } = make(true)
      for (nowMs = 0; nowMs <= 2_000; nowMs += 100)
        display.update({ bytes: nowMs, totalBytes: 10_000, peers: 2 })
      expect(lines().map(line => JSON.parse(line))).toEqual([
        { code: 'Cli.Progress', level: 'status', bytes: 0, totalBytes: 10_000, bytesPerSecond: 0, peers: 2 },
        expect.objectContaining({ bytes: 1_000, bytesPerSecond: 1_000, secondsLeft: 9 }),
        expect.objectContaining({ bytes: 2_000, bytesPerSecond: 1_000, secondsLeft: 8 })
      ])
    })
  })
})
