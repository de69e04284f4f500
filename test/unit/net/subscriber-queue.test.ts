import { describe, expect, it } from 'vitest'
import type { FrameKind } from '../../../src/core/multicast/fragment.ts'
import type { DirectFrame } from '../../../src/net/direct/direct-frame.ts'
import { KINDS, PieceFlag } from '../../../src/net/direct/direct-piece.ts'
import { type Reliability, SubscriberQueue } from '../../../src/net/direct/subscriber-queue.ts'

const NONE: Reliability = { audio: false, video: false, data: false }
const ALL: Reliability = { audio: true, video: true, data: true }

const frame = (kind: FrameKind, timestamp: number, bytes = 100): DirectFrame => ({
  kind,
  timestamp,
  keyframe: false,
  isCall: false,
  data: new Uint8Array(bytes)
})

const keyframe = (timestamp: number): DirectFrame => ({ ...frame('video', timestamp), keyframe: true })

const call = (handler: string, timestamp: number): DirectFrame => ({
  ...frame('data', timestamp),
  isCall: true,
  handler
})

/** A queue that keeps what it drops. */
function queueOf(reliable: Reliability, maxBytes?: number): { queue: SubscriberQueue; dropped: string[] } {
  const dropped: string[] = []
  const queue = new SubscriberQueue(
    reliable,
    ({ kind, timestamp }) => dropped.push(`${kind} ${timestamp}`),
    maxBytes
  )
  return { queue, dropped }
}

/** Whatever can go, as `kind timestamp`, with what its flags say. */
function drain(queue: SubscriberQueue, nowMs = 0): string[] {
  const gone: string[] = []
  for (const kind of KINDS)
    for (let piece = queue.next(kind, nowMs); piece !== undefined; piece = queue.next(kind, nowMs)) {
      const { flags } = piece
      const isEnd = (flags & PieceFlag.END) !== 0
      gone.push(
        `${(flags & PieceFlag.GAP) !== 0 ? '…' : ''}${isEnd ? 'end' : `${piece.kind} ${piece.timestamp}`}`
      )
    }
  return gone
}

