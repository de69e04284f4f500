import { expect, it } from 'vitest'
import { type FileProgress, ProgressMeter } from '../../../src/net/files/progress-meter.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

it('tells at its end what was not told yet, and nothing afterwards', async () => {
  const clock = new VirtualClock()
  const told: FileProgress[] = []
  const meter = new ProgressMeter({ clock, listener: progress => told.push(progress), peers: () => 1 })
  meter.onSent(100)
  meter.onSent(20)
  expect(told.map(({ uploadedBytes }) => uploadedBytes)).toEqual([100])
  meter.close()
  meter.onSent(3)
  await clock.advance(10_000)
  expect(told.map(({ uploadedBytes }) => uploadedBytes)).toEqual([100, 120])
})
