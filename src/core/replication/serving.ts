import {
  MAX_OBJECT_BYTES,
  MAX_REQUESTS_PER_NEIGHBOR,
  MAX_SENT_ELSEWHERE,
  MAX_UNANSWERED_REQUESTS
} from '../../wire/limits.ts'
import { FirstCopy, type FirstCopyInit } from './first-copy.ts'
import type { DenialReason, EmitReplication } from './replication-engine.ts'
import { nextRequest, Requester } from './requester.ts'

/**
 * Bytes that are being read and sent at once; objects at once at least and at most. What is there can no longer be put in a better order: measured
 * (bench/swarm/swarming.ts, 40 leechers, three seeds), with 128 KiB the last one has all at 1.17 times the bound, with 256 at 1.18, with 512 at 1.24. Guess: 256 KiB fill
 * the send buffer of a fast link.
 */
const SERVED_BYTES = 262_144
const MIN_SERVED = 2
const MAX_SERVED = 16

/** An object that is taken no sooner than this does not keep others waiting: the application is slow, or the neighbor reads slowly. Guess. */
const STALLED_MS = 2_000

/** A requester is told so often to look for an object elsewhere, and once all has been sent for so long, in ms; then it gets it here. Guess. */
const MAX_TIMES_ELSEWHERE = 3
const MAX_ELSEWHERE_MS = 10_000

/** How often a requester is told how many wait, in ms: it takes three times that for silence. */
const NEWS_MS = 5_000

/** A request that was put to the application. */
interface Served {
  readonly requester: Requester
  readonly index: number
  /** When it was put to the application; once answered, when it was. */
  sinceMs: number
  /** The requester is gone, or does not need it any more. */
  isDropped: boolean
  isAnswered: boolean
  isStalled: boolean
}

/** What others have asked for, whose turn it is, and what the application has been asked. */
export class Serving {
  readonly #emit: EmitReplication
  readonly #own: FirstCopyInit
  readonly #requesters = new Map<string, Requester>()
  readonly #served = new Map<number, Served>()
  readonly #firstCopy: FirstCopy
  #requestID = 0
  #turn = 0
  #waiting = 0
  /** Served, without the stalled ones. */
  #running = 0
  #meanBytes = SERVED_BYTES
  #newsAtMs = 0

  constructor(emit: EmitReplication, own: FirstCopyInit) {
    this.#emit = emit
    this.#own = own
    this.#firstCopy = new FirstCopy(own)
  }

