import { type NetGroup, NetStream, type NetStreamPublisher } from 'netgroup'
import { chunksOf } from './chunk-input.ts'
import { type ContainerFormat, chunkerFor } from './containers/container-format.ts'
import { sealEnvelope } from './containers/envelope.ts'
import { deadline } from './deadline.ts'
import { CommandError, ExitCode, usageError } from './exit-codes.ts'
import { joinGroup, type Membership } from './membership.ts'
import type { GroupOptions } from './options.ts'
import type { Output } from './output.ts'
import { pause } from './pause.ts'
import type { Run } from './run-command.ts'
import { shellWord } from './shell-word.ts'
import { StreamDisplay } from './stream-display.ts'
import { endPublishing } from './stream-ending.ts'
import { StreamFigures } from './stream-figures.ts'
import {
  givenPublishPassword,
  type PublishPasswordOptions,
  refusedStream,
  STREAM_CAPABILITIES,
  usePublishPassword
} from './streams.ts'

/** How `netgroup publish` is given. */
export interface PublishCommandOptions extends GroupOptions, PublishPasswordOptions {
  format: ContainerFormat | 'auto'
  wait?: number
  pace?: boolean
}

const STATISTICS_EVERY_MS = 1_000

/** What it means for those who come late that a stream was found to be this. */
const FOUND: Record<ContainerFormat, string> = {
  mpegts: 'it is MPEG-TS: who comes late begins at a keyframe',
  webm: 'it is WebM or Matroska: who comes late begins at a keyframe',
  raw: 'it is neither MPEG-TS nor WebM: who comes late begins with what comes next'
}

/** With `--pace` a stream goes out so much earlier than it is to be seen: guess, what timers are late. Much more, and a stream begins in a burst that has a second keyframe in it. */
const PACE_AHEAD_MS = 50

/** A member that has just come finds those who are there within so long, in ms: who waits for the stream is to have its places when it begins. Guess: mDNS, and a handshake, on a busy machine. */
const FINDING_MS = 1_500

/** Publish standard input in a group, until its end or Ctrl-C. */
export async function publish(
  run: Run,
  groupText: string,
  name: string,
  options: PublishCommandOptions
): Promise<undefined> {
  if (process.stdin.isTTY === true)
    throw usageError('Nothing to publish: pipe a stream in, as from ffmpeg … -f mpegts -')
  await using membership = await joinGroup(run, groupText, {
    ...options,
    capabilities: STREAM_CAPABILITIES,
    carryRelays: true,
    prepare: async (spec, kind) => {
      const password = await givenPublishPassword(options, run.signal)
      if (password !== undefined) await usePublishPassword(spec, kind, password)
    }
  })
  const { group } = membership
  const finding = pause(FINDING_MS, run.signal)
  const publisher = await NetStream.publish(group, name, { signal: run.signal }).catch(refusedStream)
  // It has been on the air: to end it is in order.
  run.lifetime.whenInterrupted = ExitCode.DONE
  tellPublished(run.output, membership, name)
  try {
    await finding
    if (options.wait !== undefined) await waitForViewer(group, options.wait, run.signal)
    await publishInput(run, group, publisher, options)
  } finally {
    await endPublishing(publisher, run.signal)
  }
  return undefined
}

async function publishInput(
  { output, signal }: Run,
  group: NetGroup,
  publisher: NetStreamPublisher,
  { format, pace }: PublishCommandOptions
): Promise<void> {
  const figures = new StreamFigures()
  const display = new StreamDisplay({ output })
  const tell = (): void =>
    display.tell(figures.ofPublisher(group, publisher), { multicastInfo: publisher.multicastInfo })
  const timer = setInterval(tell, STATISTICS_EVERY_MS)
  const chunker = chunkerFor(format, found =>
    output.note({ code: 'Cli.Stream.Format', level: 'status', format: found }, FOUND[found])
  )
  const [run = 0] = crypto.getRandomValues(new Uint32Array(1))
  try {
    let sequence = 0
    let startedAtMs: number | undefined
    for await (const chunk of chunksOf(process.stdin, chunker, signal)) {
      const { timestamp, keyframe } = chunk
      startedAtMs ??= performance.now()
      if (pace === true) await untilDue(timestamp, startedAtMs, signal)
      const data = sealEnvelope(chunk, { run, sequence: sequence++, sentAtMs: Date.now() })
      // All of it is as urgent as its pictures.
      await publisher.write({ kind: 'video', timestamp, keyframe, data })
      figures.count(chunk.data.length)
    }
  } finally {
    clearInterval(timer)
    display.stop()
  }
  const text = 'the stream is at its end'
  output.note({ code: 'Cli.Stream.Ended', level: 'status', bytes: figures.bytes }, text)
}

/** Waits until a chunk is to be seen, by the time that passes here, or nearly. On abort no longer. */
async function untilDue(timestampUs: number, startedAtMs: number, signal: AbortSignal): Promise<void> {
  const dueInMs = timestampUs / 1_000 - PACE_AHEAD_MS - (performance.now() - startedAtMs)
  if (dueInMs > 0) await pause(dueInMs, signal)
}

async function waitForViewer(group: NetGroup, waitS: number, signal: AbortSignal): Promise<void> {
  const limit = deadline(signal, waitS)
  try {
    await group.waitForNeighbors(1, { signal: limit.signal })
  } catch (error) {
    if (!limit.isOver) throw error
    throw new CommandError(ExitCode.NOBODY_THERE, 'NO_NEIGHBORS', `Nobody there within ${waitS} s (--wait)`)
  } finally {
    limit.clear()
  }
}

function tellPublished(output: Output, { group, groupspec }: Membership, name: string): void {
  const { groupID } = group
  output.result({ code: 'Cli.Published', level: 'status', groupspec, name, groupID }, groupspec)
  if (!output.json)
    output.note(
      { code: 'Cli.Publishing', level: 'status' },
      `on the air; to see it: netgroup play ${shellWord(groupspec)} ${shellWord(name)} | ffplay -`
    )
}
