import { MAX_STREAM_PATH } from '../../wire/limits.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Outgo } from './outgo.ts'
import { bitCount, fairShare, nextOf, type StreamState } from './stream-state.ts'

/** A parent that has not pushed what is known to exist for so long is none, in ms. Rule M4. */
const STALE_MS = 1_200

/** Who admits a child has itself been given all that it knows of for so long, in ms. Rule M4: "fragment within 1 s". */
const LIVE_MS = 1_000

/** How long a parent that has lost its own is given to find another, in ms; others of its children as much more at random. Guess: two round trips. */
const PATIENCE_MS = 300

/** How long an answer is waited for, in ms: then it counts as a refusal. Guess: beside three round trips. */
const ANSWER_MS = 400

/** How much less delay another parent must promise, in ms, and as a part. How often one stripe may move for that. Rule M2. */
const GAIN_MS = 40
const GAIN_PART = 0.1
const SWITCH_EVERY_MS = 700

/** No stripe moves for its delay sooner after it was found, in ms; after each time this doubles, up to the second one. Guess: what moves brings fragments twice. */
const SETTLED_MS = 3_000
const MAX_SETTLED_MS = 60_000

/** How long what the parent before was to push is waited for, in ms. Guess: a round trip and a queue. */
const TAIL_MS = 800

/** What is added to the delay of a neighbor without a free slot, where a weaker child would give way, in ms. Rule M2. */
const GIVES_WAY_MS = 20

/** What each hop adds beyond latency, queue and sending, in ms: packets that are lost and come late, and all behind them. Guess. */
const HOP_MS = 30

/** The same where this member has its share of stripes already. Guess: one would rather have them of others, but of nobody else than not. */
const MORE_THAN_SHARE_MS = 150

/** How often parents are told what they push, in ms: a child that is not heard of is none. */
const REFRESH_MS = 1_000

/** Where one stripe comes from. */
interface Source {
  parent: MulticastNeighbor | undefined
  /** Asked, or accepted and to push the first fragment yet. */
  next: MulticastNeighbor | undefined
  isAccepted: boolean
  nextMs: number
  /** Since when there is this parent; without: since when there is none. */
  sinceMs: number
  /** The parent has said that it will end. */
  isRevoked: boolean
  /** When it may move again for less delay, and how long after that. */
  improveAtMs: number
  restMs: number
  /** Since when the parent says that it has none itself. */
  orphanMs: number | undefined
  /** The highest fragment of the stripe that the parent has pushed, or that was there before it. */
  pushed: number
  /** When it pushed last. */
  pushedMs: number
  /** The highest that was said to exist when the parent was found: what is below, it does not push. */
  foundAt: number
  /** The last that the parent before is to push. */
  tail: number
}

/** From whom this member gets which stripe. Rules M2, M4. At the publisher it does nothing. */
export class Parents {
  readonly #state: StreamState
  readonly #outgo: Outgo
  readonly #sources: Source[]
  /** Stripes whose parent was lost or found since the mask was taken. */
  #changed = 0
  #switchMs = 0
  #refreshMs = 0

