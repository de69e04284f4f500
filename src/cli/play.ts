import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type NetGroup, NetStream, type NetStreamPlayer } from 'netgroup'
import { Playback } from './containers/playback.ts'
import { type Deadline, deadline } from './deadline.ts'
import { CommandError, ExitCode, usageError } from './exit-codes.ts'
import { joinGroup } from './membership.ts'
import type { GroupOptions } from './options.ts'
import type { Run } from './run-command.ts'
import { StreamDisplay } from './stream-display.ts'
import { StreamEnd } from './stream-ending.ts'
import { StreamFigures } from './stream-figures.ts'
import { refusedStream, STREAM_CAPABILITIES } from './streams.ts'

/** How `netgroup play` is given. */
export interface PlayCommandOptions extends GroupOptions {
  wait?: number
}

const STATISTICS_EVERY_MS = 1_000

/** How far a player has come. */
interface Course {
  hasJoined: boolean
  hasMetSomebody: boolean
}

/** Write a stream to standard output, until it ends or Ctrl-C. */
export async function play(
  run: Run,
  groupText: string,
  name: string,
  options: PlayCommandOptions
): Promise<undefined> {
  if (process.stdout.isTTY === true)
    throw usageError('A terminal cannot show a stream: pipe it into a player (| ffplay -) or a file (> file)')
  const limit = deadline(run.signal, options.wait)
  const limited = { ...run, signal: limit.signal }
  const course: Course = { hasJoined: false, hasMetSomebody: false }
  try {
    await using membership = await joinGroup(limited, groupText, {
      ...options,
      capabilities: STREAM_CAPABILITIES
    })
    course.hasJoined = true
    watchNeighbors(membership.group, course)
    const player = await NetStream.play(membership.group, name, { signal: limit.signal }).catch(refusedStream)
    await using _player = { [Symbol.asyncDispose]: () => player.close() }
    await playAll(run, membership.group, player, limit)
    limit.signal.throwIfAborted()
  } catch (error) {
    throw limit.isOver ? outOfTime(name, options, course) : error
  } finally {
    limit.clear()
  }
  return undefined
}

async function playAll(run: Run, group: NetGroup, player: NetStreamPlayer, limit: Deadline): Promise<void> {
  const figures = new StreamFigures()
  const playback = new Playback()
  const display = new StreamDisplay({ output: run.output })
  const tell = (): void => {
    const { info, multicastInfo } = player
    display.tell(figures.ofPlayer(group, player, playback.missed), { info, multicastInfo })
  }
  const timer = setInterval(tell, STATISTICS_EVERY_MS)
  const done = new AbortController()
  const end = new StreamEnd(player, () => done.abort(new Error('the stream has ended')))
  player.addEventListener('NetStream.MulticastStream.Reset', () => playback.restart())
  const stop = (): void => done.abort(limit.signal.reason)
  limit.signal.addEventListener('abort', stop, { once: true })
  if (limit.signal.aborted) stop()
  let droppedBefore: number | undefined
  player.addEventListener('NetStream.Play.UnpublishNotify', () => {
    droppedBefore = droppedBy(player)
  })
  try {
    for await (const { data } of player.frames({ signal: done.signal })) {
      end.frameCame()
      begin(run, limit, figures)
      await write(playback, data, figures, done.signal)
      end.frameHandled()
    }
  } catch (error) {
    if (!end.isOver) throw error
  } finally {
    limit.signal.removeEventListener('abort', stop)
    end.stop()
    clearInterval(timer)
    display.stop()
  }
  tellEnded(run, figures, playback, !end.isOver && droppedBy(player) === droppedBefore)
}

/** What was left out so far. More of it once the stream was unpublished is the end that did not come. */
function droppedBy({ info }: NetStreamPlayer): number {
  return info['droppedFrames'] ?? 0
}

/** It is there: nothing is waited for any more, and to end it is in order. */
function begin({ lifetime }: Run, limit: Deadline, figures: StreamFigures): void {
  if (figures.bytes > 0) return
  limit.lift()
  lifetime.whenInterrupted = ExitCode.DONE
}

async function write(
  playback: Playback,
  data: Uint8Array,
  figures: StreamFigures,
  signal: AbortSignal
): Promise<void> {
  const { parts, sentAtMs } = playback.take(data)
  if (sentAtMs !== undefined) figures.delayed(Date.now() - sentAtMs)
  for (const part of parts) {
    figures.count(part.length)
    await writeAll(process.stdout, part, signal)
  }
}

/** Writes, and waits until the reader has taken enough of it. */
async function writeAll(stream: Writable, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain', { signal })
}

function watchNeighbors(group: NetGroup, course: Course): void {
  course.hasMetSomebody = group.neighborCount > 0
  group.addEventListener('NetGroup.Neighbor.Connect', () => {
    course.hasMetSomebody = true
  })
}

/** @param hasEnd has its end come? */
function tellEnded(
  { output, signal }: Run,
  { bytes }: StreamFigures,
  { missed }: Playback,
  hasEnd: boolean
): void {
  if (signal.aborted) return
  const lost = missed === 0 ? '' : `; ${missed} pieces of it did not come`
  if (hasEnd)
    output.note(
      { code: 'Cli.Stream.Ended', level: 'status', bytes, missed, hasEnd },
      `the stream has ended${lost}`
    )
  else
    output.warn(
      { code: 'Cli.Stream.Ended', level: 'warning', bytes, missed, hasEnd },
      `the stream has broken off: its end did not come${lost}`
    )
}

function outOfTime(name: string, { wait }: PlayCommandOptions, course: Course): CommandError {
  const { hasJoined, hasMetSomebody } = course
  if (!hasJoined) {
    const text = `Not connected within ${wait} s (--wait): look at the relay's address and whether it runs`
    return new CommandError(ExitCode.CANNOT_CONNECT, 'CONNECT_FAILED', text)
  }
  if (hasMetSomebody)
    return new CommandError(ExitCode.TIMEOUT, 'TIMEOUT', `No stream "${name}" within ${wait} s (--wait)`)
  const text = `Nobody there within ${wait} s (--wait): netgroup publish must be running in the same group`
  return new CommandError(ExitCode.NOBODY_THERE, 'NO_NEIGHBORS', text)
}
