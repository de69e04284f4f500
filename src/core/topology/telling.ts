import { away, isSamePlace, type Place } from '../../shared/ring.ts'
import type { KnownMembers } from './known-members.ts'
import { spanOf } from './member-estimate.ts'
import { membersFor } from './report.ts'
import type { Linked } from './target.ts'
import type { TopologyEffect } from './topology-engine.ts'

/** A span is told again when it differs by more than this part from what was told. Guess: far less than the third by which a density errs. */
const SPAN_NEWS = 0.1

/** What neighbors are told of other members, and when: with each new link and by ticks (rules T1 and T5). */
export class Telling {
  readonly #own: Place
  readonly #known: KnownMembers
  readonly #random: () => number
  readonly #emit: (effect: TopologyEffect) => void

  constructor(own: Place, known: KnownMembers, random: () => number, emit: (effect: TopologyEffect) => void) {
    this.#own = own
    this.#known = known
    this.#random = random
    this.#emit = emit
  }

  /** All that this neighbor should know. */
  report(receiver: Linked): void {
    this.#send(receiver, membersFor(receiver, this.#known, this.#random))
  }

  /**
   * Those next to a new neighbor on the ring each way, of the own neighbors, hear of it at once. Otherwise those who have just come, and know each other alone, take each other for the ring.
   * Measured (bench/swarm ring, 5,000 who join within 20 s): without it 52 lack a ring neighbor 9 s after the last has come, with it none after 7 s; naming it to two each way is not quicker.
   */
  introduce(member: Linked): void {
    for (const other of this.#nextTo(member.place, member))
      if (!member.isToldBy(other.peer)) this.#send(other, [member.peer])
  }

  /** To one neighbor at random; and to the two next to it on the ring, who say so if they know a nearer one: all that they should know while the view changes, else a few bytes. */
  onTick(hasChanged: boolean): void {
    const { linked } = this.#known
    const anyone = linked.items[Math.floor(this.#random() * linked.size)]
    if (anyone !== undefined) this.report(anyone as Linked)
    for (const member of this.#nextTo(this.#own)) {
      const members = hasChanged ? membersFor(member, this.#known, this.#random) : []
      this.#send(member, members, true)
    }
  }

  /** Neighbors who were told another span than there is now: what they count with would be of a time when this member knew fewer. */
  tellSpan(): void {
    const span = spanOf(this.#own, this.#known)
    for (const member of this.#known.linked.items as Linked[])
      if (Math.abs(span - member.link.toldSpan) > SPAN_NEWS * member.link.toldSpan) this.#send(member, [])
  }

  /** Is there a neighbor between this member and one at that place who holds it for the next on the ring? Such a one has not found its own place yet. */
  knowsNearer(place: Place): boolean {
    const step = away(place, this.#own, 1) < 0.5 ? 1 : -1
    const [nearest] = this.#known.linked.from(place, step, 1, member => !isSamePlace(member.place, place))
    return nearest !== undefined && away(place, nearest.place, step) < away(place, this.#own, step)
  }

  #nextTo(place: Place, except?: Linked): Set<Linked> {
    const isOther = (other: unknown): boolean => other !== except
    const next = ([1, -1] as const).flatMap(step => this.#known.linked.from(place, step, 1, isOther))
    return new Set(next as Linked[])
  }

  #send({ peer, link }: Linked, members: readonly string[], isRingNeighbor = false): void {
    const span = spanOf(this.#own, this.#known)
    link.toldSpan = span
    this.#emit({ type: 'sendReport', to: peer, report: { members, span, isRingNeighbor } })
  }
}
