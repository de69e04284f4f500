import '../../../src/platform/polyfill.ts'
import { describe, expect, it } from 'vitest'
import type { StreamFrame } from '../../../src/core/multicast/fragmenter.ts'
import { FrameQueue } from '../../../src/net/multicast/frame-queue.ts'

function frame(number: number, keyframe = false, bytes = 10): StreamFrame {
  return { kind: 'video', timestamp: 40_000 * number, keyframe, data: new Uint8Array(bytes) }
}

/** A queue that hands out at once, and what it has dropped. */
function openQueue(maxBytes?: number): { queue: FrameQueue; dropped: number[] } {
  const dropped: number[] = []
  const queue = new FrameQueue(
    () => Number.POSITIVE_INFINITY,
    ({ timestamp }) => dropped.push(timestamp / 40_000),
    maxBytes
  )
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
    const queue = new FrameQueue(
      () => Number.POSITIVE_INFINITY,
      () => {}
    )
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
