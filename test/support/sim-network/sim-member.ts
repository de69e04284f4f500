import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInit,
  TopologyInput,
  TopologyReport
} from '../../../src/core/topology/topology-engine.ts'
import type { Place } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import { reportBytes, seekerBytes, wantingBytes } from './frame-sizes.ts'
import { mixed } from './seed.ts'
import type { SimLinkEnd } from './sim-link.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimHost, SimNode, SimNodeInit } from './sim-node.ts'
import type { SimProtocol, SimProtocolFactory, SimShell } from './sim-protocol.ts'

/** What is scheduled for a member: the timers of topology, and of its protocols by their number. */
const TOPOLOGY_TIMER = 0
const PROTOCOL_TIMER = 1

/** How {@link SimMember} is made. */
export interface SimMemberInit extends SimNodeInit {
  readonly network: SimNetwork
  /** The places of all members of all times: one map for everybody. */
  readonly places: ReadonlyMap<string, Place>
  readonly seed: number
  readonly engine: (init: TopologyInit) => TopologyEngine
  readonly protocols?: readonly SimProtocolFactory[]
  readonly maxNeighbors?: number
}

/** A member of the group: the engines of the library, run by the simulated network. */
export class SimMember implements SimHost {
  readonly peer: string
  readonly place: Place
  readonly node: SimNode
  readonly engine: TopologyEngine
  readonly protocols: readonly SimProtocol[]
  /** 0 ≤ x < 1. */
  readonly random: () => number
  readonly #network: SimNetwork
  readonly #reportKind: number
  readonly #wantingKind: number
  readonly #seekerKind: number
  /** By kind of frame. */
  readonly #protocolOf: (SimProtocol | undefined)[] = []
  /** The event that counts, of those scheduled for each timer. */
  readonly #timers: number[] = []
  readonly #inputs: TopologyInput[] = []
  #isRunning = false

