import type { Logger, PrivateKey } from '@libp2p/interface'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { MulticastParameters } from '../../core/multicast/multicast-parameters.ts'
import { seededRandom } from '../../shared/seeded-random.ts'
import { MAX_TOLD_ANNOUNCEMENT_BYTES, MAX_UNREAD_FRAGMENT_BYTES } from '../../wire/limits.ts'
import type { Frame } from '../../wire/link.ts'
import { MEDIA_PROTOCOL } from '../../wire/protocol-ids.ts'
import { StreamAnnouncements, StreamFrame } from '../../wire/streams.ts'
import type { Timer } from '../clock.ts'
import type { GroupHost } from '../group-host.ts'
import type { NeighborLink } from '../neighbor-link.ts'
import { pause } from '../pause.ts'
import type { PeerPlaces } from '../peer-places.ts'
import { SideStreams } from '../side-streams.ts'
import { CarriedStream } from './carried-stream.ts'
import { MediaNeighbor } from './media-neighbor.ts'
import type { AnnouncedStream, AnnouncementRules } from './stream-announcement.ts'
import { StreamDirectory } from './stream-directory.ts'
import type { StreamListener } from './stream-listeners.ts'

/** Fragments of a running stream come at least every second: after so long without one, in ms, its publisher is gone. */
const SILENCE_MS = 4_000

/** How often it is looked for that, in ms. */
const WATCH_MS = 500

/** How long a stream that has ended is still given to those who lack its last pieces, in ms: at least, and at most. Guess: who heard of it at the end has asked by then; the original's window. */
const LAST_ASK_MS = 500
const FAREWELL_MS = 8_000

/** Who begins to play so soon after a stream began was waiting for it, in ms: it is played from its first byte on. Guess: what an announcement takes, and what clocks differ. */
const YOUNG_MS = 2_000

/** How often it is looked whether they have them, in ms. */
const LOOK_MS = 10

/** What streams need to know of their membership. */
export interface StreamsInit {
  readonly host: GroupHost
  readonly groupID: Uint8Array
  readonly places: PeerPlaces
  /** The public key of those who may publish; undefined: everybody may. */
  readonly authority: Uint8Array | undefined
  readonly groupNow: () => number
  readonly log: Logger
  /** Asks for a link with this member. */
  readonly wantLink: (peer: string) => void
  /** Asks for a few neighbors, as soon as can be: a stream begins to be watched. */
  readonly hurry: () => void
  /** Counts what was not accepted. */
  readonly reject: (reason: string) => void
}

/** Who wants to hear which streams there are. */
export interface DirectoryListener {
  onPublished(stream: AnnouncedStream): void
  /** @param isEnded by its publisher's word; else it is gone without one */
  onUnpublished(stream: AnnouncedStream, isEnded: boolean): void
}

/** How a stream is carried. */
export interface CarryInit {
  readonly stream: AnnouncedStream
  readonly parameters: Partial<MulticastParameters>
  readonly listener: StreamListener
}

/** One per node, over all groups: a node has one handler per protocol. */
const streamsOf = new WeakMap<GroupHost, SideStreams>()

/** Runs the streams of one membership: knows which there are, and carries those that are published or played here. */
export class StreamsRunner {
  readonly directory: StreamDirectory
  readonly listeners: Set<DirectoryListener> = new Set()
  readonly rules: AnnouncementRules
  /** What is announced at last when the group is left: the ends of what is still published here. */
  readonly lastWords: Map<object, AnnouncedStream> = new Map()
  readonly #init: StreamsInit
  readonly #streams: SideStreams
  readonly #random: () => number
  readonly #neighbors = new Map<string, MediaNeighbor>()
  /** By the first 8 bytes of their keys. */
  readonly #carried = new Map<string, CarriedStream>()
  #timer: Timer | undefined

