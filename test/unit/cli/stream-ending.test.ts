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
    vi.advanceTimersByTime(60_000)
    listeners.get('NetStream.Play.UnpublishNotify')?.()
    vi.advanceTimersByTime(9_000)
    end.frameCame()
    vi.advanceTimersByTime(9_000)
    expect([end.isOver, onEnd.mock.calls.length]).toEqual([false, 0])
    vi.advanceTimersByTime(1_001)
    expect([end.isOver, onEnd.mock.calls.length]).toEqual([true, 1])
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
  const group = { neighborCount: 1 } as Parameters<typeof endPublishing>[0]
  let pushed: number
  let close: ReturnType<typeof vi.fn<() => Promise<void>>>
  let publisher: NetStreamPublisher
  beforeEach(() => {
    pushed = 0
    close = vi.fn(() => Promise.resolve())
    publisher = {
      get multicastInfo() {
        return { fragmentsPushedToPeers: pushed }
      },
      close
    } as unknown as NetStreamPublisher
  })
  const until = (abort = new AbortController()): Promise<void> =>
    endPublishing(group, publisher, abort.signal)

  test('closes when nothing has gone out for a moment', async () => {
    const timer = setInterval(() => {
      pushed += 1
    }, 100)
    const done = until()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(close).not.toHaveBeenCalled()
    clearInterval(timer)
    await vi.advanceTimersByTimeAsync(400)
    expect(close).toHaveBeenCalledOnce()
    await done
  })

  test('closes after 3 s whatever still goes out, and waits for that 5 s at most', async () => {
    const timer = setInterval(() => {
      pushed += 1
    }, 10)
    close.mockReturnValue(new Promise(() => {}))
    const done = until()
    await vi.advanceTimersByTimeAsync(3_100)
    expect(close).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(5_000)
    await done
    clearInterval(timer)
  })

  test('after Ctrl-C closes at once, and waits for that 1 s at most', async () => {
    const abort = new AbortController()
    abort.abort(new Error('interrupted'))
    close.mockReturnValue(new Promise(() => {}))
    const done = until(abort)
    await vi.advanceTimersByTimeAsync(0)
    expect(close).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1_000)
    await done
  })

  test('a close that fails is told', async () => {
    close.mockRejectedValue(new Error('broken'))
    const done = expect(until()).rejects.toThrow('broken')
    await vi.advanceTimersByTimeAsync(1_000)
    await done
  })
})
