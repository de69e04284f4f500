import type { AvailabilityMap } from './availability-map.ts'
import type { Children } from './children.ts'
import type { EmitMulticast, StreamInfo, StripeState } from './multicast-engine.ts'
import type { Parents } from './parents.ts'
import type { StreamState } from './stream-state.ts'
import type { Upload } from './upload.ts'

/** How often neighbors are told what has changed a little, in ms. Rule M8's maps to all. */
const INFO_EVERY_MS = 500

/** Between two urgent tellings, in ms. Guess: several stripes are lost and found together. */
const URGENT_MS = 40

/** Between two for the sake of slots alone, in ms. Guess. */
const OPEN_EVERY_MS = 200

/** Told again all the same, in ms: queues and uplinks change slowly. Guess. */
const INFO_AT_LEAST_MS = 2_000

/** A delay is told again when it differs by more, in ms and as a part. Guess: below what a parent is left for. */
const DELAY_NEWS_MS = 60
const DELAY_NEWS_PART = 0.2

interface ToldStripe {
  delayMs: number
  path: readonly number[]
}

/** How {@link Telling} is made. */
export interface TellingInit {
  readonly emit: EmitMulticast
  readonly state: StreamState
  readonly parents: Parents
  readonly children: Children
  readonly upload: Upload
}

/** Tells neighbors which fragments there are, and what can be had here of each stripe. What was lost or found is told at once (rule M4). */
export class Telling {
  readonly #init: TellingInit
  readonly #told: ToldStripe[]
  #toldOpen = 0
  #infoMs = 0
  #urgent = 0
  #isOpening = false
  #mapMs = 0
  /** To whom the next map goes. */
  #turn = 0

  constructor(init: TellingInit) {
    this.#init = init
    this.#told = Array.from({ length: init.state.stripes }, () => ({
      delayMs: Number.POSITIVE_INFINITY,
      path: []
    }))
  }

  /** All there is, to one neighbor. */
  greet(peer: string, asks: boolean, nowMs: number): void {
    const { emit, state } = this.#init
    const stripes: StripeState[] = []
    for (const [stripe, told] of this.#told.entries())
      if (told.delayMs !== Number.POSITIVE_INFINITY) stripes.push(stateOf(stripe, told))
    emit({ type: 'sendInfo', to: peer, info: this.#info(stripes, asks, nowMs) })
    if (state.store.start !== undefined) this.#sendMap(peer, state.store.map())
  }

  farewell(peer: string, nowMs: number): void {
    this.#init.emit({
      type: 'sendInfo',
      to: peer,
      info: { ...this.#info([], false, nowMs), isLeaving: true }
    })
  }

  /** These stripes were lost or found. */
  onChanged(mask: number): void {
    this.#urgent |= mask
  }

  /** A slot may have become free. */
  onRoom(): void {
    this.#isOpening = true
  }

  /** What was told to be open was refused, and is open again: it is told anew. */
  onReopened(): void {
    this.#toldOpen = 0
    this.#isOpening = true
  }

  /** After each input. */
  flush(nowMs: number): void {
    if (this.#urgent !== 0) {
      if (nowMs - this.#infoMs >= URGENT_MS) this.#tellInfo(nowMs)
    } else if (this.#isOpening && nowMs - this.#infoMs >= OPEN_EVERY_MS) {
      this.#isOpening = false
      if ((this.#init.children.openMask(nowMs) & ~this.#toldOpen) !== 0) this.#tellInfo(nowMs)
    }
  }

  /** To be called often. */
  tick(nowMs: number): void {
    if (nowMs - this.#infoMs >= INFO_EVERY_MS) this.#tellInfo(nowMs)
    const { state } = this.#init
    if (state.store.start === undefined || state.neighbors.size === 0) return
    const { multicastAvailabilityUpdatePeriod, multicastAvailabilitySendToAll } = state.parameters
    if (nowMs - this.#mapMs < 1_000 * multicastAvailabilityUpdatePeriod - 1) return
    this.#mapMs = nowMs
    const map = state.store.map()
    const peers = [...state.neighbors.keys()]
    if (multicastAvailabilitySendToAll) for (const peer of peers) this.#sendMap(peer, map)
    else {
      this.#turn = (this.#turn + 1) % peers.length
      this.#sendMap(peers[this.#turn] as string, map)
    }
  }

  #sendMap(to: string, map: AvailabilityMap): void {
    this.#init.emit({ type: 'sendMap', to, map, queueMs: Math.round(this.#init.upload.waitMs) })
  }

  #tellInfo(nowMs: number): void {
    const stripes: StripeState[] = []
    for (const [stripe, told] of this.#told.entries())
      if (this.#hasNews(stripe, told, nowMs)) stripes.push(stateOf(stripe, told))
    const { state, children, emit } = this.#init
    const open = children.openMask(nowMs)
    this.#urgent = 0
    if (stripes.length === 0 && open === this.#toldOpen && nowMs - this.#infoMs < INFO_AT_LEAST_MS) return
    this.#infoMs = nowMs
    this.#toldOpen = open
    const info = this.#info(stripes, false, nowMs)
    for (const peer of state.neighbors.keys()) emit({ type: 'sendInfo', to: peer, info })
  }

  /** Is there anything to tell of a stripe? Then it counts as told. */
  #hasNews(stripe: number, told: ToldStripe, nowMs: number): boolean {
    const { parents } = this.#init
    const delayMs = parents.delayMs(stripe, nowMs)
    const isLive = delayMs !== Number.POSITIVE_INFINITY
    const path = isLive ? parents.path(stripe) : []
    const wasLive = told.delayMs !== Number.POSITIVE_INFINITY
    const differsMs = isLive && wasLive ? Math.abs(delayMs - told.delayMs) : 0
    if (
      isLive === wasLive &&
      differsMs <= Math.max(DELAY_NEWS_MS, DELAY_NEWS_PART * told.delayMs) &&
      isSame(path, told.path)
    )
      return false
    if (!isLive && !wasLive) return false
    told.delayMs = delayMs
    told.path = path
    return true
  }

  #info(stripes: readonly StripeState[], asks: boolean, nowMs: number): StreamInfo {
    const { state, children, upload } = this.#init
    return {
      asks,
      isLeaving: false,
      uplinkKbps: Math.round(state.uplinkKbps),
      rateKbps: Math.round(state.rate.kbps(nowMs)),
      free: children.free,
      open: children.openMask(nowMs),
      weakestKbps: Math.round(children.weakestKbps(nowMs)),
      queueMs: Math.round(upload.waitMs),
      stripes
    }
  }
}

function stateOf(stripe: number, { delayMs, path }: ToldStripe): StripeState {
  const isLive = delayMs !== Number.POSITIVE_INFINITY
  return { stripe, delayMs: isLive ? Math.round(delayMs) : undefined, path }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
