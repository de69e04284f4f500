import { MAX_STREAM_PATH } from '../../wire/limits.ts'
import type { StripeMasks } from './multicast-engine.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Outgo } from './outgo.ts'
import { ParentChoice } from './parent-choice.ts'
import { Source, TAIL_MS } from './source.ts'
import type { StreamState } from './stream-state.ts'

/** How long a parent that has lost its own is given to find another, in ms; others of its children as much more at random. Guess: two round trips. */
const PATIENCE_MS = 300

/** How much less delay another parent must promise, in ms, and as a part. How often one stripe may move for that. Rule M2, with less: what a promise was worth shows at the first fragment. */
const GAIN_MS = 40
const GAIN_PART = 0.1
const SWITCH_EVERY_MS = 700

/** How often parents are told what they push, in ms: a child that is not heard of is none. */
const REFRESH_MS = 1_000

const NO_PATH: readonly number[] = []

/** From whom this member gets which stripe. Rules M2, M4. At the publisher it does nothing. */
export class Parents {
  readonly #state: StreamState
  readonly #outgo: Outgo
  readonly #choice: ParentChoice
  readonly #sources: readonly Source[]
  /** Stripes whose parent was lost or found since the mask was taken. */
  #changed = 0
  #switchMs = 0
  #refreshMs = 0

  constructor(state: StreamState, outgo: Outgo) {
    this.#state = state
    this.#outgo = outgo
    this.#choice = new ParentChoice(state)
    this.#sources = Array.from({ length: state.stripes }, (_, stripe) => new Source(stripe, state))
  }

