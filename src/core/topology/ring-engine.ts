// The ring: each member has a place on the circle of addresses, is linked to the three before it and the three after it, and to one in each octave of the circle, so that
// every place is reached in few steps (protocol.md §4). The idea is the original's; the rules T1–T6, by which ten thousand members settle within seconds, were found by simulation
// (docs/decisions/0004): reports and dials go out when a link comes up and not only by timers, and a finger is any link in its octave.
//
// Invariants: every member comes to be linked to its true neighbors on the ring; the overlay is connected; a member has O(log N) links. Nobody is believed alone: what a neighbor tells leads to
// dials, of bounded number and pace, and only links count.
import { away, type Coverage, coverageOf, isSamePlace, type Place, placeOf } from '../../shared/ring.ts'
import { DialPace } from './dial-pace.ts'
import { type KnownMember, SEEKERS } from './known-member.ts'
import { KnownMembers } from './known-members.ts'
import { estimateMembers } from './member-estimate.ts'
import { Parting } from './parting.ts'
import { PlaceSeeking } from './place-seeking.ts'
import { chooseTarget, type Linked, RING_NEIGHBORS } from './target.ts'
import { Telling } from './telling.ts'
import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInit,
  TopologyInput,
  TopologyReport
} from './topology-engine.ts'

/** Pause before the first choice after news, in ms: they come in bursts. Guess: far below what anybody notices. */
const GATHER_FIRST_MS = 10
/** The same once there are links. Rule T1 has 200 ms at most. */
const GATHER_MS = 50

/** How long the side with the larger id waits for the other one to dial, in ms. Guess: a handshake on the same continent. */
const OTHER_SIDE_MS = 250

/** Ticks: while the view changes, growing by half to the longest, in ms. Rule T1. */
const FIRST_TICK_MS = 1_000
const LAST_TICK_MS = 10_000
const TICK_GROWTH = 1.5

/** Links that are accepted: this many times what a group of this size needs. Guess; the bar is three times. */
const ACCEPTED_FACTOR = 2
/** What a group needs beyond log2 of its size. Issue: degree ≤ ⌊log2 N⌋ + 16. */
const DEGREE_BASE = 16

/** See {@link TopologyEngine}. */
export class RingEngine implements TopologyEngine {
  readonly #init: TopologyInit
  readonly #own: Place
  readonly #known: KnownMembers
  readonly #pace = new DialPace()
  readonly #seeking: PlaceSeeking
  readonly #telling: Telling
  readonly #parting: Parting
  readonly #fingers = new Map<number, KnownMember>()
  readonly #maxNeighbors: number
  #effects: TopologyEffect[] = []
  /** When to choose again; undefined: nothing has changed. */
  #chooseAtMs: number | undefined
  #tickAtMs = Number.POSITIVE_INFINITY
  #tickMs = FIRST_TICK_MS
  #timerAtMs = Number.POSITIVE_INFINITY
  /** The neighbors on the ring as of the last choice, to see whether the view changes. */
  #ring = ''
  #hasChanged = false
  #estimate = 1
  #coverage: Coverage

