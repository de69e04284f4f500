// One sender with an ordinary uplink, any number of viewers, because viewers pass the stream on. What makes that work (rules M1 to M8, measured in simulation):
//  - The stream is cut into numbered fragments, and these into stripes (number mod 8). Each stripe is a tree of its own that repairs itself: a member asks the neighbor for a stripe that
//    promises it with the least delay, counted from the publisher, and leaves it when it does not keep its word.
//  - Nobody pushes more than its uplink carries: a member has slots, which are measured and not declared. A full member lets a clearly weaker child go for a stronger one; so the strong
//    come to be near the publisher, and the trees are shallow.
//  - Who has lost its parent, or found one, says so at once: nobody waits for what will not come, and no stripe runs in a circle.
//  - What pushes leave out is asked for by number, of whoever has it. That yields to pushes, since otherwise the trees starve, and then all ask.
// Windows move by fragments alone, which are verified before they come here; a neighbor's word makes this member ask, and no more.
import { MAX_STRIPES } from '../../wire/limits.ts'
import { Children } from './children.ts'
import type { Fragment } from './fragment.ts'
import { FragmentStore } from './fragment-store.ts'
import { Intake } from './intake.ts'
import type {
  MulticastCounters,
  MulticastEffect,
  MulticastEngine,
  MulticastInit,
  MulticastInput,
  StreamInfo,
  StripeMasks
} from './multicast-engine.ts'
import { MulticastNeighbor, type Unasked } from './multicast-neighbor.ts'
import { DEFAULT_MULTICAST_PARAMETERS, STRIPES } from './multicast-parameters.ts'
import { Outgo } from './outgo.ts'
import { Parents } from './parents.ts'
import { peerDigest } from './peer-digest.ts'
import { PeerSeeking } from './peer-seeking.ts'
import { Pulling } from './pulling.ts'
import { StreamRate } from './stream-rate.ts'
import type { StreamState } from './stream-state.ts'
import { Telling } from './telling.ts'
import { Upload } from './upload.ts'

/** How often it is looked for what is due, in ms. The original's. */
const TICK_MS = 100

type NeighborInput = Exclude<Extract<MulticastInput, { readonly from: string }>, { readonly type: 'info' }>
type LocalInput = Exclude<MulticastInput, { readonly from: string } | { readonly type: 'timer' }>

/** How an engine stands, for simulations: slots, and how many of them are taken; stripes without a parent, and how far the others have come; neighbors that carry the stream. */
export type MulticastInsight = Readonly<
  Record<'slots' | 'used' | 'uplinkKbps' | 'parentless' | 'depth' | 'carrying' | 'waitMs' | 'waiting', number>
>

