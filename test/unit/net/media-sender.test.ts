import type { Logger, Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { ClassScheduler } from '../../../src/net/class-scheduler.ts'
import { MediaSender } from '../../../src/net/multicast/media-sender.ts'
import type { NeighborLink } from '../../../src/net/neighbor-link.ts'
import type { SideStreams } from '../../../src/net/side-streams.ts'
import { MAX_WAITING_FRAGMENT_BYTES } from '../../../src/wire/limits.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('MediaSender', () => {
  it('holds no more for a neighbor that takes nothing than its bound, whatever is handed to it', () => {
    const sender = new MediaSender(
      { transport: 'tcp', scheduler: new ClassScheduler() } as unknown as NeighborLink,
      // It is never opened.
      { open: () => new Promise<Stream>(() => {}) } as unknown as SideStreams,
      new VirtualClock(),
      (() => {}) as unknown as Logger
    )
    let done = 0
    const handOut = (isPulled: boolean): void => {
      const bytes = new Uint8Array(16_384)
      sender.send({ stream: new Uint8Array(8), kind: 'video', bytes, isPulled, onDone: () => (done += 1) })
    }
    const most = MAX_WAITING_FRAGMENT_BYTES / 16_384
    for (let i = 0; i < most; i++) handOut(i % 2 === 0)
    expect(done).toBe(0)
    for (let i = 0; i < 10; i++) handOut(true)
    expect(done).toBe(10)
    expect(sender.next('video')?.counted).toBeGreaterThan(16_384)
    handOut(false)
    expect(done).toBe(11)
    sender.onReset()
    expect(done).toBe(most + 11)
    handOut(false)
    expect(done).toBe(most + 11)
  })
})