  constructor(init: TopologyInit) {
    this.#init = init
    this.#own = init.placeOf(init.peer)
    this.#known = new KnownMembers(init.placeOf)
    this.#seeking = new PlaceSeeking(this.#own, this.#known.linked, init.random)
    const emit = (effect: TopologyEffect): void => void this.#effects.push(effect)
    this.#telling = new Telling(this.#own, this.#known, init.random, emit)
    this.#parting = new Parting(peer => this.#isInUse(peer), emit)
    this.#maxNeighbors = init.maxNeighbors ?? Number.POSITIVE_INFINITY
    this.#coverage = coverageOf(this.#own, this.#own, this.#own)
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  estimateMemberCount(nowMs: number): number {
    return estimateMembers(this.#own, this.#known, nowMs)
  }

  accepts(peer: string): boolean {
    const { linked } = this.#known
    if (peer === this.#init.peer) return false
    if (this.#known.get(peer)?.link !== undefined) return true
    const most = Math.min(
      this.#maxNeighbors,
      Math.floor(Math.log2(Math.max(this.#estimate, linked.size + 1))) + DEGREE_BASE
    )
    if (linked.size < ACCEPTED_FACTOR * most) return true
    return linked.size < (ACCEPTED_FACTOR + 1) * most && this.#isRingNeighbor(this.#init.placeOf(peer))
  }

  takesSeeker(from: string, nowMs: number): boolean {
    const link = this.#known.get(from)?.link
    return link !== undefined && this.#seeking.takes(link, nowMs)
  }

  handle(input: TopologyInput, nowMs: number): TopologyEffect[] {
    this.#effects = []
    this.#take(input, nowMs)
    if (this.#chooseAtMs !== undefined && this.#chooseAtMs <= nowMs) this.#choose(nowMs)
    if (this.#tickAtMs <= nowMs) this.#onTick(nowMs)
    this.#setTimer(nowMs, input.type === 'timer')
    return this.#effects
  }

  #take(input: TopologyInput, nowMs: number): void {
    switch (input.type) {
      case 'candidate':
        this.#onCandidate(input.peer, nowMs)
        break
      case 'wanted':
        this.#onWanted(input.peer, nowMs)
        break
      case 'linkUp':
        this.#onLinkUp(input.peer, input.rttMs, nowMs)
        break
      case 'linkDown':
        this.#onLinkDown(input.peer, nowMs)
        break
      case 'linkMoved':
        this.#onLinkMoved(input.peer)
        break
      case 'dialFailed':
        this.#onDialFailed(input.peer, nowMs)
        break
      case 'rtt':
        this.#onRtt(input.peer, input.rttMs)
        break
      case 'report':
        this.#onReport(input.from, input.report, nowMs)
        break
      case 'seeker':
        this.#onSeeker(input.from, input.peer, nowMs)
        break
      case 'wanting':
        this.#onWanting(input.from, input.isWanted)
        break
      case 'hurry':
        this.#pace.hurry(nowMs)
        this.#chooseSoon(nowMs)
        break
      case 'pathsChanged':
        this.#known.forgiveAll(this.#gathered(nowMs))
        this.#chooseSoon(nowMs)
        break
      case 'timer':
        break
    }
  }

  #onCandidate(peer: string, nowMs: number): void {
    if (peer === this.#init.peer) return
    this.#known.found(peer, nowMs, this.#soonest(peer, nowMs))
    this.#chooseSoon(nowMs)
  }

  #onWanted(peer: string, nowMs: number): void {
    if (peer === this.#init.peer) return
    const member = this.#known.found(peer, nowMs, nowMs)
    member.isWanted = true
    this.#known.wanted.add(member)
    member.retryAtMs = nowMs
    this.#chooseAtMs = nowMs
  }

  #onLinkUp(peer: string, rttMs: number, nowMs: number): void {
    const member = this.#known.found(peer, nowMs, nowMs)
    const isOwnChoice = member.state === 'dialing'
    this.#pace.onLinked(peer, nowMs)
    if (member.link === undefined) this.#known.linked.add(member)
    member.state = 'linked'
    member.failures = 0
    this.#known.failed.delete(member)
    member.link = {
      sinceMs: nowMs,
      isOwnChoice,
      rttMs,
      span: 0,
      toldSpan: 0,
      isWanted: true,
      unwantedSinceMs: undefined,
      isToldUnwanted: false,
      isWantedThere: true
    }
    this.#telling.report(member as Linked)
    this.#telling.introduce(member as Linked)
    this.#chooseSoon(nowMs)
  }

  #onLinkDown(peer: string, nowMs: number): void {
    const member = this.#known.get(peer)
    if (member?.link === undefined) return
    const { isToldUnwanted, isWantedThere } = member.link
    this.#known.linked.remove(member)
    member.link = undefined
    member.state = 'idle'
    // By consent: it may be dialed again, should it be wanted again.
    if (isToldUnwanted && !isWantedThere) member.retryAtMs = nowMs
    else this.#known.onFailed(member, nowMs, this.#init.random())
    this.#chooseSoon(nowMs)
  }

  #onLinkMoved(peer: string): void {
    const member = this.#known.get(peer)
    if (member?.link === undefined) return
    this.#telling.report(member as Linked)
    this.#parting.onMoved(member as Linked)
  }

  #onDialFailed(peer: string, nowMs: number): void {
    this.#pace.onFailed(peer)
    const member = this.#known.get(peer)
    if (member === undefined) return
    if (member.state === 'dialing') this.#known.onFailed(member, nowMs, this.#init.random())
    this.#chooseSoon(nowMs)
  }

  #onRtt(peer: string, rttMs: number): void {
    const link = this.#known.get(peer)?.link
    if (link !== undefined) link.rttMs = rttMs
  }

  #onReport(from: string, report: TopologyReport, nowMs: number): void {
    const reporter = this.#known.get(from)
    if (reporter?.link === undefined) return
    if (report.span > 0) reporter.link.span = report.span
    let isNew = false
    for (const peer of report.members) {
      if (peer === this.#init.peer || peer === from) continue
      isNew ||= this.#known.get(peer) === undefined
      this.#known.reported(peer, from, nowMs, this.#soonest(peer, nowMs))
    }
    if (isNew) this.#chooseSoon(nowMs)
    if (report.isRingNeighbor && this.#telling.knowsNearer(reporter.place))
      this.#telling.report(reporter as Linked)
  }

  /** It goes on towards its place, and is a candidate there alone. It has not heard of this member, so there is no other side to wait for. */
  #onSeeker(from: string, peer: string, nowMs: number): void {
    const teller = this.#known.get(from)
    if (teller?.link === undefined || peer === this.#init.peer) return
    const next = this.#seeking.next(peer, this.#init.placeOf(peer), teller)
    if (next !== undefined) {
      this.#effects.push({ type: 'sendSeeker', to: next.peer, peer })
      return
    }
    if (peer !== from) this.#known.reported(peer, SEEKERS, nowMs, this.#gathered(nowMs))
    this.#chooseSoon(nowMs)
  }

  #onWanting(from: string, isWanted: boolean): void {
    const member = this.#known.get(from)
    if (member !== undefined) this.#parting.onWanting(member, isWanted)
  }

  #choose(nowMs: number): void {
    this.#chooseAtMs = undefined
    const { keep, dial, againAtMs } = chooseTarget({
      own: this.#own,
      known: this.#known,
      maxNeighbors: this.#maxNeighbors,
      random: this.#init.random,
      nowMs,
      fingers: this.#fingers,
      dialing: this.#pace.underWay,
      isHeldBack: member => this.#pace.isHeldBack(member),
      isInUse: peer => this.#isInUse(peer)
    })
    for (const member of this.#known.linked.items as Linked[])
      this.#parting.want(member, keep.has(member), nowMs)
    this.#dial(dial, nowMs)
    if (againAtMs < Number.POSITIVE_INFINITY) this.#chooseSoon(nowMs, againAtMs - nowMs)
    this.#watchRing(nowMs)
  }

  #dial(members: readonly KnownMember[], nowMs: number): void {
    for (const member of members) {
      if (!this.#pace.allows(member, nowMs)) continue
      member.state = 'dialing'
      this.#pace.onBegun(member, nowMs)
      this.#effects.push({ type: 'dial', peer: member.peer })
    }
    // Those who must wait are chosen anew then: meanwhile better ones may have been heard of.
    if (members.some(({ state }) => state === 'idle'))
      this.#chooseSoon(nowMs, Math.max(GATHER_MS, this.#pace.waitMs(nowMs)))
  }

  /** Has the ring around this member changed since the last choice? Then the ticks are short again, and coverage may be another. */
  #watchRing(nowMs: number): void {
    const { linked } = this.#known
    const ring = [1, -1].map(step => linked.from(this.#own, step as 1 | -1, RING_NEIGHBORS))
    const text = ring.map(side => side.map(({ peer }) => peer).join()).join(';')
    if (text === this.#ring) return
    this.#ring = text
    this.#hasChanged = true
    this.#tickMs = FIRST_TICK_MS
    this.#tickAtMs = Math.min(this.#tickAtMs, nowMs + FIRST_TICK_MS)
    const [after, before] = ring.map(([nearest]) => nearest?.place ?? this.#own) as [Place, Place]
    const coverage = coverageOf(this.#own, before, after)
    if (isSameCoverage(coverage, this.#coverage)) return
    this.#coverage = coverage
    this.#effects.push({ type: 'coverage' })
  }

  #onTick(nowMs: number): void {
    this.#known.expire(nowMs)
    this.#estimate = this.estimateMemberCount(nowMs)
    this.#telling.onTick(this.#hasChanged)
    const asked = this.#seeking.first(this.#tickMs === LAST_TICK_MS)
    if (asked !== undefined) this.#effects.push({ type: 'sendSeeker', to: asked.peer, peer: this.#init.peer })
    this.#telling.tellSpan()
    this.#tickMs = this.#hasChanged ? FIRST_TICK_MS : Math.min(this.#tickMs * TICK_GROWTH, LAST_TICK_MS)
    this.#hasChanged = false
    this.#tickAtMs = nowMs + this.#tickMs
    this.#choose(nowMs)
    this.#parting.release(this.#known.linked.items as Linked[], nowMs)
  }

  #isInUse(peer: string): boolean {
    return this.#init.isInUse?.(peer) === true
  }

  #isRingNeighbor(place: Place): boolean {
    return ([1, -1] as const).some(step => {
      const [last] = this.#known.linked.from(this.#own, step, RING_NEIGHBORS).slice(-1)
      return last === undefined || away(this.#own, place, step) < away(this.#own, last.place, step)
    })
  }

  /** When a peer that is heard of now may be dialed: one who has links already waits for those with a smaller id, who mostly hear of it at the same time, so that one of both dials. */
  #soonest(peer: string, nowMs: number): number {
    const mayWait = this.#known.linked.size > 0 && this.#init.peer > peer
    return this.#gathered(nowMs) + (mayWait ? OTHER_SIDE_MS : 0)
  }

  #gathered(nowMs: number): number {
    return nowMs + (this.#known.linked.size === 0 ? GATHER_FIRST_MS : GATHER_MS)
  }

  #chooseSoon(nowMs: number, afterMs: number = this.#gathered(nowMs) - nowMs): void {
    this.#chooseAtMs = Math.min(this.#chooseAtMs ?? Number.POSITIVE_INFINITY, nowMs + afterMs)
    if (this.#tickAtMs === Number.POSITIVE_INFINITY) this.#tickAtMs = nowMs + this.#tickMs
  }

  #setTimer(nowMs: number, hasFired: boolean): void {
    const atMs = Math.min(this.#chooseAtMs ?? Number.POSITIVE_INFINITY, this.#tickAtMs)
    if (atMs === Number.POSITIVE_INFINITY || (atMs === this.#timerAtMs && !hasFired)) return
    this.#timerAtMs = atMs
    // Whole ms, so that it does not fire a rounding error too early, again and again.
    this.#effects.push({ type: 'setTimer', afterMs: Math.max(0, Math.ceil(atMs - nowMs)) })
  }
}

function isSameCoverage(a: Coverage, b: Coverage): boolean {
  return isSamePlace(placeOf(a.from), placeOf(b.from)) && isSamePlace(placeOf(a.to), placeOf(b.to))
}