/** The {@link MulticastEngine}. */
export class StripeEngine implements MulticastEngine {
  readonly #state: StreamState
  readonly #store = new FragmentStore()
  readonly #outgo = new Outgo()
  /** Round trip times of all neighbors, whether they carry the stream or not. */
  readonly #links = new Map<string, number>()
  readonly #unasked = new Map<string, Unasked>()
  readonly #upload: Upload
  readonly #parents: Parents
  readonly #children: Children
  readonly #pulling: Pulling
  readonly #intake: Intake
  readonly #telling: Telling
  readonly #seeking: PeerSeeking
  #effects: MulticastEffect[] = []
  readonly #emit = (effect: MulticastEffect): void => {
    this.#effects.push(effect)
  }
  #nowMs = 0
  #tickAtMs: number | undefined
  #isTimerSet = false
  #isClosed = false

  constructor(init: MulticastInit) {
    const {
      peer,
      publisher,
      parameters,
      stripes = STRIPES,
      uplinkBitsPerSecond,
      random,
      isYoung = false
    } = init
    if (!(stripes >= 1 && stripes <= MAX_STRIPES)) throw new RangeError(`A stream has no ${stripes} stripes`)
    const emit = this.#emit
    const isPublisher = publisher === peer
    const store = this.#store
    const state: StreamState = {
      isPublisher,
      stripes,
      random,
      digest: peerDigest(peer),
      store,
      rate: new StreamRate(isPublisher, init.bitsPerSecond),
      links: this.#links,
      neighbors: new Map(),
      parameters: { ...DEFAULT_MULTICAST_PARAMETERS, ...parameters },
      uplinkKbps: 0
    }
    this.#state = state
    this.#upload = new Upload({ emit, store, isPublisher, uplinkBitsPerSecond })
    this.#parents = new Parents(state, this.#outgo)
    this.#children = new Children(state, this.#upload, this.#outgo, this.#parents)
    this.#pulling = new Pulling(state, this.#parents, emit, publisher)
    const [parents, children, upload] = [this.#parents, this.#children, this.#upload]
    this.#intake = new Intake({ emit, state, parents, children, pulling: this.#pulling, isYoung })
    this.#telling = new Telling({ emit, state, parents, children, upload })
    this.#seeking = new PeerSeeking(state, emit, peer, publisher)
  }

  get counters(): MulticastCounters {
    return { ...this.#upload.counters, ...this.#intake.counters }
  }

  /** What there is from the latest keyframe on: where that begins (undefined: nothing has come), and the highest number that was given up. */
  get backlog(): { start: number | undefined; skipped: number; fragments: Fragment[] } {
    const { start, low, keyframe, highest, skipped } = this.#store
    if (start === undefined) return { start, skipped, fragments: [] }
    const from = keyframe >= low ? keyframe : highest + 1
    const fragments: Fragment[] = []
    for (let number = from; number <= highest; number++) {
      const fragment = this.#store.get(number)
      if (fragment !== undefined) fragments.push(fragment)
    }
    return { start: from, skipped, fragments }
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'pulling', number> & FragmentStore['kept'] & Upload['kept']> {
    return { ...this.#store.kept, ...this.#upload.kept, pulling: this.#pulling.waiting }
  }

  /** Slots, parents and the like, for simulations. */
  get insight(): MulticastInsight {
    const stripes = Array.from({ length: this.#state.stripes }, (_, stripe) => stripe)
    const live = stripes.filter(stripe => this.#parents.isLive(stripe, this.#nowMs))
    const { used, free } = this.#children
    return {
      slots: used + free,
      used,
      uplinkKbps: this.#state.uplinkKbps,
      parentless: stripes.length - live.length,
      depth: live.reduce((sum, stripe) => sum + this.#parents.path(stripe).length, 0) / live.length,
      carrying: this.#state.neighbors.size,
      waitMs: this.#upload.waitMs,
      waiting: this.#children.leastWaiting(this.#nowMs)
    }
  }

  uses(peer: string): boolean {
    const neighbor = this.#state.neighbors.get(peer)
    return neighbor !== undefined && (neighbor.parentMask | neighbor.pendingMask | neighbor.childMask) !== 0
  }

  /** Has all come that comes of a stream which was ended? Never at the publisher. */
  get hasEnded(): boolean {
    return this.#store.isEnded && !this.#state.isPublisher
  }

  get isSettled(): boolean {
    for (const { map } of this.#state.neighbors.values())
      if (map === undefined || map.base < this.#store.highest) return false
    return true
  }

  get isFormed(): boolean {
    for (const { delaysMs } of this.#state.neighbors.values())
      if (delaysMs.includes(Number.POSITIVE_INFINITY)) return false
    return true
  }

  expects(number: number): boolean {
    if (this.#isClosed || this.#state.isPublisher) return false
    return this.#store.start === undefined || this.#store.expects(number)
  }

  handle(input: MulticastInput, nowMs: number): MulticastEffect[] {
    const effects: MulticastEffect[] = []
    if (this.#isClosed) return effects
    this.#effects = effects
    this.#nowMs = nowMs
    if (this.#tickAtMs === undefined) this.#begin(nowMs)
    if (input.type === 'timer') this.#onTimer()
    else if (input.type === 'info') this.#onInfo(input.from, input.info)
    else if ('from' in input) this.#onNeighbor(input)
    else this.#onLocal(input)
    this.#finish()
    return effects
  }

  #begin(nowMs: number): void {
    // Not all at once, where many begin at once.
    this.#tickAtMs = nowMs + TICK_MS * this.#state.random()
    this.#parents.begin(nowMs)
    this.#children.begin(nowMs)
    this.#state.uplinkKbps = this.#upload.uplink.kbps(this.#state.rate.kbps(nowMs))
  }

  #onLocal(input: LocalInput): void {
    switch (input.type) {
      case 'sent':
        this.#upload.onSent(input.to, input.number, this.#nowMs)
        break
      case 'publish':
        if (this.#state.isPublisher) this.#intake.onPublish(input.fragment, this.#nowMs)
        break
      case 'linkUp':
        this.#onLinkUp(input.peer, input.rttMs)
        break
      case 'linkDown':
        this.#onLinkDown(input.peer)
        break
      case 'rtt':
        this.#onRtt(input.peer, input.rttMs)
        break
      case 'uplink':
        this.#upload.uplink.onTold(input.bitsPerSecond)
        break
      case 'parameters':
        this.#state.parameters = { ...this.#state.parameters, ...input.parameters }
        break
      case 'close':
        this.#onClose()
    }
  }

  #onNeighbor(input: NeighborInput): void {
    const neighbor = this.#state.neighbors.get(input.from)
    if (neighbor === undefined) return
    neighbor.heardAtMs = this.#nowMs
    switch (input.type) {
      case 'fragment':
        if (!this.#state.isPublisher) this.#intake.onFragment(neighbor, input.fragment, this.#nowMs)
        break
      case 'map':
        neighbor.map = input.map
        neighbor.queueMs = input.queueMs
        this.#intake.onMap(neighbor, input.map, this.#nowMs)
        break
      case 'stripes':
        this.#onStripes(neighbor, input.masks)
        break
      case 'pull':
        this.#upload.onPull(neighbor.peer, input.numbers, this.#children.spareKbps(this.#nowMs), this.#nowMs)
        break
      case 'denial':
        this.#pulling.onDenial(neighbor, input.numbers, input.reason, this.#nowMs)
        break
      case 'peers':
        this.#seeking.onPeers(neighbor, input.asks, input.peers, peer => this.#links.has(peer), this.#nowMs)
    }
  }

  #onLinkUp(peer: string, rttMs: number): void {
    this.#onLinkDown(peer)
    this.#links.set(peer, rttMs)
    this.#telling.greet(peer, true, this.#nowMs)
  }

  #onLinkDown(peer: string): void {
    this.#links.delete(peer)
    this.#unasked.delete(peer)
    this.#onGone(peer)
  }

  #onRtt(peer: string, rttMs: number): void {
    if (!this.#links.has(peer)) return
    this.#links.set(peer, rttMs)
    const neighbor = this.#state.neighbors.get(peer)
    if (neighbor !== undefined) neighbor.rttMs = rttMs
  }

  /** A neighbor carries the stream no more. */
  #onGone(peer: string): void {
    const neighbor = this.#state.neighbors.get(peer)
    if (neighbor === undefined) return
    this.#state.neighbors.delete(peer)
    this.#outgo.forget(neighbor)
    this.#children.onUnsubscribe(neighbor, neighbor.childMask, 0, this.#nowMs)
    this.#upload.onLinkDown(peer)
    this.#pulling.onGone(neighbor)
    this.#parents.onGone(neighbor, this.#nowMs)
    this.#outgo.forget(neighbor)
  }

  #onInfo(peer: string, info: StreamInfo): void {
    const rttMs = this.#links.get(peer)
    if (rttMs === undefined) return
    if (info.isLeaving) {
      this.#onGone(peer)
      return
    }
    let neighbor = this.#state.neighbors.get(peer)
    // It begins anew: what it was told before is lost.
    if (neighbor !== undefined && info.asks) this.#onGone(peer)
    if (neighbor === undefined || info.asks) {
      const unasked = this.#unasked.get(peer) ?? { count: 0 }
      this.#unasked.set(peer, unasked)
      neighbor = new MulticastNeighbor(peer, rttMs, this.#state.stripes, this.#nowMs, unasked)
      this.#state.neighbors.set(peer, neighbor)
      this.#upload.onLinkUp(peer)
      if (info.asks) this.#telling.greet(peer, false, this.#nowMs)
    }
    neighbor.heardAtMs = this.#nowMs
    neighbor.onInfo(info)
    neighbor.rateKbps = info.rateKbps
    if (this.#store.start === undefined) this.#state.rate.onTold(info.rateKbps)
    this.#parents.onInfo(neighbor, this.#nowMs)
    this.#parents.seek(this.#nowMs)
  }

  #onStripes(neighbor: MulticastNeighbor, masks: StripeMasks): void {
    if (masks.subscribe !== 0) {
      neighbor.interior = masks.interior
      neighbor.uplinkKbps = masks.uplinkKbps
    }
    this.#parents.onMasks(neighbor, masks, this.#nowMs)
    this.#children.onUnsubscribe(neighbor, masks.unsubscribe, masks.until, this.#nowMs)
    if (masks.subscribe !== 0) this.#children.onSubscribe(neighbor, masks.subscribe, this.#nowMs)
    if (masks.unsubscribe !== 0) this.#telling.onRoom()
  }

  #onTimer(): void {
    this.#isTimerSet = false
    const tickAtMs = this.#tickAtMs ?? this.#nowMs
    if (this.#nowMs < tickAtMs) return
    this.#tickAtMs = Math.max(tickAtMs + TICK_MS, this.#nowMs)
    this.#intake.trim(this.#nowMs)
    const { neighbors, rate } = this.#state
    rate.onTold(this.#parents.nearest()?.rateKbps ?? 0)
    this.#upload.tick(rate.kbps(this.#nowMs), this.#nowMs)
    this.#children.tick(neighbors.values(), this.#nowMs)
    this.#parents.tick(this.#nowMs)
    this.#pulling.tick(this.#nowMs)
    this.#intake.noteSkipped()
    this.#seeking.tick(this.#parents.starvingSinceMs(), this.#nowMs)
    this.#state.uplinkKbps = this.#upload.uplink.kbps(rate.kbps(this.#nowMs))
    if (this.#children.takeReopened(this.#nowMs)) this.#telling.onReopened()
    this.#telling.tick(this.#nowMs)
  }

  #onClose(): void {
    for (const peer of this.#state.neighbors.keys()) this.#telling.farewell(peer, this.#nowMs)
    this.#isClosed = true
  }

  #finish(): void {
    if (this.#isClosed) return
    const changed = this.#parents.takeChanged()
    if (changed !== 0) this.#telling.onChanged(changed)
    this.#outgo.flush(this.#emit, Math.round(this.#state.uplinkKbps), this.#children)
    this.#telling.flush(this.#nowMs)
    if (this.#isTimerSet) return
    this.#isTimerSet = true
    const afterMs = Math.max(1, Math.ceil((this.#tickAtMs ?? this.#nowMs) - this.#nowMs))
    this.#effects.push({ type: 'setTimer', afterMs })
  }
}
