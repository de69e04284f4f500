import { compare } from 'uint8arrays/compare'
import type { SimMember } from './sim-member.ts'

/** Mean, 95th percentile and largest of some figures. */
export interface Spread {
  readonly mean: number
  readonly median: number
  readonly p95: number
  readonly max: number
}

/** What is true of a group's ring, seen from above. Of those that are members when it is made. */
export class RingOracle {
  /** In the order of the ring. */
  readonly members: readonly SimMember[]

  constructor(members: Iterable<SimMember>) {
    this.members = [...members].sort((a, b) => compare(a.place.address, b.place.address))
  }

  /** Members that lack a link to one of their true neighbors, so many on either side. */
  wrong(reach = 1): SimMember[] {
    const size = this.members.length
    const steps = Math.min(reach, size - 1)
    return this.members.filter((member, at) => {
      for (let step = 1; step <= steps; step++)
        if (!this.#isLinked(member, at + step) || !this.#isLinked(member, at - step)) return true
      return false
    })
  }

  /** In how many parts the members fall that have no link with each other. */
  components(): number {
    const left = new Map(this.members.map(member => [member.peer, member]))
    let parts = 0
    for (const member of this.members) {
      if (!left.delete(member.peer)) continue
      parts += 1
      const reached = [member]
      for (let next = reached.pop(); next !== undefined; next = reached.pop())
        for (const peer of next.links.keys()) {
          const neighbor = left.get(peer)
          if (neighbor !== undefined && left.delete(peer)) reached.push(neighbor)
        }
    }
    return parts
  }

  /** How many links members have. */
  degree(): Spread {
    return spreadOf(this.members.map(member => member.links.size))
  }

  /** By what part of the truth members' counts of the group are wrong. */
  estimateErrors(nowMs: number): Spread {
    const size = this.members.length
    return spreadOf(
      this.members.map(({ engine }) => Math.abs(engine.estimateMemberCount(nowMs) - size) / size)
    )
  }

  /** Members whose coverage does not begin right after that of the one before them on the ring: gaps and overlaps. */
  coverageSeams(): number {
    const { members } = this
    let seams = 0
    members.forEach((member, at) => {
      const before = members.at(at - 1)
      if (before !== undefined && !follows(before.engine.coverage.to, member.engine.coverage.from)) seams += 1
    })
    return seams
  }

  #isLinked(member: SimMember, at: number): boolean {
    const size = this.members.length
    const neighbor = this.members[(at + size) % size]
    return neighbor !== undefined && member.links.has(neighbor.peer) && neighbor.links.has(member.peer)
  }
}

/** @param values not empty */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: at(0.5),
    p95: at(0.95),
    max: at(1)
  }
}

/** Is the second address the next one after the first? */
function follows(first: Uint8Array, second: Uint8Array): boolean {
  let carry = 1
  for (let i = first.length - 1; i >= 0; i--) {
    const sum = (first[i] ?? 0) + carry
    if ((sum & 0xff) !== second[i]) return false
    carry = sum >> 8
  }
  return true
}
