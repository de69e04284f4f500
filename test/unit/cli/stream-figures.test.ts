import type { NetGroup } from 'netgroup'
import { expect, test } from 'vitest'
import { StreamFigures } from '../../../src/cli/stream-figures.ts'
import type { NetStreamPlayer } from '../../../src/index.ts'

const group = { neighborCount: 2 } as NetGroup
const player = {
  multicastInfo: { sendDataBytesPerSecond: 3_000, sendControlBytesPerSecond: 10.4 }
} as unknown as NetStreamPlayer

test('StreamFigures: rates and the longest delay are of the time since they were asked for last', () => {
  let nowMs = 0
  const figures = new StreamFigures(() => nowMs)
  expect(figures.ofPlayer(group, player, 0)).toMatchObject({
    isLive: false,
    bytesPerSecond: 0,
    copiesSent: 0
  })
  nowMs = 500
  figures.count(1_000)
  for (const ms of [-20, 80, 40, 3_600_000]) figures.delayed(ms)
  expect(figures.ofPlayer(group, player, 4)).toEqual({
    role: 'play',
    isLive: true,
    bytes: 1_000,
    bytesPerSecond: 2_000,
    neighbors: 2,
    sendBytesPerSecond: 3_000,
    sendControlBytesPerSecond: 10,
    copiesSent: 1.5,
    delayMs: 80,
    dropped: 4
  })
  nowMs = 1_500
  expect(figures.ofPlayer(group, player, 4)).toMatchObject({ bytesPerSecond: 0, delayMs: undefined })
})