  /** Is anything to be looked after? */
  get isBusy(): boolean {
    return this.#served.size > 0 || this.#waiting > 0
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'waiting' | 'served' | 'unsentRanges', number>> {
    return { waiting: this.#waiting, served: this.#served.size, unsentRanges: this.#firstCopy.ranges }
  }

  onLinkUp(peer: string): void {
    this.#requesters.set(peer, new Requester(peer, this.#turn))
  }

  onLinkDown(peer: string, nowMs: number): void {
    const requester = this.#requesters.get(peer)
    if (requester === undefined) return
    this.#requesters.delete(peer)
    this.#waiting -= requester.waiting.size
    for (const [requestID, served] of this.#served)
      if (served.requester === requester) this.#drop(requestID, served)
    this.#pump(nowMs)
  }

  onRequest(peer: string, index: number, nowMs: number): void {
    const requester = this.#requesters.get(peer)
    if (requester === undefined || requester.waiting.has(index) || requester.sending.has(index)) return
    requester.counted ??= { sinceMs: nowMs, had: this.#own.neighbors.get(peer)?.have.count ?? 0 }
    if (!this.#own.have().has(index)) this.#refuse(peer, index, 'absent')
    else if (requester.count >= MAX_REQUESTS_PER_NEIGHBOR) {
      this.#refuse(peer, index, 'busy')
    } else {
      requester.waiting.set(index, this.#turn)
      this.#waiting += 1
      if (!this.#sendElsewhere(requester, index, nowMs)) this.#pump(nowMs)
    }
  }

  onCancel(peer: string, index: number, nowMs: number): void {
    const requester = this.#requesters.get(peer)
    if (requester?.waiting.delete(index) === true) {
      this.#waiting -= 1
      return
    }
    const requestID = requester?.sending.get(index)
    const served = requestID === undefined ? undefined : this.#served.get(requestID)
    if (requestID === undefined || served === undefined || served.isDropped) return
    if (served.isAnswered) this.#emit({ type: 'dropObject', to: peer, index })
    else {
      requester?.sending.delete(index)
      this.#drop(requestID, served)
      this.#pump(nowMs)
    }
  }

  /** The application is about to offer these. */
  onAdded(start: number, end: number, isForAll: boolean): void {
    this.#firstCopy.add(start, end, isForAll)
  }

  /** The application has taken these out of its set. */
  onRemoved(start: number, end: number): void {
    this.#firstCopy.remove(start, end)
    for (const { peer, waiting } of this.#requesters.values())
      for (const index of waiting.keys())
        if (index >= start && index <= end) {
          waiting.delete(index)
          this.#waiting -= 1
          this.#refuse(peer, index, 'absent')
        }
  }

  answer(requestID: number, bytes: Uint8Array, nowMs: number): void {
    const served = this.#served.get(requestID)
    if (served === undefined || served.isAnswered) {
      this.#emit({ type: 'badAnswer', requestID, reason: 'unknown' })
    } else if (bytes.byteLength > MAX_OBJECT_BYTES) {
      this.#emit({ type: 'badAnswer', requestID, reason: 'tooLong' })
    } else if (served.isDropped) this.#finish(requestID, served)
    else {
      served.isAnswered = true
      served.sinceMs = nowMs
      if (served.isStalled) this.#running += 1
      served.isStalled = false
      // The mean with gain 1/8, as round trip times are.
      this.#meanBytes += (bytes.byteLength - this.#meanBytes) / 8
      const { requester, index } = served
      this.#emit({ type: 'sendObject', to: requester.peer, index, bytes, waiting: this.#waiting })
    }
    this.#pump(nowMs)
  }

  deny(requestID: number, nowMs: number): void {
    const served = this.#served.get(requestID)
    if (served === undefined || served.isAnswered) {
      this.#emit({ type: 'badAnswer', requestID, reason: 'unknown' })
      return
    }
    if (!served.isDropped) {
      this.#firstCopy.onKept(served.index)
      this.#refuse(served.requester.peer, served.index, 'denied')
    }
    this.#finish(requestID, served)
    this.#pump(nowMs)
  }

  /** An object is out of the house. */
  onSent(peer: string, index: number, nowMs: number): void {
    const requestID = this.#requesters.get(peer)?.sending.get(index)
    const served = requestID === undefined ? undefined : this.#served.get(requestID)
    if (requestID === undefined || served === undefined || !served.isAnswered) return
    this.#finish(requestID, served)
    this.#pump(nowMs)
  }

  /** Once a second while {@link isBusy}. */
  tick(nowMs: number): void {
    for (const served of this.#served.values()) {
      if (served.isStalled || served.isDropped || nowMs - served.sinceMs < STALLED_MS) continue
      served.isStalled = true
      if (served.isAnswered) served.requester.stalled += 1
      this.#running -= 1
    }
    this.#pump(nowMs)
    if (nowMs - this.#newsAtMs < NEWS_MS) return
    this.#newsAtMs = nowMs
    for (const { peer, waiting, sending } of this.#requesters.values())
      if (waiting.size + sending.size > 0) this.#emit({ type: 'sendQueue', to: peer, waiting: this.#waiting })
  }

  #pump(nowMs: number): void {
    const room = Math.min(MAX_SERVED, Math.max(MIN_SERVED, Math.floor(SERVED_BYTES / this.#meanBytes)))
    while (this.#waiting > 0 && this.#running < room && this.#served.size < MAX_UNANSWERED_REQUESTS) {
      const next = nextRequest(this.#requesters, this.#turn, this.#firstCopy)
      if (next === undefined) return
      if (!this.#sendElsewhere(next.requester, next.index, nowMs))
        this.#serve(next.requester, next.index, nowMs)
    }
  }

  #serve(requester: Requester, index: number, nowMs: number): void {
    this.#requestID += 1
    this.#turn += 1
    this.#waiting -= 1
    this.#running += 1
    requester.waiting.delete(index)
    requester.sending.set(index, this.#requestID)
    requester.servedAtTurn = this.#turn
    requester.given += 1
    if (this.#firstCopy.onServed(index, requester.peer, nowMs)) this.#countAnew(nowMs)
    this.#served.set(this.#requestID, {
      requester,
      index,
      sinceMs: nowMs,
      isDropped: false,
      isAnswered: false,
      isStalled: false
    })
    this.#emit({ type: 'serve', index, requestID: this.#requestID })
    for (const other of this.#requesters.values())
      if (other.waiting.has(index)) this.#sendElsewhere(other, index, nowMs)
  }

  /** Everything has been sent once: from now on it counts who gets what from whom. */
  #countAnew(nowMs: number): void {
    for (const requester of this.#requesters.values()) {
      if (requester.counted === undefined) continue
      const had = this.#own.neighbors.get(requester.peer)?.have.count ?? 0
      requester.counted = { sinceMs: nowMs, had: had + this.#firstCopy.underWay(requester.peer) }
      requester.given = 0
      requester.sentElsewhere.clear()
    }
  }

  /** A request that waits is refused, when it had better be made elsewhere. Not for ever: perhaps it comes to nothing there. */
  #sendElsewhere(requester: Requester, index: number, nowMs: number): boolean {
    const { peer, waiting, sentElsewhere } = requester
    const { times, sinceMs } = sentElsewhere.get(index) ?? { times: 0, sinceMs: nowMs }
    const isRefused =
      (times < MAX_TIMES_ELSEWHERE && this.#firstCopy.sendsElsewhere(peer, index, nowMs)) ||
      (nowMs - sinceMs < MAX_ELSEWHERE_MS && this.#firstCopy.sparesSource(requester, index, nowMs))
    if (!isRefused) return false
    sentElsewhere.delete(index)
    sentElsewhere.set(index, { times: times + 1, sinceMs })
    for (const oldest of sentElsewhere.keys()) {
      if (sentElsewhere.size <= MAX_SENT_ELSEWHERE) break
      sentElsewhere.delete(oldest)
    }
    waiting.delete(index)
    this.#waiting -= 1
    this.#emit({
      type: 'sendDenial',
      to: peer,
      index,
      reason: 'elsewhere',
      instead: this.#firstCopy.suggestion(peer)
    })
    return true
  }

  /** Nobody waits for it any more; the application's answer, if it is still to come, is awaited all the same. */
  #drop(requestID: number, served: Served): void {
    if (!served.isDropped && !served.isStalled) this.#running -= 1
    if (!served.isDropped && !served.isAnswered) served.requester.abandoned += 1
    served.isDropped = true
    if (served.isAnswered) this.#served.delete(requestID)
    else this.#firstCopy.onKept(served.index)
  }

  #finish(requestID: number, served: Served): void {
    this.#served.delete(requestID)
    const { requester, index } = served
    if (served.isDropped) {
      requester.abandoned -= 1
      return
    }
    requester.sending.delete(index)
    if (!served.isStalled) this.#running -= 1
    else if (served.isAnswered && requester.stalled > 0) requester.stalled -= 1
  }

  #refuse(to: string, index: number, reason: DenialReason): void {
    this.#emit({ type: 'sendDenial', to, index, reason })
  }
}
