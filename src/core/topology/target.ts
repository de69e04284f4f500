// Whom a member should be linked to (protocol.md §4, rule T2): all while they are few; then those around it on the ring, one in each octave from it, the
// nearest ones in time, and one at random.
import { away, type Place, ringDistance } from '../../shared/ring.ts'
import type { KnownMember, TopologyLink } from './known-member.ts'
import type { KnownMembers } from './known-members.ts'

/** While no more others are known than this, all are linked. The original had a full mesh up to about 14 to 18 members. */
export const FULL_MESH = 16

/** Neighbors on the ring, each way. The original's. */
export const RING_NEIGHBORS = 3

/** Links that are kept for being quick, beyond those wanted for their places. The original's, out of existing ones: rule T2. */
const QUICK_LINKS = 6

/** An octave of the ring is what is between 0.7 and 1.41 times a power of two away. Rule T2. */
export const OCTAVE_FROM = 0.7
const OCTAVE_TO = 1.41

/** The octave in which, of 2^40 members, the nearest would be: smaller ones nobody has. */
export const MAX_OCTAVE = 40

/** Where an octave ends: 1 is the other side of the ring. */
export function octaveEnd(octave: number): number {
  return Math.min(OCTAVE_TO * 2 ** -octave, 0.5)
}

/** Links that this side has chosen itself and keeps, whoever else links to it. protocol.md §4. */
const OWN_CHOICES = 2

/** Of the nearest on one side, as many may be on the word of one neighbor alone: so that the true nearest has its turn however many are invented. */
const NEAREST_PER_REPORTER = RING_NEIGHBORS - 1

/** A neighbor. */
export type Linked = KnownMember & { readonly link: TopologyLink }

/** What is wanted. */
export interface Target {
  readonly keep: ReadonlySet<KnownMember>
  /** Who should be dialed, the most wanted first. */
  readonly dial: readonly KnownMember[]
  /** When the next one may be dialed who failed before. */
  readonly againAtMs: number
}

/** How {@link chooseTarget} is asked. */
export interface TargetInit {
  readonly own: Place
  readonly known: KnownMembers
  readonly maxNeighbors: number
  readonly random: () => number
  readonly nowMs: number
  /** The links that fill an octave, or are there at random, stay the same while they can. Kept between choices, changed here. */
  readonly fingers: Map<number, KnownMember>
  /** Dials under way. */
  readonly dialing: number
  /** May not be dialed for now: too many are being dialed on the word of the neighbor who alone tells of it. */
  readonly isHeldBack: (member: KnownMember) => boolean
  /** What goes over its link would be missed. */
  readonly isInUse: (peer: string) => boolean
}

/** The key of the random one among the fingers. */
const AT_RANDOM = 0

/** Chooses the links to keep and the members to dial. */
export function chooseTarget(init: TargetInit): Target {
  return new Choice(init).result
}

class Choice {
  readonly #init: TargetInit
  readonly #keep = new Set<KnownMember>()
  readonly #dial = new Set<KnownMember>()
  readonly #links: readonly Linked[]
  /** Are there still members to be dialed that are nearer on the ring than the neighbors there? All else waits for that. */
  #isRingOpen = false

  constructor(init: TargetInit) {
    this.#init = init
    this.#links = init.known.linked.items as readonly Linked[]
    this.#chooseWanted()
    this.#keepUsed()
    if (this.#isFew) this.#chooseAll()
    else {
      const reach = this.#chooseRing()
      this.#chooseAtRandom()
      this.#chooseFingers(reach)
      this.#keepQuick()
      this.#keepOwnChoices()
    }
  }

  get result(): Target {
    const againAtMs = this.#init.known.nextDueMs(this.#init.nowMs)
    return { keep: this.#keep, dial: [...this.#dial], againAtMs }
  }

  get #room(): number {
    return this.#init.maxNeighbors - this.#keep.size - this.#dial.size - this.#init.dialing
  }

  /** Counted are those that may be there: not those that could not be reached. */
  get #isFew(): boolean {
    const { known, maxNeighbors } = this.#init
    return known.size - known.failed.size <= Math.min(FULL_MESH, maxNeighbors)
  }

