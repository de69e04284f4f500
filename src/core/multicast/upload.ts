import { MAX_PULLED_FRAGMENTS } from '../../wire/limits.ts'
import type { Fragment } from './fragment.ts'
import type { FragmentStore } from './fragment-store.ts'
import type { EmitMulticast, MulticastCounters, PullDenial } from './multicast-engine.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { Uplink } from './uplink.ts'

/** What a neighbor pushes on goes before what is for itself alone, by so many fragments: all below it wait. Measured: bench/swarm/multicast.ts. */
const INTERIOR_AHEAD = 8

/** Bytes that the shell has of one neighbor's fragments at once, and of all together: what is there cannot be put in another order. Guess: one fragment, and a few. */
const AHEAD_BYTES = 8_192
const ALL_AHEAD_BYTES = 8_192

/** A neighbor that takes nothing keeps nobody else waiting: after this many times what the uplink takes for {@link ALL_AHEAD_BYTES}, in ms at least and at most. Guess. */
const STALLED_TIMES = 4
const MIN_STALLED_MS = 100
const MAX_STALLED_MS = 700

/** What would wait longer is refused, in ms: others may be idle. Rule M5. */
const MAX_PULL_WAIT_MS = 700

/** A publisher sends what is pulled up to this part of the stream; the rest others have. Rule M5. */
const PUBLISHER_PULLS = 0.3

/** How much of that it saves up, in ms. Guess: a keyframe. */
const SAVED_MS = 2_000

/** Others send so much of their uplink even while pushes wait, and save up a few fragments: who joins sees nothing before. Guess: less than rule M1 leaves. */
const PULLED_PART = 0.05
const SAVED_BYTES = 16_384

/** Over how long the mean wait is taken, in ms. Guess: longer than a keyframe's burst, so that nobody moves for that. */
const MEAN_WAIT_MS = 4_000

/** When nothing waits and nothing was pushed for so long, there is no wait, in ms. Guess: more than between two fragments of a publisher that has nothing to say. */
const QUIET_MS = 1_500

/** How {@link Upload} is made. */
export interface UploadInit {
  readonly emit: EmitMulticast
  readonly store: FragmentStore
  readonly isPublisher: boolean
  readonly uplinkBitsPerSecond: number | undefined
}

/** Sends: pushes as they come, and what is pulled when no push waits. A neighbor is given little ahead of what it takes, and never waited for. */
export class Upload {
  readonly uplink: Uplink
  readonly #init: UploadInit
  readonly #outboxes = new Map<string, Outbox>()
  /** Those with pushes. */
  readonly #pushing = new Set<Outbox>()
  #waiting = 0
  /** Bytes that the shell has, but of those that take nothing. */
  #activeBytes = 0
  #rateKbps = 1_000
  #waitMs = 0
  #waitAtMs = 0
  #pulls = 0
  #pullBytes = 0
  #atMs = 0
  #sent = { pushes: 0, pushedBytes: 0, pulls: 0, pulledBytes: 0 }

  constructor(init: UploadInit) {
    this.#init = init
    this.uplink = new Uplink(init.uplinkBitsPerSecond)
  }

  /** How long a push waits in the mean, in ms. */
  get waitMs(): number {
    return this.#waitMs
  }

