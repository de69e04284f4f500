import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { CliProcess, type CliRow, killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'
import { leave } from '../support/peer-process.ts'

const DIRECT_PEER = fileURLToPath(new URL('../support/direct-peer.js', import.meta.url))

/** The link, with a router before it that lets this many ms wait, as cheap ones do. */
const LINK_BITS_PER_S = 2e6
const ROUTER_QUEUE_MS = 200

/** For how long audio and video are sent; the video alone is twice what the link carries. */
const CALL_S = 20
const DATA_BYTES = 262_144

/** The goal: so late may audio be at most, but for one of a hundred frames, in ms. */
const MAX_AUDIO_DELAY_MS = 150

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/direct-streams.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

/** What of one kind was heard. */
interface Heard {
  readonly numbers: number[]
  readonly delays: number[]
}

async function slowDown({ namespace }: Host): Promise<void> {
  const tbf = `rate ${LINK_BITS_PER_S / 1e6}mbit burst 32kbit latency ${ROUTER_QUEUE_MS}ms`
  await promisify(execFile)('tc', `-n ${namespace.name} qdisc add dev eth0 root tbf ${tbf}`.split(' '))
}

function start({ within }: Host, ...words: string[]): CliProcess {
  const [program = process.execPath, ...first] = [...within, process.execPath, DIRECT_PEER]
  return new CliProcess(words, { command: [program, ...first] })
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN
}

const of = (row: CliRow, field: string): Record<string, number> => row[field] as Record<string, number>

test.skipIf(why !== undefined)(
  'over 2 Mbit/s audio is in time beside video that is too much for it, which sheds its oldest, and data arrives complete',
  { timeout: 180_000 },
  async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    const lan = await lab.lan()
    const [near, far] = [await lab.host(lan), await lab.host(lan)]
    for (const host of [near, far]) await slowDown(host)
    const publisher = start(near, 'publish')
    const { addresses } = await publisher.waitForRow('Publishing', () => true, 30_000)
    const address = (addresses as string[]).find(text => text.includes(`/${near.address}/tcp/`)) ?? ''
    const player = start(far, 'play', address)
    await player.waitForRow('Playing', () => true, 30_000)
    publisher.type(`run ${CALL_S} ${DATA_BYTES}`)
    const sent = await publisher.waitForRow('Sent', () => true, 120_000)
    const heard = await player.waitForRow('Heard', () => true, 60_000)
    const [audio, video] = [heard['audio'], heard['video']] as [Heard, Heard]
    const delays = [0.5, 0.95, 0.99, 1].map(share => percentile(audio.delays, share).toFixed(0))
    console.log(
      `audio of ${audio.delays.length} frames: p50 ${delays[0]}, p95 ${delays[1]}, p99 ${delays[2]}, longest ${delays[3]} ms; video: ${video.numbers.length} of ${of(sent, 'video')['frames']} frames, p50 ${percentile(video.delays, 0.5).toFixed(0)} ms; data beside it: ${of(heard, 'data')['bytesBesideVideo']} bytes`
    )
    expect(audio.numbers).toEqual(Array.from({ length: of(sent, 'audio')['frames'] ?? 0 }, (_, i) => i))
    expect(percentile(audio.delays, 0.99)).toBeLessThanOrEqual(MAX_AUDIO_DELAY_MS)
    // Video fills what is left of the link, in its order; what it sheds is counted.
    expect(of(sent, 'video')['waited']).toBe(0)
    expect(video.numbers).toEqual([...video.numbers].sort((a, b) => a - b))
    expect(video.numbers.length).toBe((of(sent, 'video')['frames'] ?? 0) - Number(sent['droppedFrames']))
    expect((video.numbers.length * 20_000 * 8) / CALL_S).toBeGreaterThan(0.6 * LINK_BITS_PER_S)
    expect(Number(sent['droppedFrames'])).toBeGreaterThan(0)
    expect(of(heard, 'data')['bytesBesideVideo']).toBeGreaterThan(DATA_BYTES / 4)
    expect(heard['sha256']).toBe(sent['sha256'])
    await leave(publisher, player)
  }
)