  constructor(state: StreamState, outgo: Outgo) {
    this.#state = state
    this.#outgo = outgo
    this.#sources = Array.from({ length: state.stripes }, () => ({
      parent: undefined,
      next: undefined,
      isAccepted: false,
      nextMs: 0,
      sinceMs: 0,
      isRevoked: false,
      improveAtMs: 0,
      restMs: SETTLED_MS,
      orphanMs: undefined,
      pushed: 0,
      pushedMs: 0,
      foundAt: 0,
      tail: 0
    }))
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
    if (this.#state.isPublisher) return true
    const { parent, orphanMs } = this.#of(stripe)
    return parent !== undefined && orphanMs === undefined && !this.#isBehind(stripe, LIVE_MS, nowMs)
  }

  /** How long after the publisher a fragment of this stripe is here, in ms; infinite without a live parent. */
  delayMs(stripe: number, nowMs: number): number {
    if (this.#state.isPublisher) return 0
    const { parent } = this.#of(stripe)
    return parent !== undefined && this.isLive(stripe, nowMs)
      ? this.#delayBy(parent, stripe)
      : Number.POSITIVE_INFINITY
  }

  /** Through whom it comes. */
  path(stripe: number): readonly number[] {
    if (this.#state.isPublisher) return []
    const { parent } = this.#of(stripe)
    return parent === undefined ? [] : [parent.digest, ...(parent.paths[stripe] ?? [])]
  }

  /** The parent that is nearest to the publisher, as it says. */
  nearest(): MulticastNeighbor | undefined {
    let [nearest, least]: [MulticastNeighbor | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    for (const [stripe, { parent }] of this.#sources.entries()) {
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

  /** Will this one be pushed, as far as is known? */
  isComing(number: number, nowMs: number): boolean {
    const stripe = number % this.#state.stripes
    const { parent, pushed, foundAt, tail, sinceMs } = this.#of(stripe)
    if (number <= tail && nowMs - sinceMs < TAIL_MS) return true
    return parent !== undefined && number > pushed && number > foundAt && this.isLive(stripe, nowMs)
  }

  /** The highest that has been pushed, of this one's stripe. */
  pushedBeyond(number: number): boolean {
    return this.#of(number % this.#state.stripes).pushed > number
  }

  /** A fragment has come that was not pulled. @returns was it to be expected from this neighbor? */
  onPushed(from: MulticastNeighbor, number: number, nowMs: number): boolean {
    const stripe = number % this.#state.stripes
    const source = this.#of(stripe)
    if (source.next === from && !this.#isBetter(source, stripe, number, nowMs)) return true
    if (source.next === from) this.#move(source, stripe, from, nowMs, number)
    if (source.parent !== from) {
      // It does not know that it need not.
      if (nowMs - source.sinceMs > TAIL_MS + from.rttMs) this.#outgo.unsubscribe(from, stripe)
      return false
    }
    source.pushedMs = nowMs
    if (number > source.pushed) source.pushed = number
    return true
  }

  /** Answers to what was asked, and slots taken away. @param claimed the highest number that anybody says exists */
  onMasks(
    from: MulticastNeighbor,
    { accept, refuse, revoke }: { readonly accept: number; readonly refuse: number; readonly revoke: number },
    claimed: number,
    nowMs: number
  ): void {
    for (const [stripe, source] of this.#sources.entries()) {
      const bit = 1 << stripe
      if ((accept & bit) !== 0) this.#onAccept(source, stripe, from, claimed, nowMs)
      if (((refuse | revoke) & bit) !== 0) from.onRefused(stripe, nowMs, this.#state.random())
      if ((revoke & bit) !== 0 && source.parent === from) source.isRevoked = true
      if ((refuse & bit) === 0) continue
      if (source.next === from) this.#dropNext(source, stripe)
      if (source.parent === from) this.#lose(source, stripe, nowMs)
    }
  }

  /** A neighbor has told something new. */
  onInfo(from: MulticastNeighbor, nowMs: number): void {
    if (from.parentMask === 0) return
    for (const [stripe, source] of this.#sources.entries()) {
      if (source.parent !== from) continue
      const path = from.paths[stripe] as readonly number[]
      if (path.includes(this.#state.digest) || path.length >= MAX_STREAM_PATH) {
        this.#outgo.unsubscribe(from, stripe)
        from.onRefused(stripe, nowMs, this.#state.random())
        this.#lose(source, stripe, nowMs)
        continue
      }
      const isOrphan = from.delaysMs[stripe] === Number.POSITIVE_INFINITY
      if (isOrphan === (source.orphanMs !== undefined)) continue
      source.orphanMs = isOrphan ? nowMs + PATIENCE_MS * this.#state.random() : undefined
      this.#changed |= 1 << stripe
    }
  }

  onGone(from: MulticastNeighbor, nowMs: number): void {
    for (const [stripe, source] of this.#sources.entries()) {
      if (source.next === from) this.#dropNext(source, stripe)
      if (source.parent === from) this.#lose(source, stripe, nowMs)
    }
  }

  /** To be called often. */
  tick(nowMs: number): void {
    if (this.#state.isPublisher || this.#state.store.isEnding) return
    for (const [stripe, source] of this.#sources.entries()) this.#watch(source, stripe, nowMs)
    this.seek(nowMs)
    if (nowMs - this.#switchMs >= SWITCH_EVERY_MS) this.#improve(nowMs)
    if (nowMs - this.#refreshMs >= REFRESH_MS) this.#refresh(nowMs)
  }

  /** Asks for stripes that have no parent. To be called when a neighbor has told something new. */
  seek(nowMs: number): void {
    if (this.#state.isPublisher || this.#state.store.isEnding) return
    for (const [stripe, source] of this.#sources.entries()) {
      if (source.next !== undefined) continue
      const isOrphaned = source.orphanMs !== undefined && nowMs - source.orphanMs > PATIENCE_MS
      if (source.parent !== undefined && !source.isRevoked && !isOrphaned) continue
      const [best] = this.#best(stripe, Number.POSITIVE_INFINITY, nowMs)
      if (best !== undefined) this.#ask(source, stripe, best, nowMs)
    }
  }

  #watch(source: Source, stripe: number, nowMs: number): void {
    const { parent, next } = source
    if (next !== undefined && nowMs - source.nextMs > this.#answerMs(source, next)) {
      this.#outgo.unsubscribe(next, stripe)
      next.onRefused(stripe, nowMs, this.#state.random())
      this.#dropNext(source, stripe)
    }
    if (parent === undefined || nowMs - source.sinceMs < STALE_MS + parent.rttMs) return
    if (!this.#isBehind(stripe, this.#staleMs(stripe, parent), nowMs)) return
    this.#outgo.unsubscribe(parent, stripe)
    parent.onRefused(stripe, nowMs, this.#state.random())
    this.#lose(source, stripe, nowMs)
  }

  /** An answer takes a round trip; the first push after it may take as long as there is nothing to push. */
  #answerMs({ isAccepted }: Source, next: MulticastNeighbor): number {
    return isAccepted ? STALE_MS + ANSWER_MS + 3 * next.rttMs : ANSWER_MS + 3 * next.rttMs
  }

  /** What comes late may stay away longer, when queues grow. */
  #staleMs(stripe: number, parent: MulticastNeighbor): number {
    const delayMs = parent.delaysMs[stripe] as number
    return STALE_MS + (Number.isFinite(delayMs) ? delayMs / 2 : 0)
  }

  /** Has the parent pushed nothing for so long, of which as long has been known that it exists? */
  #isBehind(stripe: number, forMs: number, nowMs: number): boolean {
    const { store, stripes } = this.#state
    const source = this.#of(stripe)
    const next = nextOf(stripe, source.pushed, stripes)
    if (next > store.known || next < store.low || nowMs - source.pushedMs <= forMs) return false
    return nowMs - store.knownAtMs(next) > forMs
  }

  /** Moves the stripe that gains most, if it is worth it. */
  #improve(nowMs: number): void {
    let [most, chosen, at]: [number, MulticastNeighbor | undefined, number] = [0, undefined, 0]
    for (const [stripe, source] of this.#sources.entries()) {
      const { parent, next, orphanMs, sinceMs } = source
      if (parent === undefined || next !== undefined || orphanMs !== undefined || source.isRevoked) continue
      if (nowMs - sinceMs < SETTLED_MS || nowMs < source.improveAtMs) continue
      const delayMs = this.#delayBy(parent, stripe)
      const [best, bestMs] = this.#best(stripe, delayMs, nowMs)
      const gainMs = delayMs - bestMs
      if (best === undefined || best === parent || gainMs < Math.max(GAIN_MS, GAIN_PART * delayMs)) continue
      if (gainMs > most) [most, chosen, at] = [gainMs, best, stripe]
    }
    if (chosen === undefined) return
    this.#switchMs = nowMs
    const source = this.#of(at)
    source.improveAtMs = nowMs + source.restMs
    source.restMs = Math.min(2 * source.restMs, MAX_SETTLED_MS)
    this.#ask(source, at, chosen, nowMs)
  }

  /** The neighbor that promises the stripe with the least delay, and that. */
  #best(stripe: number, belowMs: number, nowMs: number): [MulticastNeighbor | undefined, number] {
    let [best, bestMs]: [MulticastNeighbor | undefined, number] = [undefined, belowMs]
    const bit = 1 << stripe
    const { rate, uplinkKbps, stripes } = this.#state
    const rateKbps = rate.kbps(nowMs)
    const share = fairShare(uplinkKbps, rateKbps, stripes)
    const isWeak = uplinkKbps < rateKbps
    for (const neighbor of this.#state.neighbors.values()) {
      const toldMs = neighbor.delaysMs[stripe] as number
      if (toldMs >= bestMs || !neighbor.mayBeAsked(stripe, nowMs) || (neighbor.parentMask & bit) !== 0)
        continue
      if (
        (neighbor.childMask & bit) !== 0 ||
        (neighbor.paths[stripe] as readonly number[]).includes(this.#state.digest)
      )
        continue
      const waitMs = this.#waitFor(neighbor, bit, share, isWeak)
      if (waitMs === undefined) continue
      const delayMs = this.#delayBy(neighbor, stripe) + waitMs
      if (delayMs < bestMs) [best, bestMs] = [neighbor, delayMs]
    }
    return [best, bestMs]
  }

  /** How long after the publisher it would be here by this neighbor. */
  #delayBy(parent: MulticastNeighbor, stripe: number): number {
    const { rate } = this.#state
    const sendingMs = parent.uplinkKbps > 0 ? (8 * rate.meanBytes) / parent.uplinkKbps : 0
    return (parent.delaysMs[stripe] as number) + parent.rttMs / 2 + parent.queueMs + sendingMs + HOP_MS
  }

  /** What it costs that the neighbor has no slot free; undefined: it would refuse, as far as is known. */
  #waitFor(neighbor: MulticastNeighbor, bit: number, share: number, isWeak: boolean): number | undefined {
    const { openMask, free, pendingMask, weakestKbps } = neighbor
    // Nobody gives way to a weak one.
    if (free === 0 && isWeak) return undefined
    const moreMs = bitCount(neighbor.parentMask | pendingMask) < share ? 0 : MORE_THAN_SHARE_MS
    if ((openMask & bit) !== 0) return moreMs + (free > bitCount(pendingMask) ? 0 : GIVES_WAY_MS)
    return weakestKbps > 0 && weakestKbps < 0.7 * this.#state.uplinkKbps ? GIVES_WAY_MS : undefined
  }

  #ask(source: Source, stripe: number, neighbor: MulticastNeighbor, nowMs: number): void {
    source.next = neighbor
    source.isAccepted = false
    source.nextMs = nowMs
    neighbor.pendingMask |= 1 << stripe
    this.#outgo.subscribe(neighbor, 1 << stripe)
  }

  #onAccept(source: Source, stripe: number, from: MulticastNeighbor, claimed: number, nowMs: number): void {
    if (source.next !== from) {
      if (source.parent !== from) this.#outgo.unsubscribe(from, stripe)
      return
    }
    from.onAccepted(stripe)
    source.isAccepted = true
    source.nextMs = nowMs
    // While there is one, it pushes until the new one does.
    if (source.parent !== undefined) return
    source.foundAt = Math.max(claimed, this.#state.store.known)
    this.#move(source, stripe, from, nowMs)
  }

  /** Does the one that was promising keep its word? What the parent has pushed before it shows that it does not. */
  #isBetter(source: Source, stripe: number, number: number, nowMs: number): boolean {
    const { parent, next } = source
    if (parent === undefined || next === undefined || number > source.pushed) return true
    if (source.isRevoked || source.orphanMs !== undefined) return true
    this.#outgo.unsubscribe(next, stripe)
    next.onDisproved(stripe, nowMs)
    this.#dropNext(source, stripe)
    return false
  }

  /** @param first the first fragment that the new one has pushed, if any: the old one pushes those before it */
  #move(source: Source, stripe: number, to: MulticastNeighbor, nowMs: number, first = 0): void {
    const { parent } = source
    const bit = 1 << stripe
    if (parent !== undefined) {
      this.#outgo.unsubscribe(parent, stripe, first > 0 ? first - 1 : 0)
      source.tail = first - 1
      parent.parentMask &= ~bit
    }
    to.pendingMask &= ~bit
    to.parentMask |= bit
    source.parent = to
    source.next = undefined
    source.isRevoked = false
    source.sinceMs = nowMs
    source.orphanMs = to.delaysMs[stripe] === Number.POSITIVE_INFINITY ? nowMs : undefined
    if (parent === undefined) source.pushed = Math.max(source.pushed, this.#state.store.known)
    source.pushedMs = nowMs
    this.#changed |= bit
  }

  #lose(source: Source, stripe: number, nowMs: number): void {
    if (source.parent !== undefined) source.parent.parentMask &= ~(1 << stripe)
    source.parent = undefined
    source.isRevoked = false
    source.orphanMs = undefined
    source.restMs = SETTLED_MS
    source.sinceMs = nowMs
    this.#changed |= 1 << stripe
    if (source.next !== undefined && source.isAccepted) this.#move(source, stripe, source.next, nowMs)
  }

  #dropNext(source: Source, stripe: number): void {
    if (source.next !== undefined) source.next.pendingMask &= ~(1 << stripe)
    source.next = undefined
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