  constructor(init: StreamsInit) {
    this.#init = init
    const { host, groupID, authority, groupNow } = init
    const streams = streamsOf.get(host) ?? new SideStreams(host, MEDIA_PROTOCOL, MAX_UNREAD_FRAGMENT_BYTES)
    streamsOf.set(host, streams)
    this.#streams = streams
    this.#random = seededRandom(new DataView(host.randomBytes(4).buffer).getUint32(0))
    this.rules = { groupID, authority }
    this.directory = new StreamDirectory({
      clock: host.clock,
      rules: this.rules,
      groupNow,
      spread: (bytes, except) => this.#spread(bytes, except),
      onFalse: peer => this.#onFalse(peer),
      onPublished: stream => this.#tell(listener => listener.onPublished(stream)),
      onUnpublished: (stream, isEnded) => this.#tell(listener => listener.onUnpublished(stream, isEnded))
    })
  }

  async start(): Promise<void> {
    await this.#streams.retain()
  }

  /** The own key. */
  get identity(): PrivateKey {
    return this.#init.host.components.privateKey
  }

  get host(): GroupHost {
    return this.#init.host
  }

  /** A stream will be watched, which need not be there yet: a few neighbors are needed as soon as can be. */
  hurry(): void {
    this.#init.hurry()
  }

