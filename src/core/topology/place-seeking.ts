import { type Place, ringDistance } from '../../shared/ring.ts'
import { MAX_SEEKERS_PER_SECOND } from '../../wire/limits.ts'
import type { KnownMember, TopologyLink } from './known-member.ts'
import type { RingOrder } from './ring-order.ts'
import type { Linked } from './target.ts'

/**
 * Who has found its place seeks it all the same at each such tick, by lot: a ring that is false, and rests, would stay so otherwise. Guess: once in two minutes; with records, at 10,000 members, each costs
 * 2 kB in all.
 */
const SETTLED_PART = 1 / 12

/**
 * A member tells any neighbor that it looks for its place, and that goes from neighbor to neighbor, each time to one nearer to it, until nobody knows a nearer one: there it belongs, whatever it and its own
 * neighbors take for the ring. Without this, those who come at once and know each other alone become a ring beside the true one, and both grow together from their ends only. Measured (bench/swarm ring, 10,000
 * who join within 40 s, the worst of three seeds): without it 86 members lack a ring neighbor 20 s after the last has come, with it none after 9 s.
 */
export class PlaceSeeking {
  readonly #own: Place
  readonly #linked: RingOrder<KnownMember>
  readonly #random: () => number
  readonly #taken = new WeakMap<TopologyLink, { sinceMs: number; count: number }>()

  constructor(own: Place, linked: RingOrder<KnownMember>, random: () => number) {
    this.#own = own
    this.#linked = linked
    this.#random = random
  }

  /** Who is told at a tick that this member looks for its place: anybody. @param isSettled has nothing changed on the ring for long? */
  first(isSettled: boolean): Linked | undefined {
    if (isSettled && this.#random() >= SETTLED_PART) return undefined
    return this.#linked.items[Math.floor(this.#random() * this.#linked.size)] as Linked | undefined
  }

  /** May one more be taken from the neighbor at the end of this link? Then it counts. */
  takes(link: TopologyLink, nowMs: number): boolean {
    const taken = this.#taken.get(link)
    if (taken === undefined || nowMs - taken.sinceMs >= 1_000) {
      this.#taken.set(link, { sinceMs: nowMs, count: 1 })
      return true
    }
    taken.count += 1
    return taken.count <= MAX_SEEKERS_PER_SECOND
  }

  /** To whom it goes on, of all but itself and who has told of it; undefined: nobody is nearer than this member. */
  next(seeker: string, place: Place, from: KnownMember): Linked | undefined {
    const isOther = (member: KnownMember): boolean => member.peer !== seeker && member !== from
    const next = ([1, -1] as const).flatMap(step => this.#linked.from(place, step, 1, isOther))
    let nearest: KnownMember | undefined
    let distance = ringDistance(place, this.#own)
    for (const member of next) {
      if (ringDistance(place, member.place) >= distance) continue
      distance = ringDistance(place, member.place)
      nearest = member
    }
    return nearest as Linked | undefined
  }
}
