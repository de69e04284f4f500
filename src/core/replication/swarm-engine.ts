// Objects swarm: whoever has got one offers it to its neighbors, so that a source need send each only once. What makes that work (rules S1 to S3, measured in
// simulation):
//  - A request stands at every neighbor that has something wanted: a cap in all leaves uplinks idle. One each while others wait there too, deeper ones only
//    while the neighbor says that nothing waits: then a pair alone fills its link.
//  - The rarest among the neighbors is asked for first, of several alike one at random: so no object is with one member alone for long, and neighbors differ.
//    Lowest-first, for who reads along, takes one of the lowest few at random.
//  - Who sends prefers what it has never sent. Otherwise requesters take turns. A source, who wants nothing itself, sends nothing twice that can be had
//    elsewhere soon, while there is something that it has never sent: it says so, and the requester asks for something else.
//  - The last objects are asked for at several neighbors; the others are cancelled when the first has come.
// A request that is denied or finds nobody is made elsewhere, and here again after a while; whoever denies all or is silent is left alone for longer each time.
// Sets are ranges: what an event costs depends on the number of neighbors and ranges, both bounded, and never on how many objects there are.

import { MAX_RANGES } from '../../wire/limits.ts'
import { Fetching } from './fetching.ts'
import { MAX_INDEX, type RangeSet } from './range-set.ts'
import type {
  ReplicationEffect,
  ReplicationEngine,
  ReplicationInit,
  ReplicationInput,
  SetChange
} from './replication-engine.ts'
import { ReplicationNeighbor } from './replication-neighbor.ts'
import { Serving } from './serving.ts'
import { Telling } from './telling.ts'

/** How often it is looked for what has taken too long, in ms. */
const TICK_MS = 1_000

type LocalInput = Exclude<ReplicationInput, { readonly from: string } | { readonly type: 'timer' }>
type NeighborInput = Extract<ReplicationInput, { readonly from: string }>

/** The {@link ReplicationEngine}. */
export class SwarmEngine implements ReplicationEngine {
  readonly #neighbors = new Map<string, ReplicationNeighbor>()
  readonly #telling: Telling
  readonly #fetching: Fetching
  readonly #serving: Serving
  #effects: ReplicationEffect[] = []
  #tickAtMs = Number.POSITIVE_INFINITY
  #timerAtMs = Number.POSITIVE_INFINITY
  #nowMs = 0

