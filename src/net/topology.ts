import type { Libp2p, Logger } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { RingEngine } from '../core/topology/ring-engine.ts'
import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInput,
  TopologyReport
} from '../core/topology/topology-engine.ts'
import type { Coverage } from '../shared/ring.ts'
import { MAX_REPORTED_MEMBERS } from '../wire/limits.ts'
import type { Frame, Report, ReportedMember } from '../wire/link.ts'
import type { Timer } from './clock.ts'
import type { GroupHost } from './group-host.ts'
import type { LinkGroup } from './link-protocol.ts'
import type { LinkUser } from './link-user.ts'
import type { MemberFinder } from './member-finder.ts'
import { MemberRecords } from './member-records.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { PeerPlaces, PlacedPeer } from './peer-places.ts'

/** How long connecting to a candidate and making a link with it may take, in ms. libp2p's own dial limit is as long. */
const DIAL_TIMEOUT_MS = 10_000

/** What a span of the whole ring is in a report. */
const FULL_SPAN = 2 ** 32 - 1

/** A report that names nobody but the own record that goes with it. */
const NOTHING: TopologyReport = { members: [], span: 0, isRingNeighbor: false }

/** How {@link Topology} is made. */
export interface TopologyInit {
  readonly host: GroupHost
  readonly libp2p: Libp2p
  /** As which group links are made. */
  readonly group: LinkGroup
  readonly places: PeerPlaces
  readonly finder: MemberFinder
  readonly links: ReadonlyMap<string, NeighborLink>
  readonly log: Logger
  readonly maxNeighbors?: number
  /** Does something go over the link with this neighbor that would be missed? */
  readonly isInUse: (peer: string) => boolean
  /** {@link Topology.coverage} is another one. */
  readonly onCoverage: () => void
}

interface Reported {
  readonly placed: PlacedPeer
  readonly record: Uint8Array | undefined
}

/** Runs the topology engine of one membership: dials whom it names, tells neighbors of each other, closes links that nobody needs. */
export class Topology implements LinkUser {
  readonly #init: TopologyInit
  readonly #engine: TopologyEngine
  readonly #records: MemberRecords
  /** Dials under way. */
  readonly #dials = new Set<AbortController>()
  readonly #abort = new AbortController()
  readonly #inputs: TopologyInput[] = []
  #isRunning = false
  #timer: Timer | undefined

