import { describe, expect, test } from 'vitest'
import { byteRate, byteSize, describeBytes, describeSeconds } from '../../../src/cli/byte-size.ts'

describe('byteRate', () => {
  test.each([
    ['500k', 500_000],
    ['2M', 2_000_000],
    ['1.5MiB', 1_572_864],
    ['64KiB/s', 65_536],
    ['100kBps', 100_000],
    ['1000', 1_000]
  ])('%s is %i bytes per second', (text, rate) => {
    expect(byteRate(text)).toBe(rate)
  })

  test.each(['', '0', '-1', '2 Mbit', 'fast', '1e3', '9999999T', '0.2'])('refuses %j', text => {
    expect(() => byteRate(text)).toThrow(/bytes per second, like 500k/)
  })
})

test('byteSize refuses what is no size', () => {
  expect(byteSize('256MiB')).toBe(268_435_456)
  expect(() => byteSize('2M/s')).toThrow(/size like 256MiB/)
})

test.each([
  [0, '0 bytes'],
  [812, '812 bytes'],
  [1_536, '1.5 KiB'],
  [67_108_864, '64 MiB'],
  [150_000_000, '143 MiB'],
  [2 ** 50, '1024 TiB']
])('describeBytes(%i) is %s', (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text)
})

test.each([
  [0.2, '1 s'],
  [59.5, '1 min 0 s'],
  [185, '3 min 5 s'],
  [7_800, '2 h 10 min']
])('describeSeconds(%d) is %s', (seconds, text) => {
  expect(describeSeconds(seconds)).toBe(text)
})
