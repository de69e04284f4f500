import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { endPublishing, StreamEnd } from '../../../src/cli/stream-ending.ts'
import type { NetStreamPlayer, NetStreamPublisher, StreamStatus } from '../../../src/index.ts'

type StreamCode = keyof StreamStatus

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function playerWith(listeners: Map<StreamCode, () => void>): NetStreamPlayer {
  const addEventListener = (code: StreamCode, listener: () => void): void =>
    void listeners.set(code, listener)
  return { addEventListener } as NetStreamPlayer
}

describe('StreamEnd', () => {
  test('is over when nothing comes any more after it was unpublished', () => {
    const listeners = new Map<StreamCode, () => void>()
    const onEnd = vi.fn()
    const end = new StreamEnd(playerWith(listeners), onEnd)
    end.frameCame()
    end.frameHandled()
    vi.advanceTimersByTime(60_000)
    listeners.get('NetStream.Play.UnpublishNotify')?.()
    vi.advanceTimersByTime(9_000)
    end.frameCame()
    end.frameHandled()
    vi.advanceTimersByTime(9_000)
    expect([end.isOver, onEnd.mock.calls.length]).toEqual([false, 0])
    vi.advanceTimersByTime(1_001)
    expect([end.isOver, onEnd.mock.calls.length]).toEqual([true, 1])
  })

  test('is not over while its reader is slow: more may wait behind that', () => {
    const listeners = new Map<StreamCode, () => void>()
    const end = new StreamEnd(playerWith(listeners), () => {})
    end.frameCame()
    listeners.get('NetStream.Play.UnpublishNotify')?.()
    vi.advanceTimersByTime(60_000)
    expect(end.isOver).toBe(false)
    end.frameHandled()
    vi.advanceTimersByTime(10_001)
    expect(end.isOver).toBe(true)
  })

  test.each(['NetStream.MulticastStream.Reset', 'NetStream.Play.Start'] as const)(
    'is not over when another takes its place: %s',
    code => {
      const listeners = new Map<StreamCode, () => void>()
      const end = new StreamEnd(playerWith(listeners), () => {})
      listeners.get('NetStream.Play.UnpublishNotify')?.()
      listeners.get(code)?.()
      vi.advanceTimersByTime(60_000)
      expect(end.isOver).toBe(false)
    }
  )
})

describe('endPublishing', () => {
  const publisherWith = (close: () => Promise<void>): NetStreamPublisher => ({ close }) as NetStreamPublisher

  test.each([
    ['15 s at most', false, 15_000],
    ['after Ctrl-C 1 s at most', true, 1_000]
  ])('waits for the end of the stream %s', async (_, isInterrupted, waitMs) => {
    const abort = new AbortController()
    if (isInterrupted) abort.abort(new Error('interrupted'))
    const close = vi.fn(() => new Promise<void>(() => {}))
    const onDone = vi.fn()
    const done = endPublishing(publisherWith(close), abort.signal).then(onDone)
    await vi.advanceTimersByTimeAsync(waitMs - 1)
    expect([close.mock.calls.length, onDone.mock.calls.length]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(1)
    await done
  })

  test('a close that fails is told', async () => {
    const publisher = publisherWith(() => Promise.reject(new Error('broken')))
    await expect(endPublishing(publisher, new AbortController().signal)).rejects.toThrow('broken')
    expect(vi.getTimerCount()).toBe(0)
  })
})