  constructor({ random, strategy = 'rarestFirst' }: ReplicationInit) {
    const emit = (effect: ReplicationEffect): void => {
      this.#effects.push(effect)
    }
    this.#telling = new Telling(emit, () => this.#fetching.isBusy)
    this.#fetching = new Fetching(this.#neighbors, emit, random)
    this.#fetching.strategy = strategy
    this.#serving = new Serving(emit, {
      neighbors: this.#neighbors,
      have: () => this.#telling.have.all,
      isSource: () => !this.#fetching.isBusy && !this.#fetching.hasFetched
    })
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'ranges' | 'aside' | 'requests', number> & Fetching['kept'] & Serving['kept']> {
    let [ranges, aside, requests] = [0, 0, 0]
    for (const neighbor of this.#neighbors.values()) {
      ranges += neighbor.have.ranges + neighbor.want.ranges + neighbor.available.ranges
      aside += neighbor.asideCount
      requests += neighbor.requests.size + neighbor.overdue.size
    }
    return { ranges, aside, requests, ...this.#fetching.kept, ...this.#serving.kept }
  }

  get peers(): number {
    let peers = 0
    for (const { have, want } of this.#neighbors.values()) if (!have.isEmpty || !want.isEmpty) peers += 1
    return peers
  }

  expects(from: string, index: number): boolean {
    const neighbor = this.#neighbors.get(from)
    if (neighbor === undefined || !this.#fetching.wants(index)) return false
    return neighbor.requests.has(index) || neighbor.overdue.has(index)
  }

  handle(input: ReplicationInput, nowMs: number): ReplicationEffect[] {
    this.#nowMs = nowMs
    const effects: ReplicationEffect[] = []
    this.#effects = effects
    if (input.type === 'timer') this.#onTimer()
    else if ('from' in input) this.#onNeighbor(input)
    else this.#onLocal(input)
    this.#setTimer()
    return effects
  }

  #onLocal(input: LocalInput): void {
    switch (input.type) {
      case 'linkUp':
        this.#onLinkUp(input.peer, input.isStanding)
        break
      case 'linkDown':
        this.#onLinkDown(input.peer)
        break
      case 'strategy':
        this.#fetching.strategy = input.strategy
        break
      case 'allow':
        this.#fetching.allowed = input.requests
        this.#fetching.pumpAll(this.#nowMs)
        break
      case 'close':
        this.#onClose()
        break
      case 'answer':
        this.#serving.answer(input.requestID, input.bytes, this.#nowMs)
        break
      case 'deny':
        this.#serving.deny(input.requestID, this.#nowMs)
        break
      case 'sent':
        this.#serving.onSent(input.to, input.index, this.#nowMs)
        break
      default:
        this.#onOwnSet(input)
    }
  }

  #onOwnSet(input: Extract<LocalInput, { readonly start: number }>): void {
    const { type, start, end } = input
    const { have, want } = this.#telling
    switch (type) {
      case 'addHave':
        this.#serving.onAdded(start, end, input.isForAll === true)
        have.add(start, end)
        this.#fetching.excuse(start, end)
        break
      case 'removeHave':
        have.remove(start, end)
        this.#serving.onRemoved(start, end)
        break
      case 'addWant':
        want.add(start, end)
        this.#fetching.addWant(start, end, this.#nowMs)
        break
      case 'removeWant':
        want.remove(start, end)
        this.#fetching.removeWant(start, end, this.#nowMs)
        break
      case 'excuse':
        this.#fetching.excuse(start, end)
    }
  }

  #onClose(): void {
    this.#onOwnSet({ type: 'removeWant', start: 0, end: MAX_INDEX })
    this.#onOwnSet({ type: 'removeHave', start: 0, end: MAX_INDEX })
    this.#telling.tellAll()
  }

  #onNeighbor(input: NeighborInput): void {
    const neighbor = this.#neighbors.get(input.from)
    if (neighbor === undefined) return
    switch (input.type) {
      case 'have':
        this.#onHave(neighbor, input.change, input.asks)
        break
      case 'want':
        this.#apply(neighbor, neighbor.want, input.change)
        this.#telling.onWant(neighbor)
        break
      case 'request':
        this.#serving.onRequest(input.from, input.index, this.#nowMs)
        break
      case 'cancel':
        this.#serving.onCancel(input.from, input.index, this.#nowMs)
        break
      case 'denial':
        this.#fetching.onDenial(neighbor, input.index, input.reason, this.#nowMs, input.instead)
        break
      case 'broken':
        this.#fetching.onDenial(neighbor, input.index, 'broken', this.#nowMs)
        break
      case 'queue':
        neighbor.heardAtMs = this.#nowMs
        neighbor.onQueue(input.waiting)
        break
      case 'object':
        this.#onObject(neighbor, input)
    }
  }

  #onLinkUp(peer: string, isStanding: boolean): void {
    if (this.#neighbors.has(peer)) this.#onLinkDown(peer)
    const neighbor = new ReplicationNeighbor(peer)
    this.#neighbors.set(peer, neighbor)
    this.#serving.onLinkUp(peer)
    this.#fetching.onLinkUp(neighbor)
    this.#telling.onLinkUp(neighbor, isStanding)
  }

  #onLinkDown(peer: string): void {
    const neighbor = this.#neighbors.get(peer)
    if (neighbor === undefined) return
    this.#neighbors.delete(peer)
    this.#telling.onLinkDown(neighbor)
    this.#serving.onLinkDown(peer, this.#nowMs)
    this.#fetching.onLinkDown(neighbor, this.#nowMs)
  }

  #onHave(neighbor: ReplicationNeighbor, change: SetChange, asks: boolean): void {
    const isCut = this.#apply(neighbor, neighbor.have, change)
    // What it has, it does not want any more: it does not say so again.
    neighbor.want.removeAll(change.added)
    neighbor.want.keepLongest(MAX_RANGES)
    if (asks) this.#telling.onAsked(neighbor)
    this.#fetching.onHave(neighbor, change.isWhole || isCut ? undefined : change, this.#nowMs)
  }

  /** Of what is told beyond the bound the longest ranges are kept; who keeps to the rules never tells so much. @returns was it cut? */
  #apply(neighbor: ReplicationNeighbor, set: RangeSet, { isWhole, added, removed }: SetChange): boolean {
    if (isWhole) set.clear()
    else set.removeAll(removed)
    set.addAll(added)
    if (set.ranges <= MAX_RANGES) return false
    set.keepLongest(MAX_RANGES)
    this.#effects.push({
      type: 'misbehavior',
      peer: neighbor.peer,
      reason: 'more ranges than a set may have'
    })
    return true
  }

  #onObject(neighbor: ReplicationNeighbor, input: Extract<NeighborInput, { readonly type: 'object' }>): void {
    const before = this.#fetching.wants(input.index)
    this.#fetching.onObject(neighbor, input.index, input.bytes, input.waiting, this.#nowMs)
    if (before && !this.#fetching.wants(input.index)) this.#telling.want.remove(input.index, input.index)
  }

  #onTimer(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    if (this.#nowMs >= this.#tickAtMs) {
      this.#tickAtMs = Number.POSITIVE_INFINITY
      this.#fetching.tick(this.#nowMs)
      this.#serving.tick(this.#nowMs)
    }
    this.#telling.flush(this.#nowMs)
  }

  #setTimer(): void {
    const isBusy = this.#neighbors.size > 0 && (this.#fetching.isBusy || this.#serving.isBusy)
    if (isBusy && this.#tickAtMs === Number.POSITIVE_INFINITY) this.#tickAtMs = this.#nowMs + TICK_MS
    const nextMs = Math.min(this.#tickAtMs, this.#telling.dueMs(this.#nowMs))
    if (nextMs >= this.#timerAtMs || nextMs === Number.POSITIVE_INFINITY) return
    this.#timerAtMs = nextMs
    this.#effects.push({ type: 'setTimer', afterMs: nextMs - this.#nowMs })
  }
}
