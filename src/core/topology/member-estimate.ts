// How many members has the group? Nobody knows all of them; but each knows how densely the ring is settled around it (rule T4).
import { clockwise, type Place, ringDistance } from '../../shared/ring.ts'
import type { KnownMembers } from './known-members.ts'
import { RING_NEIGHBORS } from './target.ts'

/** Up to here the members are counted. Rule T4. */
const MAX_COUNTED = 25

/** Unless the density says that there are this many times as many. Guess: more than it errs by. */
const SURELY_MORE = 1.4

/** With a density above this, nobody can count so many: that is not tried. */
const MANY = 200

/** A span this many times the median, or so small a part of it, is no honest one: of a million members none differs so much. */
const OUTLIER = 4

/** The part of the spans left aside at either end. Measured: see {@link densityOf}. */
const CUT = 0.15

/** The ring from the third neighbor on one side to the third on the other, as a fraction: 0 when there are fewer. */
export function spanOf(own: Place, known: KnownMembers): number {
  if (known.linked.size < 2 * RING_NEIGHBORS) return 0
  const last = known.linked.from(own, 1, RING_NEIGHBORS).at(-1)
  const first = known.linked.from(own, -1, RING_NEIGHBORS).at(-1)
  return first === undefined || last === undefined ? 0 : clockwise(first.place, last.place)
}

/**
 * As many as there would be if the ring were settled everywhere as around this member and its neighbors; a plain count while there are few. Members that only one neighbor tells of are not counted,
 * and of the spans that neighbors tell those that stand out are left aside: a liar moves the mean a little.
 */
export function estimateMembers(own: Place, known: KnownMembers, nowMs: number): number {
  const arcs = [{ place: own, span: spanOf(own, known) }]
  for (const { place, link } of known.linked.items) arcs.push({ place, span: link?.span ?? 0 })
  const density = densityOf(own, arcs)
  if (density !== undefined && density > MANY) return Math.round(density)
  let counted = 1
  for (const member of known.values()) if (member.isCredible(nowMs)) counted += 1
  // So few that who is here knows them all, whatever a few spans say.
  const isFew = density === undefined || density <= MAX_COUNTED || density < SURELY_MORE * counted
  if (density === undefined || (counted <= MAX_COUNTED && isFew)) return counted
  return Math.max(counted, Math.round(density))
}

/** The part of the ring around a place that a member and its ring neighbors settle. */
interface Arc {
  readonly place: Place
  readonly span: number
}

/**
 * Members on the whole ring. Measured in simulation (100 and 1,000 members, seeds 1 to 12): error 7–8 % in the median and 21–22 % at the 95th percentile; of the median of all spans, rule T4, 10 and 30 %, since
 * the neighbors on the ring count the same gaps.
 */
function densityOf(own: Place, arcs: readonly Arc[]): number | undefined {
  const spans = arcs.map(({ span }) => span).filter(span => span > 0)
  // Of two a liar's is as good as the other.
  if (spans.length < 3) return undefined
  const median = spans.sort((a, b) => a - b)[spans.length >> 1] as number
  const usual = arcs.filter(({ span }) => span > median / OUTLIER && span < median * OUTLIER)
  const apart = leaveApart(own, usual).map(({ span }) => span)
  apart.sort((a, b) => a - b)
  const cut = apart.length < 3 ? 0 : Math.max(1, Math.floor(apart.length * CUT))
  const kept = apart.slice(cut, apart.length - cut)
  const mean = kept.reduce((sum, span) => sum + span, 0) / kept.length
  return (2 * RING_NEIGHBORS) / mean
}

/** Of arcs that share more than about half of themselves only one: the nearest first. */
function leaveApart(own: Place, arcs: readonly Arc[]): Arc[] {
  const chosen: Arc[] = []
  const nearestFirst = [...arcs].sort((a, b) => ringDistance(own, a.place) - ringDistance(own, b.place))
  for (const arc of nearestFirst)
    if (chosen.every(({ place, span }) => ringDistance(place, arc.place) > (span + arc.span) / 4))
      chosen.push(arc)
  return chosen
}