  constructor(init: TopologyInit) {
    this.#init = init
    const { host, libp2p, maxNeighbors, isInUse, log } = init
    this.#engine = new RingEngine({
      peer: libp2p.peerId.toString(),
      placeOf: peer => init.places.of(peer).place,
      random: () => new DataView(host.randomBytes(4).buffer).getUint32(0) / 2 ** 32,
      isInUse,
      ...(maxNeighbors === undefined ? {} : { maxNeighbors })
    })
    this.#records = new MemberRecords({
      libp2p,
      privateKey: host.components.privateKey,
      clock: host.clock,
      log,
      onOwn: () => this.#tellOwnRecord(),
      onRecord: (peerID, multiaddrs) => init.finder.hear({ peerID, multiaddrs, source: 'report' })
    })
  }

  start(): void {
    this.#records.start()
  }

  /** How many members the group has, this one included. */
  get estimatedMemberCount(): number {
    return this.#engine.estimateMemberCount(this.#init.host.clock.now())
  }

  /** The addresses to which this member is nearest. */
  get coverage(): Coverage {
    return this.#engine.coverage
  }

  /** Would a link that this peer opens be welcome? */
  accepts(peer: string): boolean {
    return this.#engine.accepts(peer)
  }

  /** Somebody outside the group's links says that this peer may be a member. */
  onCandidate(peer: string): void {
    this.#run({ type: 'candidate', peer })
  }

  /** The application asks for a link with it. */
  want(peer: string): void {
    this.#run({ type: 'wanted', peer })
  }

  /** A few neighbors are needed as soon as can be. */
  hurry(): void {
    this.#run({ type: 'hurry' })
  }

  /** What could not be reached may be now. Dials that wait for an answer where there was none before would only hold that up. */
  onPathsChanged(): void {
    for (const dial of this.#dials) dial.abort(new Error('There are other paths now'))
    this.#run({ type: 'pathsChanged' })
  }

  // LinkUser

  onLinkUp(link: NeighborLink): void {
    this.#run({ type: 'linkUp', peer: link.peerID.toString(), rttMs: link.rttMs })
  }

  onLinkMoved(link: NeighborLink): void {
    this.#run({ type: 'linkMoved', peer: link.peerID.toString() })
  }

  onLinkDown(peer: string): void {
    this.#records.forget(peer)
    this.#run({ type: 'linkDown', peer })
  }

  onRtt(link: NeighborLink): void {
    this.#run({ type: 'rtt', peer: link.peerID.toString(), rttMs: link.rttMs })
  }

  onFrame(link: NeighborLink, { report, wanting, seeker }: Frame): void {
    if (report !== undefined)
      this.#onReport(
        link,
        report.members.map(({ peer, record }) => ({ placed: this.#init.places.ofBytes(peer), record })),
        report
      ).catch(error => this.#init.log('a report was not taken - %e', error))
    if (seeker !== undefined) this.#takeSeeker(link, seeker)
    if (wanting !== undefined)
      this.#run({ type: 'wanting', from: link.peerID.toString(), isWanted: wanting.isWanted })
  }

  close(): void {
    this.#abort.abort(new Error('The group was closed'))
    this.#timer?.cancel()
    this.#records.close()
  }

  async #onReport(
    link: NeighborLink,
    members: readonly Reported[],
    { span, isRingNeighbor }: Report
  ): Promise<void> {
    await Promise.all(members.map(({ placed, record }) => this.#records.take(link, placed.peerID, record)))
    const report = {
      members: members.map(({ placed }) => placed.peer),
      span: span / FULL_SPAN,
      isRingNeighbor
    }
    this.#run({ type: 'report', from: link.peerID.toString(), report })
  }

  /** @throws Error when it is nobody's id */
  #takeSeeker(link: NeighborLink, { peer: bytes, record }: ReportedMember): void {
    const { places, host, log } = this.#init
    const from = link.peerID.toString()
    if (!this.#engine.takesSeeker(from, host.clock.now())) return
    const { peer, peerID } = places.ofBytes(bytes)
    this.#records
      .take(link, peerID, record)
      .then(() => this.#run({ type: 'seeker', from, peer }))
      .catch(error => log('a seeker was not taken - %e', error))
  }

  #run(input: TopologyInput): void {
    if (this.#abort.signal.aborted) return
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    // What an effect sets off comes after the others of its input.
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
      for (const effect of this.#engine.handle(next, this.#init.host.clock.now())) this.#perform(effect)
    this.#isRunning = false
  }

  #perform(effect: TopologyEffect): void {
    const { links, host, onCoverage } = this.#init
    switch (effect.type) {
      case 'dial':
        void this.#dial(effect.peer)
        break
      case 'close':
        links.get(effect.peer)?.close()
        break
      case 'sendReport':
        this.#sendReport(effect.to, effect.report)
        break
      case 'sendSeeker':
        this.#sendSeeker(effect.to, effect.peer)
        break
      case 'sendWanting':
        links.get(effect.to)?.send({ wanting: { isWanted: effect.isWanted } })
        break
      case 'coverage':
        onCoverage()
        break
      case 'setTimer':
        this.#timer?.cancel()
        this.#timer = host.clock.setTimer(() => this.#run({ type: 'timer' }), effect.afterMs)
        break
    }
  }

  #sendReport(to: string, { members: peers, span, isRingNeighbor }: TopologyReport): void {
    const link = this.#init.links.get(to)
    if (link === undefined) return
    const members = peers.flatMap((peer): ReportedMember[] => {
      const peerID = this.#init.links.get(peer)?.peerID
      if (peerID === undefined) return []
      const record = this.#records.toTell(link, peer)
      return [{ peer: peerID.toMultihash().bytes, ...(record === undefined ? {} : { record }) }]
    })
    const own = this.#records.ownToTell(link)
    if (own !== undefined) members.push({ peer: this.#init.host.peerIDBytes, record: own })
    const told = members.slice(-MAX_REPORTED_MEMBERS)
    link.send({ report: { members: told, span: Math.ceil(span * FULL_SPAN), isRingNeighbor } })
  }

  #sendSeeker(to: string, peer: string): void {
    const { links, places, libp2p } = this.#init
    const link = links.get(to)
    if (link === undefined) return
    const isOwn = peer === libp2p.peerId.toString()
    const record = isOwn ? this.#records.ownToTell(link) : this.#records.toPassOn(link, peer)
    link.send({ seeker: { peer: places.of(peer).bytes, ...(record === undefined ? {} : { record }) } })
  }

  /** Neighbors hear of it at once: they pass it on. */
  #tellOwnRecord(): void {
    for (const [peer, link] of this.#init.links)
      if (this.#records.hasToldOwn(link)) this.#sendReport(peer, NOTHING)
  }

  async #dial(peer: string): Promise<void> {
    const { host, group, finder, links, log } = this.#init
    const dial = new AbortController()
    this.#dials.add(dial)
    const signal = AbortSignal.any([this.#abort.signal, dial.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    try {
      const peerID = peerIdFromString(peer)
      if (host.isRefused(peerID)) throw new Error('The peer is refused')
      const connection = await host.paths.connect(peerID, finder.addressesOf(peer), signal)
      // The other side was faster.
      if (links.has(peer)) return
      await host.links.open(group, connection)
      if (!links.has(peer)) throw new Error('The link ended as it began')
    } catch (error) {
      log('no link with %s - %e', peer, error)
      if (!links.has(peer)) this.#run({ type: 'dialFailed', peer })
      // It was given up for better ones, which is no failure of the peer.
      if (dial.signal.aborted) this.#run({ type: 'pathsChanged' })
    } finally {
      this.#dials.delete(dial)
    }
  }
}
