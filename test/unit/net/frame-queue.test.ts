import '../../../src/platform/polyfill.ts'
import { describe, expect, it } from 'vitest'
import type { StreamFrame } from '../../../src/core/multicast/fragmenter.ts'
import { FrameQueue } from '../../../src/net/multicast/frame-queue.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function frame(number: number, keyframe = false, bytes = 10): StreamFrame {
  return { kind: 'video', timestamp: 40_000 * number, keyframe, data: new Uint8Array(bytes) }
}

const MAX_WAIT_MS = 8_000

/** A queue that hands out nothing yet, what it has dropped, and its clock. */
function heldQueue(maxBytes?: number): { queue: FrameQueue; dropped: number[]; clock: VirtualClock } {
  const dropped: number[] = []
  const clock = new VirtualClock()
  const queue = new FrameQueue({
    clock,
    maxWaitMs: () => MAX_WAIT_MS,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    onDropped: ({ timestamp }) => dropped.push(timestamp / 40_000)
  })
  return { queue, dropped, clock }
}

/** A queue that hands out at once, and what it has dropped. */
function openQueue(maxBytes?: number): { queue: FrameQueue; dropped: number[] } {
  const { queue, dropped } = heldQueue(maxBytes)
  queue.release()
  return { queue, dropped }
}

/** All that is read until the end: numbers, and a dash where something is missing. */
async function read(queue: FrameQueue): Promise<string> {
  let text = ''
  for (;;) {
    const next = await queue.next()
    text += `${next.isAfterGap ? '- ' : ''}${next.type === 'end' ? 'end' : `${next.frame.timestamp / 40_000} `}`
    if (next.type === 'end') return text
  }
}

describe('FrameQueue', () => {
  it('says where something is missing, and not before what was there', async () => {
    const { queue } = openQueue()
    queue.push(frame(1))
    queue.push(frame(2))
    queue.gap()
    queue.push(frame(4))
    queue.push(frame(5))
    queue.end()
    expect(await read(queue)).toBe('1 2 - 4 5 end')
  })

  it('says so when the end itself is missing', async () => {
    const { queue } = openQueue()
    queue.push(frame(1))
    queue.gap()
    queue.end()
    expect(await read(queue)).toBe('1 - end')
  })

  it('drops the oldest up to the last keyframe when too much waits', async () => {
    const { queue, dropped } = openQueue(50)
    for (let number = 1; number <= 6; number++) queue.push(frame(number, number === 4))
    queue.end()
    expect(dropped).toEqual([1, 2, 3])
    expect(queue.waiting.map(({ timestamp }) => timestamp / 40_000)).toEqual([4, 5, 6])
    expect(queue.bytes).toBe(30)
    expect(await read(queue)).toBe('- 4 5 6 end')
  })

  it('hands out nothing until it is released', async () => {
    const { queue } = heldQueue()
    queue.push(frame(1))
    let isRead = false
    const next = queue.next().then(() => {
      isRead = true
    })
    await Promise.resolve()
    expect(isRead).toBe(false)
    queue.release()
    await next
  })

  it('drops what its reader does not take in time, whatever its timestamps are', async () => {
    const { queue, dropped, clock } = heldQueue()
    queue.release()
    // Audio from zero and video by the time of day.
    for (let number = 1; number <= 4; number++)
      queue.push({ ...frame(number), timestamp: 40_000 * number * (number % 2 === 0 ? 1 : 1e9) })
    expect(dropped).toEqual([])
    await clock.advance(MAX_WAIT_MS + 1)
    queue.push(frame(5))
    expect(dropped).toHaveLength(4)
    queue.end()
    expect(await read(queue)).toBe('- 5 end')
  })

  it('keeps what it may not hand out yet, however long that takes', async () => {
    const { queue, dropped, clock } = heldQueue()
    queue.push(frame(1))
    await clock.advance(2 * MAX_WAIT_MS)
    queue.push(frame(2))
    queue.end()
    expect(dropped).toEqual([])
    expect(await read(queue)).toBe('1 2 end')
  })

  it('tells of a missing end once', async () => {
    const { queue } = openQueue()
    queue.gap()
    queue.end()
    expect(await read(queue)).toBe('- end')
    expect(await read(queue)).toBe('end')
  })

  it('has one reader at a time, who may go and leave the frames to another', async () => {
    const { queue } = openQueue()
    const leaving = new AbortController()
    const first = queue.next(leaving.signal)
    await expect(queue.next()).rejects.toThrow('one reader at a time')
    leaving.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    queue.push(frame(1))
    queue.end()
    expect(await read(queue)).toBe('1 end')
  })
})
