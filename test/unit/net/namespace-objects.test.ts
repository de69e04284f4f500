import type { Logger } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { NamespaceObjects } from '../../../src/net/namespace-objects.ts'
import type { ObjectListener } from '../../../src/net/object-space.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function make(): { objects: NamespaceObjects; clock: VirtualClock; timers: () => number; sent: number[] } {
  const clock = new VirtualClock()
  let timers = 0
  const sent: number[] = []
  const objects = new NamespaceObjects({
    namespace: 'films',
    clock: {
      now: () => clock.now(),
      setTimer: (callback, afterMs) => {
        timers += 1
        return clock.setTimer(callback, afterMs)
      }
    },
    random: () => 0.5,
    log: (() => {}) as unknown as Logger,
    linkTo: () => undefined,
    send: (_, { index }) => void sent.push(index),
    drop: () => {},
    onFalse: () => {},
    onEmpty: () => {}
  })
  return { objects, clock, timers: () => timers, sent }
}

describe('objects of a namespace', () => {
  it('that are read until their membership has ended go nowhere, and no timer runs on', async () => {
    const { objects, clock, timers, sent } = make()
    objects.run({ type: 'linkUp', peer: 'ada', isStanding: false })
    const requests: number[] = []
    const listener: ObjectListener = { onRequest: (_, requestID) => void requests.push(requestID) }
    const space = objects.open(listener)
    space.addHave(0, 9)
    space.addWant(10, 19)
    objects.run({ type: 'request', from: 'ada', index: 3 })
    const [requestID = 0] = requests
    objects.end()
    const before = timers()
    expect(space.answer(requestID, Uint8Array.of(1))).toBe('unknown')
    objects.run({ type: 'request', from: 'ada', index: 4 })
    await clock.advance(10_000)
    expect(sent).toEqual([])
    expect(requests).toHaveLength(1)
    expect(timers()).toBe(before)
  })
})
