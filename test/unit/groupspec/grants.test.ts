import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupspecError } from '../../../src/core/errors.ts'
import { authorityOf } from '../../../src/core/groupspec/authority.ts'
import {
  DEFAULT_GRANT_LIFETIME_MS,
  decodeGrant,
  type Grant,
  isExpired,
  signGrant,
  verifyGrant
} from '../../../src/core/groupspec/grant.ts'
import { type Groupspec, parseGroupspec, printGroupspec } from '../../../src/core/groupspec/groupspec.ts'
import { rightOf } from '../../../src/core/groupspec/right.ts'
import { ALICE, appendix, BOB, build, grantOption, NOW_MS, POSTING, PUBLISH, SAMPLES } from './samples.ts'

const spec = SAMPLES['posting guarded']
const { groupID } = spec
const { publicKey } = authorityOf(POSTING.seed, POSTING.salt)
const bytes = grantOption(spec, ALICE, NOW_MS).value

describe('A grant', () => {
  it('is verified by the authority that signed it, in its group, and by no other', () => {
    const grant = decodeGrant(bytes)
    expect(verifyGrant(grant, publicKey, groupID)).toBe(true)
    expect(verifyGrant(grant, authorityOf(PUBLISH.seed, PUBLISH.salt).publicKey, groupID)).toBe(false)
    expect(verifyGrant(grant, publicKey, new Uint8Array(32))).toBe(false)
  })

  it('is not verified with any bit of it flipped', () => {
    const accepted: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (holds(flipped)) accepted.push(bit)
    }
    expect(accepted).toEqual([])
  })

  it('is not verified with any field of it replaced', () => {
    const grant = decodeGrant(bytes)
    const others: Partial<Grant>[] = [
      { role: 'publish' },
      { notAfterMs: 0 },
      { notAfterMs: NOW_MS + 1 },
      { peerIDBytes: BOB },
      { peerIDBytes: new Uint8Array(0) },
      { signature: new Uint8Array(64) },
      { signature: new Uint8Array(63) }
    ]
    for (const other of others) expect(verifyGrant({ ...grant, ...other }, publicKey, groupID)).toBe(false)
  })

  it('decodes to what was signed, whatever that was', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.uint8Array({ minLength: 1, maxLength: 255 }),
        fc.constantFrom('posting' as const, 'publish' as const),
        (notAfterMs, peerIDBytes, role) => {
          const init = { seed: POSTING.seed, groupID, role, notAfterMs, peerIDBytes }
          const grant = decodeGrant(signGrant(init))
          expect(grant).toMatchObject({ role, notAfterMs, peerIDBytes })
          expect(verifyGrant(grant, publicKey, groupID)).toBe(true)
        }
      ),
      { numRuns: 25 }
    )
  })

  it('does not decode when it ends beyond 2^53 − 1', () => {
    const late = bytes.slice()
    late.set([0x00, 0x20, 0, 0, 0, 0, 0, 0], 1)
    expect(() => decodeGrant(late)).toThrow(GroupspecError)
    expect(() => decodeGrant(new Uint8Array(0))).toThrow(GroupspecError)
  })

  it('is not signed for a time or peer that there is not', () => {
    const init = { seed: POSTING.seed, groupID, role: 'posting' as const, notAfterMs: 0, peerIDBytes: ALICE }
    for (const notAfterMs of [-1, 1.5, Number.NaN, 2 ** 53])
      expect(() => signGrant({ ...init, notAfterMs })).toThrow(RangeError)
    for (const length of [0, 256])
      expect(() => signGrant({ ...init, peerIDBytes: new Uint8Array(length) })).toThrow(RangeError)
  })

  it('is good up to its last millisecond, and for ever with 0', () => {
    expect(isExpired({ notAfterMs: NOW_MS }, NOW_MS)).toBe(false)
    expect(isExpired({ notAfterMs: NOW_MS }, NOW_MS + 1)).toBe(true)
    expect(isExpired({ notAfterMs: 0 }, Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  function holds(candidate: Uint8Array): boolean {
    try {
      return verifyGrant(decodeGrant(candidate), publicKey, groupID)
    } catch (error) {
      expect(error).toBeInstanceOf(GroupspecError)
      return false
    }
  }
})

describe('rightOf', () => {
  const text = printGroupspec(spec, { authorizations: false })
  const reader = parseGroupspec(text)
  const forAlice = parseGroupspec(
    text +
      appendix(grantOption(spec, ALICE, NOW_MS - 1), grantOption(spec, ALICE, NOW_MS + 5)) +
      appendix(grantOption(spec, ALICE, NOW_MS))
  )
  const right = (of: Groupspec, peer: Uint8Array, nowMs: number): Uint8Array | undefined =>
    rightOf(of, 'posting', peer, groupID, nowMs)

  it('is the longest lasting grant made out to this peer', () => {
    expect(right(forAlice, ALICE, NOW_MS)).toEqual(grantOption(spec, ALICE, NOW_MS + 5).value)
  })

  it("is not another peer's grant, and none that has expired", () => {
    expect(right(forAlice, BOB, NOW_MS)).toBeUndefined()
    expect(right(forAlice, ALICE, NOW_MS + 6)).toBeUndefined()
  })

  it('is a grant without end before all others', () => {
    const endless = grantOption(spec, ALICE, 0)
    const both = parseGroupspec(text + appendix(endless, grantOption(spec, ALICE, NOW_MS)))
    expect(right(both, ALICE, NOW_MS)).toEqual(endless.value)
  })

  it('is signed by the seed where there is one, for 90 days', () => {
    const grant = decodeGrant(right(spec, BOB, NOW_MS) ?? new Uint8Array(0))
    expect(grant).toMatchObject({ role: 'posting', peerIDBytes: BOB })
    expect(grant.notAfterMs).toBe(NOW_MS + DEFAULT_GRANT_LIFETIME_MS)
    expect(verifyGrant(grant, publicKey, groupID)).toBe(true)
  })

  it('is nothing without seed and grant, for another role, in another group, and where nothing guards the role', () => {
    expect(right(reader, ALICE, NOW_MS)).toBeUndefined()
    expect(rightOf(forAlice, 'publish', ALICE, groupID, NOW_MS)).toBeUndefined()
    expect(rightOf(forAlice, 'posting', ALICE, new Uint8Array(32), NOW_MS)).toBeUndefined()
    expect(right(build('open'), ALICE, NOW_MS)).toBeUndefined()
  })
})
