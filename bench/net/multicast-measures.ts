import { fileURLToPath } from 'node:url'
import { GroupSpecifier } from 'netgroup'
import { percentile } from '../support/median.ts'
import type { ArrivalsFigures } from './arrivals.ts'
import { BenchPeer } from './bench-peer.ts'
import type { SentFigures, UsageFigures } from './multicast-peer.ts'
import type { MemberName, SideName } from './multicast-sides.ts'
import { pause } from './posting-sides.ts'

/** See there for what it can be asked. */
const PEER = fileURLToPath(new URL('multicast-peer.ts', import.meta.url))

/** A frame that comes later than this is no use any more: the player's buffer, in ms. */
const BUFFER_MS = 3_000

/** Nobody has got or lost a neighbor for so long: the group has settled, in ms. And it has to within this. */
const STILL_MS = 4_000
const SETTLES_WITHIN_MS = 90_000

/** Who begins to watch tells so, and gossipsub makes its meshes, in ms. */
const BEGIN_MS = 4_000

/** Of the stream that does not count: code is compiled by it on processors that all of them share. */
const WARM_UP_BITS_PER_SECOND = 200_000

/** How much is sent to how many. */
export interface StreamLoad {
  readonly viewers: number
  /** In which the viewers are, beside the publisher's. */
  readonly processes: number
  readonly seconds: number
  /** Before that another stream, and a small one, so that code is compiled. */
  readonly warmUpSeconds: number
  readonly bitsPerSecond: number
}

/** Links by the numbers of their members; 0 is the publisher. */
export type Edge = readonly [number, number]

/** What one side has done. Multiples are of the stream's own bytes. */
export interface SideFigures {
  /** Part of all frames that were there in time, of all viewers together and of the one with the fewest. */
  readonly continuity: number
  readonly worstViewer: number
  /** Bytes of the stream that viewers received, headers and duplicates too: the mean, and the most of one. */
  readonly received: number
  readonly receivedMost: number
  /** Bytes that the viewers' TCP sockets have read, in the mean; and the publisher's written. Everything counts. */
  readonly receivedAtSockets: number
  readonly publisherAtSockets: number
  /** Of whole frames, in their turn, in ms. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
  /** Of fragments. NaN where there are none. */
  readonly pieceP50Ms: number
  readonly pieceP95Ms: number
  /** Processors in use: 1 is one of them all the time. Viewers: of a process. */
  readonly publisherCpu: number
  readonly viewersCpu: number
  readonly busiestViewersCpu: number
  readonly relayCpu: number
  readonly allCpu: number
  readonly links: number
}

/** One side, from its start to its end, in processes of its own. */
export async function measureSide(
  name: SideName,
  load: StreamLoad,
  edges: readonly Edge[] = []
): Promise<{ figures: SideFigures; edges: Edge[] }> {
  await using theater = await Theater.open(name, load)
  await theater.meet(edges)
  return { figures: await theater.play(), edges: await theater.edges() }
}

/** The processes of one side. */
class Theater implements AsyncDisposable {
  readonly #load: StreamLoad
  readonly #relay: BenchPeer
  readonly #publisher: BenchPeer
  readonly #viewers: readonly BenchPeer[]
  /** By process: its members. */
  #members: readonly (readonly MemberName[])[] = []

  private constructor(load: StreamLoad, peers: readonly BenchPeer[]) {
    const [relay, publisher, ...viewers] = peers as [BenchPeer, BenchPeer, ...BenchPeer[]]
    this.#load = load
    this.#relay = relay
    this.#publisher = publisher
    this.#viewers = viewers
  }