  /** Carries a stream from now on: to be dropped with the same listener. Who carries one already shares it, and its parameters. */
  carry({ stream, parameters, listener }: CarryInit): CarriedStream {
    const key = keyOf(stream.description.streamKey.slice(0, 8))
    const standing = this.#carried.get(key)
    if (standing !== undefined) {
      standing.add(listener)
      return standing
    }
    const { groupID, host, places, log, wantLink } = this.#init
    const carried = new CarriedStream({
      stream,
      groupID,
      own: host.components.peerId.toString(),
      places,
      clock: host.clock,
      random: this.#random,
      log,
      parameters,
      isYoung: this.#init.groupNow() - stream.description.startedAt < YOUNG_MS,
      send: (peer, frame) => this.#neighbors.get(peer)?.link.send(frame),
      sendFragment: (peer, fragment) => {
        const neighbor = this.#neighbors.get(peer)
        if (neighbor === undefined) fragment.onDone()
        else neighbor.sender.send(fragment)
      },
      wantLink,
      onFalse: peer => this.#onFalse(peer)
    })
    carried.add(listener)
    this.#carried.set(key, carried)
    for (const [peer, { link }] of this.#neighbors) carried.run({ type: 'linkUp', peer, rttMs: link.rttMs })
    this.#watchLater()
    return carried
  }

  /** Carries it no more, if nobody else here wants it. When it has ended, neighbors get what they lack before. Resolves when it is over for this listener. */
  async drop(carried: CarriedStream, listener: StreamListener): Promise<void> {
    carried.remove(listener)
    if (carried.isWanted) return
    if (carried.hasEnded) await this.untilSettled(carried)
    if (!carried.isWanted) this.#end(carried)
  }

  /** Resolves when those who are fed from here have all of it, or take too long; and whoever has only just begun to look for it has had the time to ask. */
  async untilSettled(carried: CarriedStream): Promise<void> {
    const { clock } = this.#init.host
    const startMs = clock.now()
    const isOver = (): boolean => {
      const sinceMs = clock.now() - startMs
      return sinceMs >= FAREWELL_MS || (sinceMs >= LAST_ASK_MS && carried.isSettled)
    }
    while (this.#neighbors.size > 0 && !isOver()) await pause(clock, LOOK_MS)
  }

  /** Round trips to the neighbors, in ms; undefined before the first pong. */
  get roundTripsMs(): (number | undefined)[] {
    return [...this.#neighbors.values()].map(({ link }) =>
      link.rttMs === 0 && link.clockOffsetMs === undefined ? undefined : link.rttMs
    )
  }

  /** Does a stream come from this neighbor, or go to it? */
  uses(peer: string): boolean {
    for (const carried of this.#carried.values()) if (carried.uses(peer)) return true
    return false
  }

  onLinkUp(link: NeighborLink): void {
    const peer = link.peerID.toString()
    this.#neighbors.get(peer)?.close()
    const neighbor = new MediaNeighbor(link, this.#streams, this.#init, (stream, bytes) =>
      this.#carried.get(keyOf(stream))?.onFragment(peer, bytes)
    )
    this.#neighbors.set(peer, neighbor)
    for (const announcements of inBatches(this.directory.announcements))
      link.send({ streamAnnouncements: StreamAnnouncements.encode({ announcements }) })
    for (const carried of this.#carried.values()) carried.run({ type: 'linkUp', peer, rttMs: link.rttMs })
  }

  onLinkMoved(link: NeighborLink): void {
    // What was on its way over the old link may be lost.
    if (this.#neighbors.has(link.peerID.toString())) this.onLinkUp(link)
  }

  onLinkDown(peer: string): void {
    for (const carried of this.#carried.values()) carried.run({ type: 'linkDown', peer })
    this.#neighbors.get(peer)?.close()
    this.#neighbors.delete(peer)
    this.directory.forget(peer)
  }

  onFrame(link: NeighborLink, { streamFrame, streamAnnouncements }: Frame): void {
    const peer = link.peerID.toString()
    const told =
      streamAnnouncements === undefined ? [] : StreamAnnouncements.decode(streamAnnouncements).announcements
    for (const bytes of told)
      this.directory.hear(bytes, peer).catch(error => {
        this.#init.log('a false announcement of %p - %e', link.peerID, error)
        this.#onFalse(peer)
      })
    if (streamFrame === undefined || this.#neighbors.get(peer)?.link !== link) return
    const { stream, body } = StreamFrame.decode(streamFrame)
    this.#carried.get(keyOf(stream))?.onControl(peer, body)
  }

  onRtt(link: NeighborLink): void {
    const peer = link.peerID.toString()
    for (const carried of this.#carried.values()) carried.run({ type: 'rtt', peer, rttMs: link.rttMs })
  }

  onLeaving(): void {
    for (const stream of this.lastWords.values()) this.directory.say(stream)
  }

  close(): void {
    this.#timer?.cancel()
    this.directory.close()
    for (const carried of [...this.#carried.values()]) this.#end(carried)
    for (const neighbor of this.#neighbors.values()) neighbor.close()
    this.#neighbors.clear()
    this.listeners.clear()
    this.#streams.release().catch(error => this.#init.log.error('streams are still taken - %e', error))
  }

  #end(carried: CarriedStream): void {
    if (this.#carried.get(keyOf(carried.prefix)) === carried) this.#carried.delete(keyOf(carried.prefix))
    carried.close()
  }

  #spread(bytes: Uint8Array, except: string | undefined): void {
    for (const [peer, { link }] of this.#neighbors)
      if (peer !== except)
        link.send({ streamAnnouncements: StreamAnnouncements.encode({ announcements: [bytes] }) })
  }

  /** Whose fragments stay away is gone. */
  #watchLater(): void {
    if (this.#carried.size === 0) return
    this.#timer ??= this.#init.host.clock.setTimer(() => {
      this.#timer = undefined
      const nowMs = this.#init.host.clock.now()
      const own = this.#init.host.components.peerId
      for (const { stream, heardAtMs } of this.#carried.values())
        if (!stream.publisher.equals(own) && nowMs - heardAtMs >= SILENCE_MS) this.directory.lose(stream.id)
      this.#watchLater()
    }, WATCH_MS)
  }

  #onFalse(peer: string): void {
    this.#init.reject('false stream')
    const link = this.#neighbors.get(peer)?.link
    if (link !== undefined) this.#init.host.reportInvalidMessage(link.peerID)
  }

  #tell(event: (listener: DirectoryListener) => void): void {
    for (const listener of [...this.listeners]) event(listener)
  }
}

/** All of them could be more than a frame holds. */
function* inBatches(announcements: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = []
  let bytes = 0
  for (const each of announcements) {
    if (bytes + each.byteLength > MAX_TOLD_ANNOUNCEMENT_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(each)
    bytes += each.byteLength
  }
  if (batch.length > 0) yield batch
}

function keyOf(prefix: Uint8Array): string {
  return bytesToText(prefix, 'base16')
}