  /** Stripes have been missing from now on. */
  begin(nowMs: number): void {
    for (const source of this.#sources) source.sinceMs = nowMs
  }

  /** Stripes that were lost or found since the last call. */
  takeChanged(): number {
    const changed = this.#changed
    this.#changed = 0
    return changed
  }

  /** Does a parent push this stripe? */
  isLive(stripe: number, nowMs: number): boolean {
    return this.#state.isPublisher || this.#of(stripe).isLive(nowMs)
  }

  /** How long after the publisher a fragment of this stripe is here, in ms; infinite without a live parent. */
  delayMs(stripe: number, nowMs: number): number {
    if (this.#state.isPublisher) return 0
    const source = this.#of(stripe)
    return source.parent !== undefined && source.isLive(nowMs)
      ? this.#choice.delayBy(source.parent, stripe)
      : Number.POSITIVE_INFINITY
  }

  /** Through whom it comes. */
  path(stripe: number): readonly number[] {
    const { parent } = this.#of(stripe)
    if (parent === undefined) return NO_PATH
    // It may have said since it was asked that it is farther away: a longer path would end the links of who tells it.
    return [parent.digest, ...(parent.paths[stripe] ?? NO_PATH)].slice(0, MAX_STREAM_PATH)
  }

  /** The parent that is nearest to the publisher, as it says. */
  nearest(): MulticastNeighbor | undefined {
    let [nearest, least]: [MulticastNeighbor | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    for (const { parent, stripe } of this.#sources) {
      const length = parent?.paths[stripe]?.length ?? Number.POSITIVE_INFINITY
      if (length < least) [nearest, least] = [parent, length]
    }
    return nearest
  }

  /** Since when some stripe has had no parent, in ms; undefined: all have. */
  starvingSinceMs(): number | undefined {
    if (this.#state.isPublisher) return undefined
    let sinceMs: number | undefined
    for (const { parent, orphanMs, sinceMs: ownMs } of this.#sources) {
      const mineMs = parent === undefined ? ownMs : orphanMs
      if (mineMs !== undefined && (sinceMs === undefined || mineMs < sinceMs)) sinceMs = mineMs
    }
    return sinceMs
  }

  /** Will this fragment be pushed, as far as is known? */
  isComing(number: number, nowMs: number): boolean {
    return this.#of(number % this.#state.stripes).isComing(number, nowMs)
  }

  /** A fragment has come that was not pulled. @returns was it to be expected from this neighbor? */
  onPushed(from: MulticastNeighbor, number: number, nowMs: number): boolean {
    const source = this.#of(number % this.#state.stripes)
    if (source.next === from && this.#isDisproved(source, number)) {
      this.#dropNext(source)
      from.onDisproved(source.stripe, nowMs)
      return true
    }
    if (source.next === from) this.#move(source, from, nowMs, number)
    if (source.parent !== from) {
      // It does not know that it need not.
      if (nowMs - source.sinceMs > TAIL_MS + from.rttMs) this.#outgo.unsubscribe(from, source.stripe)
      return false
    }
    source.pushedMs = nowMs
    if (number > source.pushed || this.#state.store.expects(number)) source.newMs = nowMs
    if (number > source.pushed) source.pushed = number
    return true
  }

  /** Answers to what was asked, and slots taken away. */
  onMasks(from: MulticastNeighbor, { accept, refuse, revoke }: StripeMasks, nowMs: number): void {
    if ((accept | refuse | revoke) === 0) return
    for (const source of this.#sources) {
      const { bit, stripe } = source
      if ((accept & bit) !== 0) this.#onAccept(source, from, nowMs)
      if (((refuse | revoke) & bit) !== 0) from.onRefused(stripe, nowMs, this.#state.random())
      if ((revoke & bit) !== 0 && source.parent === from) source.isRevoked = true
      if ((refuse & bit) === 0) continue
      if (source.next === from) source.dropNext()
      if (source.parent === from) this.#lose(source, nowMs)
    }
  }

  /** A neighbor has told something new. */
  onInfo(from: MulticastNeighbor, nowMs: number): void {
    if (from.parentMask === 0) return
    for (const source of this.#sources) {
      if (source.parent !== from) continue
      const path = from.paths[source.stripe] as readonly number[]
      if (path.includes(this.#state.digest) || path.length >= MAX_STREAM_PATH) {
        this.#leave(source, from, nowMs)
        continue
      }
      const isOrphan = from.delaysMs[source.stripe] === Number.POSITIVE_INFINITY
      if (isOrphan === (source.orphanMs !== undefined)) continue
      source.orphanMs = isOrphan ? nowMs + PATIENCE_MS * this.#state.random() : undefined
      this.#changed |= source.bit
    }
  }

  /** The neighbor is one no more. */
  onGone(from: MulticastNeighbor, nowMs: number): void {
    for (const source of this.#sources) {
      if (source.next === from) source.dropNext()
      if (source.parent === from) this.#lose(source, nowMs)
    }
  }

  /** To be called often. */
  tick(nowMs: number): void {
    if (this.#state.isPublisher || this.#state.store.isEnding) return
    for (const source of this.#sources) {
      const { next, parent, stripe } = source
      if (next !== undefined && source.isUnanswered(nowMs)) {
        this.#dropNext(source)
        next.onRefused(stripe, nowMs, this.#state.random())
      }
      if (parent === undefined) continue
      const isUseless = source.isUseless(nowMs)
      if (isUseless || source.isStale(nowMs)) this.#leave(source, parent, nowMs)
      if (isUseless) parent.onDisproved(stripe, nowMs)
    }
    this.seek(nowMs)
    if (nowMs - this.#switchMs >= SWITCH_EVERY_MS) this.#improve(nowMs)
    if (nowMs - this.#refreshMs >= REFRESH_MS) this.#refresh(nowMs)
  }

  /** Asks for stripes that have no parent. To be called when a neighbor has told something new. */
  seek(nowMs: number): void {
    if (this.#state.isPublisher || this.#state.store.isEnding) return
    for (const source of this.#sources) {
      if (source.next !== undefined) continue
      const isOrphaned = source.orphanMs !== undefined && nowMs - source.orphanMs > PATIENCE_MS
      if (source.parent !== undefined && !source.isRevoked && !isOrphaned) continue
      const [best] = this.#choice.best(source.stripe, Number.POSITIVE_INFINITY, nowMs)
      if (best !== undefined) this.#ask(source, best, nowMs)
    }
  }

  /** Moves the stripe that gains most, if it is worth it. */
  #improve(nowMs: number): void {
    let [most, chosen, at]: [number, MulticastNeighbor | undefined, Source | undefined] = [
      0,
      undefined,
      undefined
    ]
    for (const source of this.#sources) {
      if (source.parent === undefined || !source.mayImprove(nowMs)) continue
      const delayMs = this.#choice.delayBy(source.parent, source.stripe)
      const [best, bestMs] = this.#choice.best(source.stripe, delayMs, nowMs)
      const gainMs = delayMs - bestMs
      if (gainMs < Math.max(GAIN_MS, GAIN_PART * delayMs) || gainMs <= most) continue
      ;[most, chosen, at] = [gainMs, best, source]
    }
    if (chosen === undefined || at === undefined) return
    this.#switchMs = nowMs
    at.onImproving(nowMs)
    this.#ask(at, chosen, nowMs)
  }

  #ask(source: Source, neighbor: MulticastNeighbor, nowMs: number): void {
    source.onAsked(neighbor, nowMs)
    this.#outgo.subscribe(neighbor, source.bit)
  }

  #onAccept(source: Source, from: MulticastNeighbor, nowMs: number): void {
    if (source.next !== from) {
      if (source.parent !== from) this.#outgo.unsubscribe(from, source.stripe)
      return
    }
    from.onAccepted(source.stripe)
    source.isAccepted = true
    source.nextMs = nowMs
    // While there is one, it pushes until the new one does.
    if (source.parent !== undefined) return
    source.foundAt = Math.max(from.highest, this.#state.store.known)
    this.#move(source, from, nowMs, 0)
  }

  /** Does the one that was promising less delay push what the parent has pushed before? */
  #isDisproved(source: Source, number: number): boolean {
    const mustMove = source.parent === undefined || source.isRevoked || source.orphanMs !== undefined
    return !mustMove && number <= source.pushed
  }

  /** @param first the first fragment that the new one has pushed; 0: none yet */
  #move(source: Source, to: MulticastNeighbor, nowMs: number, first: number): void {
    if (source.parent !== undefined)
      this.#outgo.unsubscribe(source.parent, source.stripe, Math.max(0, first - 1))
    source.onFound(to, first, nowMs)
    this.#changed |= source.bit
  }

  /** The parent is left, and not asked again for a while. */
  #leave(source: Source, parent: MulticastNeighbor, nowMs: number): void {
    this.#outgo.unsubscribe(parent, source.stripe)
    parent.onRefused(source.stripe, nowMs, this.#state.random())
    this.#lose(source, nowMs)
  }

  #lose(source: Source, nowMs: number): void {
    source.onLost(nowMs)
    this.#changed |= source.bit
    if (source.next !== undefined && source.isAccepted) this.#move(source, source.next, nowMs, 0)
  }

  #dropNext(source: Source): void {
    if (source.next !== undefined) this.#outgo.unsubscribe(source.next, source.stripe)
    source.dropNext()
  }

  #refresh(nowMs: number): void {
    this.#refreshMs = nowMs
    for (const neighbor of this.#state.neighbors.values())
      if (neighbor.parentMask !== 0) this.#outgo.subscribe(neighbor, neighbor.parentMask)
  }

  #of(stripe: number): Source {
    return this.#sources[stripe] as Source
  }
}