  get counters(): Pick<
    MulticastCounters,
    'bytesPushedToPeers' | 'fragmentsPushedToPeers' | 'bytesRequestedByPeers' | 'fragmentsRequestedByPeers'
  > {
    const { pushes, pushedBytes, pulls, pulledBytes } = this.#sent
    return {
      bytesPushedToPeers: pushedBytes,
      fragmentsPushedToPeers: pushes,
      bytesRequestedByPeers: pulledBytes,
      fragmentsRequestedByPeers: pulls
    }
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'pushes' | 'pulls', number>> {
    return { pushes: this.#waiting, pulls: this.#pulls }
  }

  onLinkUp(peer: string): void {
    this.onLinkDown(peer)
    this.#outboxes.set(peer, new Outbox(peer))
  }

  onLinkDown(peer: string): void {
    const outbox = this.#outboxes.get(peer)
    if (outbox === undefined) return
    this.#outboxes.delete(peer)
    this.#waiting -= outbox.pushes.length
    this.#pulls -= outbox.pulls.size
    this.#pushing.delete(outbox)
    this.#activeBytes -= outbox.activeBytes
  }

  /** How many pushes wait for this one. */
  waitingFor(peer: string): number {
    return this.#outboxes.get(peer)?.pushes.length ?? 0
  }

  /** How long the oldest push to it has been waiting, in ms. */
  waitOf(peer: string, nowMs: number): number {
    return this.#outboxes.get(peer)?.waitMs(nowMs) ?? 0
  }

  /** Does it take nothing? */
  isStalled(peer: string): boolean {
    return this.#outboxes.get(peer)?.isStalled === true
  }

  /** @param isInterior does the neighbor push it on? Then it goes first */
  push(peer: string, fragment: Fragment, isInterior: boolean, nowMs: number): void {
    const outbox = this.#outboxes.get(peer)
    if (outbox === undefined) return
    const rank = fragment.kind === 'audio' ? 0 : fragment.number - (isInterior ? INTERIOR_AHEAD : 0)
    outbox.pushes.push({ fragment, isPulled: false, rank, sinceMs: nowMs })
    if (outbox.pulls.delete(fragment.number)) this.#pulls -= 1
    this.#waiting += 1
    this.#pushing.add(outbox)
  }

  /** Sends what can be sent: to be called once all is pushed. */
  flush(nowMs: number): void {
    this.#pump(nowMs)
  }

  /** It is pushed these no more. */
  drop(peer: string, isDropped: (fragment: Fragment) => boolean): void {
    const outbox = this.#outboxes.get(peer)
    if (outbox === undefined) return
    this.#waiting -= outbox.pushes.length
    outbox.dropPushes(isDropped)
    this.#waiting += outbox.pushes.length
    if (outbox.pushes.length === 0) this.#pushing.delete(outbox)
  }

  /** A neighbor asks. @param spareKbps what pushes leave of the uplink */
  onPull(peer: string, numbers: readonly number[], spareKbps: number, nowMs: number): void {
    const outbox = this.#outboxes.get(peer)
    if (outbox === undefined) return
    const absent: number[] = []
    const busy: number[] = []
    const meanBytes = this.#meanBytes
    for (const number of numbers)
      if (outbox.pulls.has(number)) continue
      else if (!this.#init.store.has(number)) absent.push(number)
      else if (
        outbox.pulls.size >= MAX_PULLED_FRAGMENTS ||
        (8 * this.#pulls * meanBytes) / spareKbps > MAX_PULL_WAIT_MS
      )
        busy.push(number)
      else {
        outbox.pulls.set(number, nowMs)
        this.#pulls += 1
      }
    this.#deny(peer, absent, 'absent')
    this.#deny(peer, busy, 'busy')
    this.#pumpPulls(nowMs)
  }

  onSent(peer: string, number: number, nowMs: number): void {
    const outbox = this.#outboxes.get(peer)
    if (outbox === undefined) return
    const at = outbox.handed.findIndex(({ fragment }) => fragment.number === number)
    const [sent] = at < 0 ? [] : outbox.handed.splice(at, 1)
    if (sent === undefined) return
    this.#activeBytes -= outbox.activeBytes
    outbox.handedBytes -= sent.fragment.bytes.byteLength
    outbox.isStalled = false
    outbox.takenMs = nowMs
    this.#activeBytes += outbox.activeBytes
    if (!sent.isPulled) this.#noteWait(nowMs - sent.sinceMs, nowMs)
    this.uplink.onSent(sent.fragment.bytes.byteLength, nowMs)
    this.#pumpPulls(nowMs)
    this.#pump(nowMs)
    this.#pumpPulls(nowMs)
  }

  /** To be called often: tells who takes nothing, and forgets what was asked for long ago. @param rateKbps of the stream */
  tick(rateKbps: number, nowMs: number): void {
    const { isPublisher } = this.#init
    const kbps = isPublisher ? PUBLISHER_PULLS * rateKbps : PULLED_PART * this.uplink.kbps(rateKbps)
    const savedBytes = isPublisher ? (kbps * SAVED_MS) / 8 : SAVED_BYTES
    const gainedBytes = (kbps * Math.min(nowMs - this.#atMs, SAVED_MS)) / 8
    this.#pullBytes = Math.min(savedBytes, this.#pullBytes + gainedBytes)
    this.#atMs = nowMs
    this.#rateKbps = rateKbps
    // What was long ago says nothing of now: who waits for it to pass would wait for ever.
    if (this.#isQuiet && nowMs - this.#waitAtMs > QUIET_MS) this.#waitMs = 0
    this.#noteStalled(nowMs)
    this.#pump(nowMs)
    this.#pumpPulls(nowMs)
  }

  get #meanBytes(): number {
    const { store } = this.#init
    return store.get(store.highest)?.bytes.byteLength ?? AHEAD_BYTES
  }

  #pump(nowMs: number): void {
    while (this.#waiting > 0) {
      const [outbox, push] = this.#nextPush()
      if (outbox === undefined || push === undefined) break
      const bytes = push.fragment.bytes.byteLength
      if (this.#activeBytes > 0 && this.#activeBytes + bytes > ALL_AHEAD_BYTES) {
        if (this.#noteStalled(nowMs)) continue
        // Several neighbors wait, so what leaves is what the uplink carries: of one alone, it may be its own downlink.
        this.uplink.onBusy(nowMs)
        return
      }
      outbox.take(push)
      if (outbox.pushes.length === 0) this.#pushing.delete(outbox)
      this.#waiting -= 1
      this.#hand(outbox, push, nowMs)
    }
    this.uplink.onIdle()
  }

  /** Who has taken nothing for long is no longer waited for. @returns is there one more? */
  #noteStalled(nowMs: number): boolean {
    const sendsMs = (8 * STALLED_TIMES * ALL_AHEAD_BYTES) / this.uplink.kbps(this.#rateKbps)
    const stalledMs = Math.min(Math.max(sendsMs, MIN_STALLED_MS), MAX_STALLED_MS)
    let isNews = false
    for (const outbox of this.#outboxes.values()) {
      const [oldest] = outbox.handed
      if (outbox.isStalled || oldest === undefined || nowMs - outbox.takenMs <= stalledMs) continue
      this.#activeBytes -= outbox.activeBytes
      outbox.isStalled = true
      isNews = true
    }
    return isNews
  }

  /** Of those who take something, the push that goes first. */
  #nextPush(): [Outbox | undefined, Outgoing | undefined] {
    let [chosen, next]: [Outbox | undefined, Outgoing | undefined] = [undefined, undefined]
    for (const outbox of this.#pushing) {
      const push = outbox.nextPush()
      if (push === undefined) continue
      if (outbox.handed.length > 0 && outbox.handedBytes + push.fragment.bytes.byteLength > AHEAD_BYTES)
        continue
      if (
        next === undefined ||
        push.rank < next.rank ||
        (push.rank === next.rank && push.sinceMs < next.sinceMs)
      )
        [chosen, next] = [outbox, push]
    }
    return [chosen, next]
  }

  #pumpPulls(nowMs: number): void {
    while (this.#pulls > 0 && this.#mayPull()) {
      const outbox = this.#nextPuller()
      if (outbox === undefined) return
      const [number = 0, sinceMs = 0] = outbox.pulls.entries().next().value ?? []
      outbox.pulls.delete(number)
      this.#pulls -= 1
      // Its turn comes last again.
      this.#outboxes.delete(outbox.peer)
      this.#outboxes.set(outbox.peer, outbox)
      const fragment = this.#init.store.get(number)
      if (fragment === undefined) this.#deny(outbox.peer, [number], 'absent')
      else if (nowMs - sinceMs > 2 * MAX_PULL_WAIT_MS) this.#deny(outbox.peer, [number], 'busy')
      else {
        if (this.#init.isPublisher || !this.#isQuiet) this.#pullBytes -= fragment.bytes.byteLength
        this.#hand(outbox, { fragment, isPulled: true, rank: 3, sinceMs: nowMs }, nowMs)
      }
    }
  }

  /** May something be sent that was pulled? */
  #mayPull(): boolean {
    const hasShare = this.#pullBytes > 0
    if (this.#init.isPublisher) return hasShare && this.#isQuiet
    return this.#isQuiet || (hasShare && this.#activeBytes <= ALL_AHEAD_BYTES / 2)
  }

  /** Does no push wait, here or at the shell? */
  get #isQuiet(): boolean {
    return this.#waiting === 0 && this.#activeBytes === 0
  }

  #nextPuller(): Outbox | undefined {
    for (const outbox of this.#outboxes.values())
      if (outbox.pulls.size > 0 && !outbox.isStalled) return outbox
    return undefined
  }

  #hand(outbox: Outbox, outgoing: Outgoing, nowMs: number): void {
    if (outbox.handed.length === 0) outbox.takenMs = nowMs
    const { fragment, isPulled } = outgoing
    const bytes = fragment.bytes.byteLength
    outbox.handed.push(outgoing)
    outbox.handedBytes += bytes
    if (!outbox.isStalled) this.#activeBytes += bytes
    if (isPulled) {
      this.#sent.pulls += 1
      this.#sent.pulledBytes += bytes
    } else {
      this.#sent.pushes += 1
      this.#sent.pushedBytes += bytes
    }
    this.#init.emit({ type: 'sendFragment', to: outbox.peer, fragment, isPulled })
  }

  /** The mean, weighted by how much time has passed. */
  #noteWait(waitMs: number, nowMs: number): void {
    const part = 1 - Math.exp(-Math.min(nowMs - this.#waitAtMs, MEAN_WAIT_MS) / MEAN_WAIT_MS)
    this.#waitAtMs = nowMs
    this.#waitMs += part * (waitMs - this.#waitMs)
  }

  #deny(to: string, numbers: readonly number[], reason: PullDenial): void {
    if (numbers.length > 0) this.#init.emit({ type: 'sendDenial', to, numbers, reason })
  }
}
