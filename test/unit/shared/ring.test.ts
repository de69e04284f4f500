import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareDistance,
  coverageOf,
  isSamePlace,
  type Place,
  placeOf,
  ringDistance
} from '../../../src/shared/ring.ts'

const RING = 1n << 256n

/** The place whose address this number is. */
function at(value: bigint): Place {
  const hex = (((value % RING) + RING) % RING).toString(16).padStart(64, '0')
  return placeOf(Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16)))
}

function numberOf(address: Uint8Array): bigint {
  return address.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

const place = fc.bigInt({ min: 0n, max: RING - 1n })
/** Two or three that are so near to each other that 53 bits do not tell them apart. */
const near = fc.bigInt({ min: -3n, max: 3n })

function exactDistance(a: bigint, b: bigint): bigint {
  const one = (((a - b) % RING) + RING) % RING
  return one > RING / 2n ? RING - one : one
}

describe('compareDistance()', () => {
  it('says which is nearer, to the last bit', () => {
    fc.assert(
      fc.property(place, fc.oneof(place, near), fc.oneof(place, near), (target, x, y) => {
        const [a, b] = [target + x, target + y].map(value => ((value % RING) + RING) % RING) as [
          bigint,
          bigint
        ]
        const [toA, toB] = [exactDistance(target, a), exactDistance(target, b)]
        const sign = Math.sign(compareDistance(at(target), at(a), at(b)))
        if (toA !== toB) expect(sign).toBe(toA < toB ? -1 : 1)
        else if (a === b) expect(sign).toBe(0)
        // The same distance on both sides: the one before it.
        else expect(sign).toBe((target - a + RING) % RING === toA ? -1 : 1)
      })
    )
  })

  it('is the other way round when the two are swapped', () => {
    fc.assert(
      fc.property(place, near, near, (target, x, y) => {
        const [a, b] = [at(target + x), at(target + y)]
        expect(Math.sign(compareDistance(at(target), a, b))).toBe(
          -Math.sign(compareDistance(at(target), b, a)) || 0
        )
      })
    )
  })
})

describe('coverageOf()', () => {
  it('tiles the ring: each range begins right after the one before it, whatever the places', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.oneof(
            place,
            near.map(x => x + 3n)
          ),
          { minLength: 1, maxLength: 12 }
        ),
        values => {
          const ring = [...values].sort((a, b) => (a < b ? -1 : 1)).map(at)
          const ranges = ring.map((own, i) =>
            coverageOf(own, ring.at(i - 1) as Place, ring[(i + 1) % ring.length] as Place)
          )
          ranges.forEach(({ from }, i) => {
            const before = ranges.at(i - 1)?.to as Uint8Array
            expect(numberOf(from)).toBe((numberOf(before) + 1n) % RING)
          })
        }
      )
    )
  })

  it('gives each address to the member that is nearest', () => {
    fc.assert(
      fc.property(fc.uniqueArray(place, { minLength: 2, maxLength: 8 }), place, (values, address) => {
        const ring = [...values].sort((a, b) => (a < b ? -1 : 1)).map(at)
        const target = at(address)
        const nearest = ring.reduce((best, other) =>
          compareDistance(target, other, best) < 0 ? other : best
        )
        const owner = ring.find((own, i) => {
          const { from, to } = coverageOf(own, ring.at(i - 1) as Place, ring[(i + 1) % ring.length] as Place)
          const way = (numberOf(to) - numberOf(from) + RING) % RING
          return (address - numberOf(from) + RING) % RING <= way
        })
        expect(isSamePlace(owner as Place, nearest)).toBe(true)
      })
    )
  })
})

describe('ringDistance()', () => {
  it('is the same both ways and never more than half of the ring', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(ringDistance(at(a), at(b))).toBe(ringDistance(at(b), at(a)))
        expect(ringDistance(at(a), at(b))).toBeLessThanOrEqual(0.5)
      })
    )
  })
})
