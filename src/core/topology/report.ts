import { ringDistance } from '../../shared/ring.ts'
import type { KnownMember } from './known-member.ts'
import type { KnownMembers } from './known-members.ts'
import { MAX_OCTAVE, OCTAVE_FROM, octaveEnd, RING_NEIGHBORS } from './target.ts'

/** While no more members are known, a report names all neighbors: in a group that is counted everybody should hear of everybody. */
const ALL_TOLD = 24

/**
 * The neighbors of this member that another one should know: all while they are few; else those around it on the ring, one in each octave from it, and one at random (rule T5). Only own links are
 * told, so nobody hears of members that have gone, or never were.
 */
export function membersFor(receiver: KnownMember, known: KnownMembers, random: () => number): string[] {
  const { linked } = known
  const isOther = (member: KnownMember): boolean => member !== receiver
  if (known.size <= ALL_TOLD) return linked.items.filter(isOther).map(({ peer }) => peer)
  const { place } = receiver
  const around = [1, -1].flatMap(step => linked.from(place, step as 1 | -1, RING_NEIGHBORS, isOther))
  const chosen = new Set(around)
  const reach = Math.max(...around.map(member => ringDistance(place, member.place)))
  for (let octave = 1; octave <= MAX_OCTAVE && 2 ** -octave > reach; octave++)
    addIf(chosen, linked.pick(place, OCTAVE_FROM * 2 ** -octave, octaveEnd(octave), random, isOther))
  addIf(chosen, linked.items[Math.floor(random() * linked.size)])
  return [...chosen].filter(isOther).map(({ peer }) => peer)
}

function addIf(set: Set<KnownMember>, member: KnownMember | undefined): void {
  if (member !== undefined) set.add(member)
}