  constructor(init: SimMemberInit) {
    const { network, places, name } = init
    this.peer = name
    this.#network = network
    this.#reportKind = network.kindOf('report')
    this.#wantingKind = network.kindOf('wanting')
    this.#seekerKind = network.kindOf('seeker')
    this.node = network.add(this, init)
    this.random = seededRandom(mixed(init.seed, this.node.id, 1) * 2 ** 32)
    const placeOf = (peer: string): Place => placeIn(places, peer)
    this.place = placeOf(name)
    const { random } = this
    const limits = init.maxNeighbors === undefined ? {} : { maxNeighbors: init.maxNeighbors }
    const isInUse = (peer: string): boolean => this.protocols.some(protocol => protocol.uses?.(peer) === true)
    this.engine = init.engine({ peer: name, placeOf, random, isInUse, ...limits })
    this.protocols = (init.protocols ?? []).map((make, index) => make(this.#shell(placeOf, index)))
    for (const protocol of this.protocols)
      for (const kind of protocol.kinds) this.#protocolOf[network.kindOf(kind)] = protocol
  }

  get isAlive(): boolean {
    return this.node.isAlive
  }

  /** By peer. */
  get links(): ReadonlyMap<string, SimLinkEnd> {
    return this.node.links
  }

  /** Tells the topology engine, and does what it says. */
  run(input: TopologyInput): void {
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    // What its effects bring about comes after them.
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
      for (const effect of this.engine.handle(next, this.#network.nowMs)) this.#perform(effect)
    this.#isRunning = false
  }

  // SimHost

  accepts(peer: string): boolean {
    return this.engine.accepts(peer)
  }

  onLinkUp(end: SimLinkEnd): void {
    const peer = end.peer.name
    this.run({ type: 'linkUp', peer, rttMs: end.rttMs })
    for (const protocol of this.protocols) protocol.onLinkUp?.(peer, end.rttMs)
  }

  onLinkMoved(end: SimLinkEnd): void {
    for (const protocol of this.protocols) protocol.onLinkMoved?.(end.peer.name, end.rttMs)
  }

  onLinkDown(end: SimLinkEnd): void {
    const peer = end.peer.name
    this.run({ type: 'linkDown', peer })
    for (const protocol of this.protocols) protocol.onLinkDown?.(peer)
  }

  onDialFailed(peer: string): void {
    if (!this.links.has(peer)) this.run({ type: 'dialFailed', peer })
  }

  onFrame(end: SimLinkEnd, kind: number, payload: unknown): void {
    const from = end.peer.name
    if (kind === this.#reportKind) this.run({ type: 'report', from, report: payload as TopologyReport })
    else if (kind === this.#wantingKind) this.run({ type: 'wanting', from, isWanted: payload as boolean })
    else if (kind === this.#seekerKind) this.#onSeeker(from, payload as string)
    else this.#protocolOf[kind]?.onFrame?.(from, this.#network.kinds[kind] ?? '', payload)
  }

  // SimTarget: timers

  onEvent(code: number, data: unknown): void {
    if (!this.isAlive || this.#timers[code] !== data) return
    if (code === TOPOLOGY_TIMER) this.run({ type: 'timer' })
    else this.protocols[code - PROTOCOL_TIMER]?.onTimer?.()
  }

  #setTimer(timer: number, afterMs: number): void {
    const turn = (this.#timers[timer] ?? 0) + 1
    this.#timers[timer] = turn
    this.#network.queue.schedule(this.#network.nowMs + afterMs, this, timer, turn)
  }

  #perform(effect: TopologyEffect): void {
    switch (effect.type) {
      case 'dial':
        this.#network.dial(this.node, effect.peer)
        break
      case 'close':
        this.#close(effect.peer)
        break
      case 'sendReport':
        this.#sendReport(effect.to, effect.report)
        break
      case 'sendSeeker':
        this.#sendSeeker(effect.to, effect.peer)
        break
      case 'sendWanting':
        this.links.get(effect.to)?.send(this.#wantingKind, effect.isWanted, wantingBytes(effect.isWanted))
        break
      case 'setTimer':
        this.#setTimer(TOPOLOGY_TIMER, effect.afterMs)
        break
      case 'coverage':
        break
    }
  }

  /** Each member's record goes over a link once, the own one first, as the shell has it. */
  #sendReport(to: string, report: TopologyReport): void {
    const end = this.links.get(to)
    if (end === undefined) return
    const { members } = report
    const isFirst = end.toldRecords.size === 0
    const before = end.toldRecords.add(this.peer).size
    for (const peer of members) end.toldRecords.add(peer)
    const fresh = end.toldRecords.size - before
    const bytes = isFirst ? reportBytes(report, fresh + 1, 1) : reportBytes(report, fresh)
    end.send(this.#reportKind, report, bytes)
  }

  #onSeeker(from: string, peer: string): void {
    if (this.engine.takesSeeker(from, this.#network.nowMs)) this.run({ type: 'seeker', from, peer })
  }

  #sendSeeker(to: string, peer: string): void {
    const end = this.links.get(to)
    if (end === undefined) return
    const before = end.toldRecords.size
    const isFirst = end.toldRecords.add(peer).size > before
    end.send(this.#seekerKind, peer, seekerBytes(isFirst))
  }

  #sendBulk(to: string, kind: string, payload: unknown, bytes: number, onSent: () => void): void {
    const { nowMs, queue } = this.#network
    const leavesMs = this.links.get(to)?.sendBulk(this.#network.kindOf(kind), payload, bytes) ?? nowMs
    queue.after(leavesMs - nowMs, () => {
      if (this.isAlive) onSent()
    })
  }

  #close(peer: string): void {
    const end = this.links.get(peer)
    if (end === undefined) return
    end.close()
    this.onLinkDown(end)
  }

  #shell(placeOf: (peer: string) => Place, index: number): SimShell {
    const { peer, random } = this
    return {
      peer,
      placeOf,
      random,
      now: () => this.#network.nowMs,
      send: (to, kind, payload, bytes) =>
        this.links.get(to)?.send(this.#network.kindOf(kind), payload, bytes),
      sendBulk: (to, kind, payload, bytes, onSent) => this.#sendBulk(to, kind, payload, bytes, onSent),
      setTimer: afterMs => this.#setTimer(PROTOCOL_TIMER + index, afterMs),
      want: wanted => {
        if (!this.links.has(wanted)) this.run({ type: 'wanted', peer: wanted })
      },
      hurry: () => this.run({ type: 'hurry' }),
      neighbors: () => this.links.keys()
    }
  }
}

function placeIn(places: ReadonlyMap<string, Place>, peer: string): Place {
  const place = places.get(peer)
  if (place === undefined) throw new Error(`Nobody has given ${peer} a place`)
  return place
}