  readonly #isReady = (member: KnownMember): boolean =>
    member.isReady(this.#init.nowMs) && !this.#init.isHeldBack(member)

  /** Is it linked, or may it soon be? Dials on a word that is held back count for nothing, so that inventions do not stand before others. */
  readonly #isComing = (member: KnownMember): boolean =>
    member.state === 'linked' ||
    (!this.#init.isHeldBack(member) && (member.state === 'dialing' || this.#isReady(member)))

  #chooseWanted(): void {
    for (const member of this.#init.known.wanted) {
      if (member.link !== undefined) this.#keep.add(member)
      else if (member.isReady(this.#init.nowMs)) this.#dial.add(member)
    }
  }

  #keepUsed(): void {
    for (const member of this.#links) if (this.#init.isInUse(member.peer)) this.#keep.add(member)
  }

  #chooseAll(): void {
    for (const member of this.#init.known.values()) {
      if (member.link !== undefined) this.#keep.add(member)
      else if (this.#isReady(member)) this.#dial.add(member)
    }
  }

  /** The nearest links each way stay, and only links push them out: whatever is told of members that nobody can reach. @returns how far they reach */
  #chooseRing(): number {
    const { own, known, maxNeighbors } = this.#init
    const each = Math.min(RING_NEIGHBORS, Math.max(1, Math.floor(maxNeighbors / 2)))
    let reach = 0
    const nearer: KnownMember[] = []
    for (const step of [1, -1] as const) {
      const linked = known.linked.from(own, step, each)
      for (const member of linked) this.#keep.add(member)
      const last = linked[each - 1]
      const distance = last === undefined ? 1 : away(own, last.place, step)
      reach = Math.max(reach, distance)
      for (const member of known.order.from(own, step, each, this.#fewPerReporter()))
        if (this.#isReady(member) && away(own, member.place, step) < distance) nearer.push(member)
    }
    this.#isRingOpen = nearer.length > 0
    nearer.sort((a, b) => ringDistance(own, a.place) - ringDistance(own, b.place))
    for (const member of nearer) this.#dial.add(member)
    return reach
  }

  /** Accepts who is coming, of those on one neighbor's word alone only {@link NEAREST_PER_REPORTER}. */
  #fewPerReporter(): (member: KnownMember) => boolean {
    const counts = new Map<string, number>()
    return member => {
      if (!this.#isComing(member)) return false
      const reporter = member.link === undefined ? member.onlyReporter : undefined
      if (reporter === undefined) return true
      const count = counts.get(reporter) ?? 0
      counts.set(reporter, count + 1)
      return count < NEAREST_PER_REPORTER
    }
  }

  #chooseFingers(reach: number): void {
    for (let octave = 1; octave <= MAX_OCTAVE && OCTAVE_TO * 2 ** -octave > reach; octave++) {
      const from = OCTAVE_FROM * 2 ** -octave
      const to = octaveEnd(octave)
      this.#fill(octave, from, to, () => this.#bestLink(from, to))
    }
  }

  /** Any one: so that no order of the ring, true or told, decides about all links. */
  #chooseAtRandom(): void {
    this.#fill(AT_RANDOM, 0, 0.5, () => undefined)
  }

  /** By the one that did before, else by a link, else by somebody at random, not the nearest: that would pile up on members behind gaps. */
  #fill(slot: number, from: number, to: number, bestLink: () => KnownMember | undefined): void {
    const { fingers, known, own, random } = this.#init
    const held = fingers.get(slot)
    // Unless it has been forgotten meanwhile.
    const before = held !== undefined && known.get(held.peer) === held ? held : undefined
    // A link that only this side wants gives way to one that the other side wants too: so that members come to be each other's fingers.
    const isShared = before?.link?.isWantedThere === true
    const best = isShared ? before : bestLink()
    const link = before?.link === undefined || best?.link?.isWantedThere === true ? best : before
    if (link !== undefined && (this.#room > 0 || this.#keep.has(link))) {
      fingers.set(slot, link)
      this.#keep.add(link)
      return
    }
    if (this.#room <= 0 || this.#isRingOpen || before?.state === 'dialing') return
    const candidate =
      before !== undefined && this.#isReady(before)
        ? before
        : known.order.pick(own, from, to, random, this.#isReady)
    if (candidate === undefined) {
      fingers.delete(slot)
      return
    }
    fingers.set(slot, candidate)
    this.#dial.add(candidate)
  }

  /** One that is kept anyway before one that the other side wants. */
  #bestLink(from: number, to: number): Linked | undefined {
    let best: Linked | undefined
    for (const member of this.#links) {
      const distance = ringDistance(this.#init.own, member.place)
      if (distance < from || distance >= to) continue
      if (best === undefined || this.#worth(member) > this.#worth(best)) best = member
    }
    return best
  }

  #worth(member: Linked): number {
    if (this.#keep.has(member)) return 2
    return member.link.isWantedThere ? 1 : 0
  }

  #keepQuick(): void {
    const others = this.#links.filter(member => !this.#keep.has(member))
    others.sort((a, b) => a.link.rttMs - b.link.rttMs)
    for (const member of others.slice(0, Math.max(0, Math.min(QUICK_LINKS, this.#room))))
      this.#keep.add(member)
  }

  #keepOwnChoices(): void {
    const own = this.#links.filter(({ link }) => link.isOwnChoice)
    let missing = OWN_CHOICES - own.filter(member => this.#keep.has(member)).length
    for (const member of own.sort((a, b) => a.link.sinceMs - b.link.sinceMs)) {
      if (missing <= 0) return
      if (this.#keep.has(member)) continue
      this.#keep.add(member)
      missing -= 1
    }
  }
}
