import '../../../src/platform/polyfill.ts'
import { describe, expect, it } from 'vitest'
import { GroupPlayer } from '../../../src/api/group-player.ts'
import type { NetGroup } from '../../../src/api/net-group.ts'
import type { Fragment } from '../../../src/core/multicast/fragment.ts'
import { type CutFragment, Fragmenter, fragmentOf } from '../../../src/core/multicast/fragmenter.ts'
import type { GroupMember } from '../../../src/net/group-member.ts'
import type { AnnouncedStream } from '../../../src/net/multicast/stream-announcement.ts'
import type { StreamListener } from '../../../src/net/multicast/stream-listeners.ts'
import type {
  CarryInit,
  DirectoryListener,
  StreamsRunner
} from '../../../src/net/multicast/streams-runner.ts'
import { at } from '../../support/inbox.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** As much of the streams of a membership as a player touches: what there is, and what of it is played. */
class StandInRunner {
  readonly clock = new VirtualClock()
  readonly host = { clock: this.clock }
  readonly listeners = new Set<DirectoryListener>()
  readonly directory: { streams: AnnouncedStream[] } = { streams: [] }
  /** Whoever plays something now, and what. */
  readonly played = new Map<StreamListener, string>()

  hurry(): void {}

  carry({ stream, listener }: CarryInit): { stream: AnnouncedStream } {
    this.played.set(listener, stream.id)
    return { stream }
  }

  async drop(_: unknown, listener: StreamListener): Promise<void> {
    this.played.delete(listener)
  }

  /** What is played of this stream. */
  listenerOf(id: string): StreamListener {
    const found = [...this.played].find(([, playedID]) => playedID === id)
    if (found === undefined) throw new Error(`Nobody plays ${id}`)
    return found[0]
  }

  lose(stream: AnnouncedStream): void {
    this.directory.streams = this.directory.streams.filter(({ id }) => id !== stream.id)
    for (const listener of this.listeners) listener.onUnpublished(stream, false)
  }
}

function announced(id: string, startedAt: number): AnnouncedStream {
  const description = { name: 'film', startedAt, window: 8_000 }
  return { id, description, publisher: `publisher of ${id}` } as unknown as AnnouncedStream
}

/** One that plays the newest of these. */
function play(streams: readonly AnnouncedStream[], bufferTime = 0) {
  const runner = new StandInRunner()
  runner.directory.streams = [...streams]
  const log = Object.assign(() => {}, { error: () => {}, trace: () => {} })
  const player = new GroupPlayer({
    group: new EventTarget() as unknown as NetGroup,
    member: { log } as unknown as GroupMember,
    runner: runner as unknown as StreamsRunner,
    name: 'film',
    options: { bufferTime }
  })
  const codes: string[] = []
  player.addEventListener('netStatus', ({ info }) => void codes.push(info.code))
  return { runner, player, codes }
}

const signed = ({ header, payload }: CutFragment): Fragment => fragmentOf(header, new Uint8Array(64), payload)

const frame = { kind: 'video', timestamp: 0, keyframe: true, data: Uint8Array.of(7) } as const

describe('a player of a group', () => {
  it('plays the next stream of the name when one that was modified ends twice', async () => {
    const [first, second] = [announced('first', 2), announced('second', 1)]
    const { runner, player, codes } = play([first, second])
    const fragmenter = new Fragmenter()
    const fragments = [...fragmenter.cut(frame), fragmenter.end(0), fragmenter.end(0)].map(signed)
    const listener = runner.listenerOf('first')
    listener.onStart?.(1, 1)
    // The first one comes last: all that waits for it is read at once.
    for (const fragment of fragments.reverse()) listener.onFragment?.(fragment)
    expect([...runner.played.values()]).toEqual(['second'])
    expect(player.farID).toBe('publisher of second')
    await runner.clock.advance(1)
    expect(codes.filter(code => code === 'NetStream.Play.UnpublishNotify')).toHaveLength(1)
    await player.close()
  })

  it('hands out what has come of a stream whose publisher is killed before the bufferTime is over', async () => {
    const stream = announced('killed', 1)
    const { runner, player } = play([stream], 10)
    const listener = runner.listenerOf('killed')
    listener.onStart?.(1, 1)
    listener.onFragment?.(signed(at(new Fragmenter().cut(frame), 0)))
    let read: Uint8Array | undefined
    const reading = player
      .frames()
      .next()
      .then(({ value }) => {
        if (value) read = value.data
      })
    await runner.clock.advance(5_000)
    expect(read).toBeUndefined()
    runner.lose(stream)
    await runner.clock.advance(10_000)
    expect(read).toEqual(frame.data)
    await player.close()
    await reading
  })
})
