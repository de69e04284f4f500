import { describe, expect, it } from 'vitest'
import { type Hop, nextHop, ringNeighbor } from '../../../src/core/routing/one-hop.ts'
import type { ReceiveMode } from '../../../src/core/routing/routing-engine.ts'
import { placeOf, ringDistance } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

/** A member whose address begins with this byte. */
function member(first: number, receiveMode: ReceiveMode = 'nearest'): Hop {
  const address = new Uint8Array(32)
  address[0] = first
  return { place: placeOf(address), receiveMode }
}

describe('nextHop()', () => {
  it('is oneself when the address is the own one, or nobody that receives so is nearer', () => {
    const exact = member(10, 'exact')
    expect(nextHop(exact, [member(11)], exact.place)).toBe(exact)
    const own = member(10)
    expect(nextHop(own, [member(30), member(12, 'exact')], member(13).place)).toBe(own)
    expect(nextHop(own, [], member(200).place)).toBe(own)
  })

  it('is the nearest neighbor that receives so, across the zero of the ring too', () => {
    const [near, far] = [member(250), member(200)]
    expect(nextHop(member(20), [far, near], member(2).place)).toBe(near)
    expect(nextHop(member(20, 'exact'), [far, near], member(230).place)).toBe(near)
  })

  it('is the owner of the address, whatever it receives', () => {
    const owner = member(100, 'exact')
    expect(nextHop(member(90), [member(99), owner], owner.place)).toBe(owner)
  })

  it('is somebody nearer where nobody receives so, and nobody when there is none', () => {
    const own = member(10, 'exact')
    const nearer = member(60, 'exact')
    expect(nextHop(own, [nearer, member(250, 'exact')], member(100).place)).toBe(nearer)
    expect(nextHop(own, [member(250, 'exact')], member(100).place)).toBe(undefined)
  })

  it('never leads in circles: of 1,000 random groups, each send ends within as many hops as there are members', () => {
    const random = seededRandom(1)
    for (let run = 0; run < 1_000; run++) {
      const members = Array.from({ length: 8 }, () =>
        member(Math.floor(random() * 256), random() < 0.5 ? 'exact' : 'nearest')
      )
      const linked = members.map(() => members.filter(() => random() < 0.5))
      const target = member(Math.floor(random() * 256)).place
      let at = members[0] as Hop
      let hops = 0
      for (; hops <= members.length; hops++) {
        const neighbors = (linked[members.indexOf(at)] ?? []).filter(other => other !== at)
        const next = nextHop(at, neighbors, target)
        if (next === undefined || next === at) break
        at = next
      }
      expect(hops).toBeLessThanOrEqual(members.length)
      expect(ringDistance(at.place, target)).toBeLessThanOrEqual(0.5)
    }
  })
})

describe('ringNeighbor()', () => {
  it('is the next one in either direction, across the zero of the ring too', () => {
    const [low, high, top] = [member(5), member(90), member(250)]
    const neighbors = [high, top, low]
    expect(ringNeighbor(member(10).place, neighbors, 'increasing')).toBe(high)
    expect(ringNeighbor(member(10).place, neighbors, 'decreasing')).toBe(low)
    expect(ringNeighbor(member(252).place, neighbors, 'increasing')).toBe(low)
    expect(ringNeighbor(member(2).place, neighbors, 'decreasing')).toBe(top)
    expect(ringNeighbor(member(2).place, [], 'increasing')).toBe(undefined)
  })
})
