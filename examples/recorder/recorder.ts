// A peer that joins, records a stream into a file, and can publish it again later:
//   node --import tsx examples/recorder/recorder.ts record GROUP NAME FILE
//   node --import tsx examples/recorder/recorder.ts publish GROUP NAME FILE
import { once } from 'node:events'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { GroupSpecifier, NetConnection, NetGroup, NetStream, type NetStreamPlayer } from 'netgroup'
import { readFrames, writeFrame, writeHead } from './recording.ts'

/** A publisher that is gone without a word may come back: not waited for longer, in ms. */
const GONE_MS = 10_000

const [command, groupText = '', name = '', path = ''] = process.argv.slice(2)
if ((command !== 'record' && command !== 'publish') || path === '') {
  console.error('Usage: recorder.ts record|publish GROUP NAME FILE')
  process.exit(2)
}

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
const { signal } = interrupted

// A groupspec, or a plain name as `netgroup publish` and `play` take it.
const spec = groupText.startsWith('G:')
  ? GroupSpecifier.parse(groupText)
  : new GroupSpecifier(groupText, { multicastEnabled: true })
const { relays } = spec.describe()
// A recording that is there already is not written over.
const file = await opened(path, command === 'record' ? 'wx' : 'r')
await using connection = await NetConnection.connect(relays.length > 0 ? [...relays] : 'lan:', { signal })
await using group = await NetGroup.join(connection, spec, { signal })
await (command === 'record' ? record() : publish())

async function opened(path: string, flags: string): Promise<FileHandle> {
  try {
    return await open(path, flags)
  } catch (error) {
    console.error(`Cannot open the recording: ${(error as Error).message}`)
    process.exit(1)
  }
}

/** Ends the player when its publisher is gone for good. */
function endWithPublisher(player: NetStreamPlayer): void {
  let timer: NodeJS.Timeout | undefined
  player.addEventListener('NetStream.Play.UnpublishNotify', () => {
    timer = setTimeout(() => player.close(), GONE_MS).unref()
  })
  for (const code of ['NetStream.Play.Start', 'NetStream.MulticastStream.Reset'] as const)
    player.addEventListener(code, () => clearTimeout(timer))
}

async function record(): Promise<void> {
  const player = await NetStream.play(group, name)
  endWithPublisher(player)
  let frames = 0
  try {
    await writeHead(file)
    for await (const frame of player.frames({ signal })) {
      await writeFrame(file, frame)
      if (frames++ === 0) console.error('recording, until the stream ends or Ctrl-C')
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await player.close()
    await file.close()
    if (frames === 0) await rm(path)
    console.error(frames === 0 ? 'nothing has come' : `${frames} frames in ${path}`)
  }
}

async function publish(): Promise<void> {
  const publisher = await NetStream.publish(group, name)
  try {
    if (group.neighborCount === 0) await once(group, 'NetGroup.Neighbor.Connect', { signal })
    let aheadUs: number | undefined
    for await (const frame of readFrames(file)) {
      // As fast as it was: each frame at its time, counted from the first.
      aheadUs ??= frame.timestamp - performance.now() * 1_000
      const dueInMs = (frame.timestamp - aheadUs) / 1_000 - performance.now()
      if (dueInMs > 0) await sleep(dueInMs, undefined, { signal })
      await publisher.write(frame)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await publisher.close()
    await file.close()
  }
}