  static async open(name: SideName, load: StreamLoad): Promise<Theater> {
    const { viewers, processes } = load
    const flags = ['--import', 'tsx', ...(process.env['PEER_FLAGS']?.split(' ') ?? [])]
    const peers = await Promise.all(Array.from({ length: processes + 2 }, () => BenchPeer.start(PEER, flags)))
    const theater = new Theater(load, peers)
    const { address: relay } = await theater.#relay.ask<{ address: string }>('relay')
    const spec = new GroupSpecifier('bench', {
      multicastEnabled: true,
      ipMulticastMemberUpdatesEnabled: false
    })
    const init = { name, relay, groupspec: spec.toString() }
    theater.#members = await Promise.all(
      theater.#all.map((peer, i) =>
        peer.ask<MemberName[]>('start', { ...init, count: i === 0 ? 1 : share(viewers, processes, i - 1) })
      )
    )
    return theater
  }

  /** Makes these links, and waits until no more come. */
  async meet(edges: readonly Edge[]): Promise<void> {
    const places = this.#members.flatMap((members, process) =>
      members.map(({ address }, member) => ({ process, member, address }))
    )
    for (const [a, b] of edges) {
      const { process, member } = places[a] as (typeof places)[number]
      await this.#all[process]?.ask('dial', { member, address: places[b]?.address })
    }
    await this.#settle()
  }

  /** Pairs of members who are neighbors. */
  async edges(): Promise<Edge[]> {
    const ids = this.#members.flat().map(({ id }) => id)
    return (await this.#neighbors()).flatMap((neighbors, a) =>
      neighbors.map(id => ids.indexOf(id)).flatMap(b => (a < b ? [[a, b] as const] : []))
    )
  }

  /** One stream from its first frame to its last, after one that does not count. */
  async play(): Promise<SideFigures> {
    const { seconds, warmUpSeconds } = this.#load
    if (warmUpSeconds > 0) {
      await this.#measure('warm-up', warmUpSeconds, WARM_UP_BITS_PER_SECOND)
      await Promise.all(this.#viewers.map(peer => peer.ask('end')))
      await this.#publisher.ask('end')
      await this.#settle()
    }
    const figures = await this.#measure('film', seconds, this.#load.bitsPerSecond)
    return { ...figures, links: (await this.edges()).length }
  }

  async #measure(name: string, seconds: number, bitsPerSecond: number): Promise<Omit<SideFigures, 'links'>> {
    const { viewers } = this.#load
    const publisher = this.#members[0]?.[0]?.address
    await this.#publisher.ask('publish', { name })
    await Promise.all(this.#viewers.map(peer => peer.ask('watch', { name, publisher })))
    await pause(BEGIN_MS)
    const before = await this.#usage()
    const sent = await this.#publisher.ask<SentFigures>('send', { seconds, bitsPerSecond })
    const after = await this.#usage()
    await pause(BUFFER_MS)
    const used = after.map((usage, i) => difference(usage, before[i] as UsageFigures))
    const [relay, first, ...others] = used as [UsageFigures, UsageFigures, ...UsageFigures[]]
    const cpu = ({ cpuMs }: UsageFigures): number => cpuMs / 1_000 / seconds
    return {
      ...(await this.#arrived(sent)),
      receivedAtSockets: sumOf(others, ({ readBytes }) => readBytes) / viewers / sent.bytes,
      publisherAtSockets: first.writtenBytes / sent.bytes,
      publisherCpu: cpu(first),
      viewersCpu: sumOf(others, cpu) / others.length,
      busiestViewersCpu: Math.max(...others.map(cpu)),
      relayCpu: cpu(relay),
      allCpu: sumOf(used, cpu)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all, this.#relay].map(peer => peer.end()))
  }

  get #all(): BenchPeer[] {
    return [this.#publisher, ...this.#viewers]
  }

  async #arrived(sent: SentFigures): Promise<ArrivedFigures> {
    const told = await Promise.all(
      this.#viewers.map(peer =>
        peer.ask<{ frames: ArrivalsFigures[]; pieces: ArrivalsFigures[] }>('arrivals')
      )
    )
    const frames = told.flatMap(each => each.frames)
    const pieces = told.flatMap(each => each.pieces)
    const bytes = (pieces.length > 0 ? pieces : frames).map(each => each.bytes / sent.bytes)
    const inTime = frames.map(each => each.delaysMs.filter(ms => ms <= BUFFER_MS).length / sent.frames)
    const delays = frames.flatMap(each => each.delaysMs)
    const pieceDelays = pieces.flatMap(each => each.delaysMs)
    return {
      continuity: sumOf(inTime, part => part) / this.#load.viewers,
      worstViewer: Math.min(...inTime),
      received: sumOf(bytes, each => each) / this.#load.viewers,
      receivedMost: Math.max(...bytes),
      p50Ms: percentile(delays, 0.5),
      p95Ms: percentile(delays, 0.95),
      maxMs: percentile(delays, 1),
      pieceP50Ms: percentile(pieceDelays, 0.5),
      pieceP95Ms: percentile(pieceDelays, 0.95)
    }
  }

  async #settle(): Promise<void> {
    const deadline = performance.now() + SETTLES_WITHIN_MS
    let known = ''
    for (let sinceMs = performance.now(); performance.now() - sinceMs < STILL_MS; await pause(500)) {
      const now = JSON.stringify(await this.#neighbors())
      if (now !== known) sinceMs = performance.now()
      known = now
      if (performance.now() > deadline)
        throw new Error(`Neighbors still change after ${SETTLES_WITHIN_MS} ms`)
    }
  }

  async #neighbors(): Promise<string[][]> {
    return (await Promise.all(this.#all.map(peer => peer.ask<string[][]>('neighbors')))).flat()
  }

  #usage(): Promise<UsageFigures[]> {
    return Promise.all([this.#relay, ...this.#all].map(peer => peer.ask<UsageFigures>('usage')))
  }
}

/** What is seen at the viewers. */
type ArrivedFigures = Pick<
  SideFigures,
  | 'continuity'
  | 'worstViewer'
  | 'received'
  | 'receivedMost'
  | 'p50Ms'
  | 'p95Ms'
  | 'maxMs'
  | 'pieceP50Ms'
  | 'pieceP95Ms'
>

/** How many of so many are in this process. */
function share(count: number, processes: number, process: number): number {
  return Math.floor(((process + 1) * count) / processes) - Math.floor((process * count) / processes)
}

function difference(after: UsageFigures, before: UsageFigures): UsageFigures {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    writtenBytes: after.writtenBytes - before.writtenBytes,
    readBytes: after.readBytes - before.readBytes
  }
}

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0)
}
