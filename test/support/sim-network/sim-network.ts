import { seededRandom } from '../../../src/shared/seeded-random.ts'
import { EventQueue, type SimTarget } from './event-queue.ts'
import type { Latency } from './latency.ts'
import { SimLinkEnd } from './sim-link.ts'
import { type SimHost, SimNode, type SimNodeInit } from './sim-node.ts'

/** How long a dial takes that nobody answers, in ms: as sim-findings §2. */
const DEAD_DIAL_MS = 5_000

/** One-way delays until a link stands: TCP, noise, and the handshake of the link (sim-findings §2). */
const DIAL_DELAYS = 4

/** A broken link is noticed after so many ms (sim-findings §2). */
const NOTICE_MIN_MS = 3_000
const NOTICE_MAX_MS = 8_000

/** Outcomes of dials. */
const ARRIVED = 0
const FAILED = 1

/** How {@link SimNetwork} is made. */
export interface SimNetworkInit {
  /** All that happens follows from it. */
  readonly seed: number
  readonly latency: Latency
  /** Of how many packets one is lost, as a fraction: it is sent again and comes late, and all behind it on its link with it. @default 0 */
  readonly lossRate?: number
  /** Can the first dial the second, besides what NAT and partitions forbid? @default yes */
  readonly canReach?: (from: SimNode, to: SimNode) => boolean
}

interface Dial {
  readonly from: SimNode
  readonly name: string
}

/** Machines and the links between them, under a virtual clock. It knows nothing of groups. */
export class SimNetwork implements SimTarget {
  readonly queue: EventQueue = new EventQueue()
  /** 0 ≤ x < 1: what the network itself leaves to chance. */
  readonly random: () => number
  /** By name; those that are gone are not in it. */
  readonly nodes: Map<string, SimNode> = new Map()
  /** The kinds of frames there have been, by their numbers. */
  readonly kinds: string[] = []
  /** The kind that pings, Hello and Goodbye are counted under. */
  readonly pingKind: number
  /** Is told of every dial, for scenarios that count them. */
  onDial: ((from: SimNode, to: string) => void) | undefined
  readonly #init: SimNetworkInit
  readonly #lossRate: number
  #nodesEver = 0

  constructor(init: SimNetworkInit) {
    this.#init = init
    this.#lossRate = init.lossRate ?? 0
    this.random = seededRandom(init.seed)
    this.pingKind = this.kindOf('ping')
  }

  get nowMs(): number {
    return this.queue.nowMs
  }

  /** The number of a kind of frames; the same for the same word. */
  kindOf(name: string): number {
    const kind = this.kinds.indexOf(name)
    return kind >= 0 ? kind : this.kinds.push(name) - 1
  }

  /** A machine comes. @throws Error when there is one of that name */
  add(host: SimHost, init: SimNodeInit): SimNode {
    if (this.nodes.has(init.name)) throw new Error(`There is a node ${init.name} already`)
    const node = new SimNode(this.#nodesEver++, host, init)
    this.nodes.set(node.name, node)
    return node
  }

  /** Dials. Ends in `onLinkUp` on both sides, or in `onDialFailed` here; in nothing when there is a link by then. */
  dial(from: SimNode, name: string): void {
    from.dials += 1
    this.onDial?.(from, name)
    const to = this.nodes.get(name)
    const dial: Dial = { from, name }
    if (to === undefined || to === from || !this.#reaches(from, to)) {
      this.queue.schedule(this.nowMs + DEAD_DIAL_MS, this, FAILED, dial)
      return
    }
    const takesMs = DIAL_DELAYS * this.#init.latency(from.id, to.id)
    this.queue.schedule(this.nowMs + takesMs, this, ARRIVED, dial)
  }

  /** A machine goes without a word: the others notice after 3 to 8 s. */
  kill(node: SimNode): void {
    for (const end of this.#remove(node)) {
      end.drop()
      end.peer.links.get(node.name)?.break()
    }
  }

  /** A machine goes in good order. */
  leave(node: SimNode): void {
    for (const end of this.#remove(node)) end.close()
  }

  /** Cuts the network: each node to a side. Links between sides break, and nobody dials across. */
  partition(sideOf: (node: SimNode) => number): void {
    for (const node of this.nodes.values()) node.side = sideOf(node)
    for (const node of this.nodes.values())
      for (const end of node.links.values()) if (end.peer.side !== node.side && !end.isCut) end.break()
  }

  /** All reach each other again. Links that were broken stay so. */
  heal(): void {
    for (const node of this.nodes.values()) node.side = 0
  }

  /** Lets so much virtual time pass. */
  advance(ms: number): void {
    this.queue.advance(ms)
  }

  /** When a link that breaks now is noticed. */
  noticedMs(): number {
    return this.nowMs + NOTICE_MIN_MS + (NOTICE_MAX_MS - NOTICE_MIN_MS) * this.random()
  }

  /** Is one of so many packets lost? */
  isLost(packets: number): boolean {
    return this.#lossRate > 0 && this.random() >= (1 - this.#lossRate) ** packets
  }

  onEvent(code: number, data: unknown): void {
    const { from, name } = data as Dial
    if (!from.isAlive) return
    const to = this.nodes.get(name)
    if (code === FAILED) from.host.onDialFailed(name)
    else if (to === undefined || !this.#reaches(from, to))
      this.queue.schedule(this.nowMs + DEAD_DIAL_MS, this, FAILED, data)
    else if (from.links.has(name)) return
    else if (!to.host.accepts(from.name)) from.host.onDialFailed(name)
    else this.#link(from, to)
  }

  #link(from: SimNode, to: SimNode): void {
    const latencyMs = this.#init.latency(from.id, to.id)
    const [here, there] = SimLinkEnd.pair(this, from, to, latencyMs)
    // Broken, and not noticed yet on that side.
    const standing = to.links.get(from.name)
    standing?.drop()
    from.links.set(to.name, here)
    to.links.set(from.name, there)
    if (standing === undefined) to.host.onLinkUp(there)
    else to.host.onLinkMoved(there)
    if (here.isUp) from.host.onLinkUp(here)
  }

  #remove(node: SimNode): SimLinkEnd[] {
    node.isAlive = false
    this.nodes.delete(node.name)
    return [...node.links.values()]
  }

  #reaches(from: SimNode, to: SimNode): boolean {
    if (from.side !== to.side) return false
    const isHard = from.nat === 'symmetric' || to.nat === 'symmetric'
    if (isHard && from.nat !== 'open' && to.nat !== 'open') return false
    return this.#init.canReach?.(from, to) ?? true
  }
}