describe('SubscriberQueue', () => {
  it('cuts frames in pieces of 8 KiB, which say where a frame begins and ends', () => {
    const { queue } = queueOf(ALL)
    queue.push({ ...frame('video', 7, 20_000), keyframe: true }, 0)
    queue.push(frame('video', 8, 0), 0)
    const pieces = [1, 2, 3, 4].map(() => queue.next('video', 0))
    expect(pieces.map(piece => piece?.payload.byteLength)).toEqual([8_192, 8_192, 3_616, 0])
    const { FIRST, LAST, KEYFRAME } = PieceFlag
    expect(pieces.map(piece => piece?.flags)).toEqual([
      FIRST | KEYFRAME,
      KEYFRAME,
      LAST | KEYFRAME,
      FIRST | LAST
    ])
    expect(queue.bytes).toBe(0)
    expect(queue.isEmpty).toBe(true)
  })

  it('drops nothing that is reliable, however late or much', () => {
    const { queue, dropped } = queueOf(ALL, 150)
    for (let i = 0; i < 10; i++) queue.push(frame('video', i), 0)
    expect(queue.reliableBytes).toBe(1_000)
    expect(drain(queue, 60_000)).toHaveLength(10)
    expect(dropped).toEqual([])
  })

  it('drops what has waited too long, and says that there is a gap', () => {
    const { queue, dropped } = queueOf(NONE)
    queue.push(frame('video', 1), 0)
    queue.push(frame('audio', 2), 0)
    queue.push(frame('video', 3), 400)
    expect(drain(queue, 501)).toEqual(['audio 2', '…video 3'])
    expect(dropped).toEqual(['video 1'])
    queue.push(frame('audio', 4), 501)
    expect(drain(queue, 1_502)).toEqual([])
    expect(dropped).toEqual(['video 1', 'audio 4'])
  })

  it('drops the oldest video first when too much waits, then data, and audio last', () => {
    const { queue, dropped } = queueOf(NONE, 350)
    queue.push(frame('audio', 1), 0)
    queue.push(frame('data', 2), 0)
    queue.push(frame('video', 3), 0)
    queue.push(frame('video', 4), 0)
    expect(dropped).toEqual(['video 3'])
    queue.push(frame('data', 5), 0)
    queue.push(frame('audio', 6), 0)
    expect(dropped).toEqual(['video 3', 'data 2', 'audio 1'])
    expect(drain(queue)).toEqual(['…audio 6', '…video 4', '…data 5'])
  })

  it('keeps the newest frame, however large', () => {
    const { queue, dropped } = queueOf(NONE, 350)
    queue.push(frame('video', 1, 1_000), 0)
    expect(drain(queue)).toEqual(['video 1'])
    expect(dropped).toEqual([])
  })

  it('does not drop a frame of which a piece has gone', () => {
    const { queue, dropped } = queueOf(NONE, 9_000)
    queue.push(frame('video', 1, 16_000), 0)
    queue.next('video', 0)
    queue.push(frame('video', 2, 5_000), 0)
    queue.push(frame('video', 3, 5_000), 0)
    expect(dropped).toEqual(['video 2'])
    expect(drain(queue, 400)).toEqual(['video 1', '…video 3'])
  })

  it('leaves out what is not wanted, without counting it, and tells of the gap when it is wanted again', () => {
    const { queue, dropped } = queueOf(ALL)
    queue.push(frame('video', 1), 0)
    queue.want('video', false)
    queue.push(frame('video', 2), 0)
    queue.push(frame('audio', 3), 0)
    expect(drain(queue)).toEqual(['audio 3'])
    queue.want('video', true)
    queue.push(frame('video', 4), 0)
    expect(drain(queue)).toEqual(['…video 4'])
    expect(dropped).toEqual([])
  })

  it('resumes video at a keyframe when it is wanted again, and counts nothing of what came before as dropped', () => {
    const { queue, dropped } = queueOf(ALL)
    queue.push(keyframe(1), 0)
    expect(drain(queue)).toEqual(['video 1'])
    queue.want('video', false)
    queue.push(frame('video', 2), 0)
    queue.want('video', true)
    expect([3, 4].map(timestamp => queue.push(frame('video', timestamp), 0))).toEqual([false, false])
    for (const each of [keyframe(5), frame('video', 6)]) expect(queue.push(each, 0)).toBe(true)
    expect(drain(queue)).toEqual(['…video 5', 'video 6'])
    expect(dropped).toEqual([])
  })

  it('goes on with video at once when nothing was left out while it was not wanted', () => {
    const { queue } = queueOf(ALL)
    queue.push(keyframe(1), 0)
    expect(drain(queue)).toEqual(['video 1'])
    queue.want('video', false)
    queue.want('video', true)
    queue.push(frame('video', 2), 0)
    expect(drain(queue)).toEqual(['video 2'])
  })

  it('drops video behind a dropped frame up to the next keyframe, which nobody could decode', () => {
    const { queue, dropped } = queueOf(NONE, 350)
    for (const each of [keyframe(1), frame('video', 2), frame('video', 3)]) queue.push(each, 0)
    queue.push(frame('video', 4), 0)
    expect(dropped).toEqual(['video 1', 'video 2', 'video 3', 'video 4'])
    expect(queue.push(frame('video', 5), 0)).toBe(true)
    expect(dropped.at(-1)).toBe('video 5')
    for (const each of [keyframe(6), frame('video', 7)]) queue.push(each, 0)
    expect(drain(queue)).toEqual(['…video 6', 'video 7'])
    for (const each of [frame('video', 8), keyframe(9), frame('video', 10)]) queue.push(each, each.timestamp)
    expect(drain(queue, 509)).toEqual(['…video 9', 'video 10'])
    expect(dropped.slice(5)).toEqual(['video 8'])
  })

  it('lets the oldest call of the same handler give way first, and keeps the newest of each', () => {
    const { queue, dropped } = queueOf(NONE, 450)
    queue.push(frame('video', 1), 0)
    for (const each of [call('chat', 2), call('move', 3), call('move', 4)]) queue.push(each, 0)
    for (const each of [call('move', 5), call('move', 6)]) queue.push(each, 0)
    expect(dropped).toEqual(['data 3', 'data 4'])
    queue.push(frame('audio', 7, 300), 0)
    expect(dropped.slice(2)).toEqual(['data 5'])
    queue.push(call('turn', 8), 0)
    expect(drain(queue, 60_000)).toEqual(['data 2', 'data 6', 'data 8'])
  })

  it('tells of a gap where it is, and of none for a call that gave way', () => {
    const { queue, dropped } = queueOf(NONE, 350)
    for (const each of [frame('data', 1), call('move', 2), frame('data', 3)]) queue.push(each, 0)
    queue.push(call('move', 4), 0)
    expect(dropped).toEqual(['data 2'])
    expect(drain(queue)).toEqual(['data 1', 'data 3', 'data 4'])
    for (const each of [call('move', 5), frame('data', 6), frame('data', 7)]) queue.push(each, 0)
    queue.push(frame('data', 8), 0)
    expect(dropped.slice(1)).toEqual(['data 6'])
    expect(drain(queue)).toEqual(['data 5', '…data 7', 'data 8'])
  })

  it('ends behind all that waits, once, and says when something before the end is missing', () => {
    const { queue } = queueOf(NONE)
    queue.push(frame('data', 1), 0)
    queue.push(frame('video', 2), 0)
    queue.end()
    queue.push(frame('video', 3), 0)
    expect(queue.isEmpty).toBe(false)
    expect(queue.next('audio', 0)).toBe(undefined)
    expect(drain(queue, 600)).toEqual(['data 1', '…end'])
    expect(queue.isEmpty).toBe(true)
  })
})
