import { concat } from 'uint8arrays/concat'
import { describe, expect, it, vi } from 'vitest'
import { authorityOf } from '../../../src/core/groupspec/authority.ts'
import * as grants from '../../../src/core/groupspec/grant.ts'
import { PostCipher } from '../../../src/net/post-cipher.ts'
import { PostValidator, type Verdict } from '../../../src/net/post-validator.ts'
import { Envelope } from '../../../src/wire/envelope.ts'
import { MAX_CACHED_GRANTS, MAX_POST_BYTES, MAX_POST_OVERHEAD_BYTES } from '../../../src/wire/limits.ts'
import { ALICE, BOB, NOW_MS } from '../groupspec/samples.ts'

vi.mock('../../../src/core/groupspec/grant.ts', { spy: true })

const GROUP_ID = new Uint8Array(32).fill(0x67)
const SEED = new Uint8Array(32).fill(0x11)
const AUTHORITY = authorityOf(SEED, new Uint8Array(16)).publicKey
const cipher = new PostCipher(new Uint8Array(32).fill(0x63), '/netgroup/3/topic')

let nonces = 0
/** An envelope as it travels: each has another nonce, and so another message id. */
function seal(envelope: Partial<Envelope> | Uint8Array, from: Uint8Array = ALICE): Uint8Array {
  const nonce = new Uint8Array(24)
  new DataView(nonce.buffer).setUint32(0, ++nonces)
  const whole = { session: new Uint8Array(8), sequence: 1, sentAt: NOW_MS, payload: Uint8Array.of(1) }
  const bytes = envelope instanceof Uint8Array ? envelope : Envelope.encode({ ...whole, ...envelope })
  return cipher.seal(bytes, from, nonce)
}

function grant(init: Partial<grants.GrantInit> = {}): Uint8Array {
  return grants.signGrant({
    seed: SEED,
    groupID: GROUP_ID,
    role: 'posting',
    notAfterMs: 0,
    peerIDBytes: ALICE,
    ...init
  })
}

/** A validator whose time stands where the test puts it. */
function validator({ guarded = false } = {}): PostValidator & { nowMs: number } {
  const made = new PostValidator({
    groupID: GROUP_ID,
    cipher,
    postingAuthority: guarded ? AUTHORITY : undefined,
    groupNow: () => withTime.nowMs
  })
  const withTime = Object.assign(made, { nowMs: NOW_MS })
  return withTime
}

/** 'accept', or the result and the reason. */
function said(verdict: Verdict): string {
  return verdict.result === 'accept' ? 'accept' : `${verdict.result}: ${verdict.reason}`
}

const judge = (data: Uint8Array, from: Uint8Array = ALICE): string => said(validator().judge(from, data))
const judgeGuarded = (data: Uint8Array): string => said(validator({ guarded: true }).judge(ALICE, data))

describe('PostValidator', () => {
  it('accepts a true post and gives its envelope and message id', () => {
    const verdict = validator().judge(ALICE, seal({ sequence: 7, channel: 'news' }))
    expect(verdict).toMatchObject({ result: 'accept', post: { envelope: { sequence: 7, channel: 'news' } } })
    expect(verdict.result === 'accept' && verdict.post.messageID).toMatch(/^[0-9a-f]{64}$/)
  })

  it('rejects what is too long before it decrypts', () => {
    const data = new Uint8Array(MAX_POST_BYTES + MAX_POST_OVERHEAD_BYTES + 1)
    expect(judge(data)).toBe('reject: too long')
    expect(judge(data.subarray(1))).toBe('reject: not encrypted for this group')
  })

  it("rejects what is not encrypted for this group, and another's post", () => {
    expect(judge(new Uint8Array(100))).toBe('reject: not encrypted for this group')
    expect(judge(new Uint8Array(0))).toBe('reject: not encrypted for this group')
    expect(judge(seal({}, ALICE), BOB)).toBe('reject: not encrypted for this group')
  })

  it.each<[string, Partial<Envelope> | Uint8Array]>([
    ['that is no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['that is empty', new Uint8Array(0)],
    ['with a session of 7 bytes', { session: new Uint8Array(7) }],
    ['with a session of 9 bytes', { session: new Uint8Array(9) }],
    ['without a sequence number', { sequence: 0 }],
    ['with a payload over 65,536 bytes', { payload: new Uint8Array(MAX_POST_BYTES + 1) }],
    ['with a channel name over 255 bytes', { channel: 'ü'.repeat(128) }],
    [
      'with a sequence number over 2^53',
      concat([
        Uint8Array.of(10, 8),
        new Uint8Array(8),
        Uint8Array.of(16),
        new Uint8Array(9).fill(0xff),
        Uint8Array.of(1)
      ])
    ],
    [
      'with a time over 2^53',
      concat([
        Envelope.encode({ session: new Uint8Array(8), sequence: 1 }),
        Uint8Array.of(24),
        new Uint8Array(9).fill(0xff),
        Uint8Array.of(1)
      ])
    ]
  ])('rejects an envelope %s', (_, envelope) => {
    expect(judge(seal(envelope))).toBe('reject: malformed')
  })

  it('accepts the largest payload, with the longest channel name and a grant', () => {
    const data = seal({
      payload: new Uint8Array(MAX_POST_BYTES),
      channel: 'x'.repeat(255),
      grant: grant(),
      filterIdentical: true
    })
    expect(judgeGuarded(data)).toBe('accept')
  })

  it('asks for no grant where everybody may post, and looks at none', () => {
    expect(judge(seal({ grant: Uint8Array.of(1, 2, 3) }))).toBe('accept')
  })

  it('rejects a post without a grant where one is needed', () => {
    expect(judgeGuarded(seal({}))).toBe('reject: no grant')
  })

  it.each<[string, () => Uint8Array]>([
    ['that is none', () => Uint8Array.of(1, 2, 3)],
    ['that is empty', () => new Uint8Array(0)],
    ['for another peer', () => grant({ peerIDBytes: BOB })],
    ['for another role', () => grant({ role: 'publish' })],
    ['for another group', () => grant({ groupID: new Uint8Array(32) })],
    ['of another authority', () => grant({ seed: new Uint8Array(32).fill(0x22) })],
    [
      'with a later end than was signed',
      () => {
        const forged = grant({ notAfterMs: NOW_MS })
        forged[3] = 0xff
        return forged
      }
    ]
  ])('rejects a grant %s', (_, make) => {
    expect(judgeGuarded(seal({ grant: make() }))).toBe('reject: false grant')
  })

  it('ignores an expired grant, whose end is a matter of clocks', () => {
    expect(judgeGuarded(seal({ grant: grant({ notAfterMs: NOW_MS }) }))).toBe('accept')
    expect(judgeGuarded(seal({ grant: grant({ notAfterMs: NOW_MS - 1 }) }))).toBe('ignore: expired grant')
  })

  it('finds a grant expired that was true when it was first verified', () => {
    const guarded = validator({ guarded: true })
    const shown = grant({ notAfterMs: NOW_MS })
    expect(said(guarded.judge(ALICE, seal({ grant: shown })))).toBe('accept')
    guarded.nowMs += 1
    expect(said(guarded.judge(ALICE, seal({ grant: shown })))).toBe('ignore: expired grant')
  })

  it('verifies a grant once, whether true or false, and a false one stays false', () => {
    const guarded = validator({ guarded: true })
    const [whole, forged] = [grant(), grant({ seed: new Uint8Array(32).fill(0x22) })]
    vi.mocked(grants.verifyGrant).mockClear()
    for (let i = 0; i < 3; i++) {
      expect(said(guarded.judge(ALICE, seal({ grant: whole })))).toBe('accept')
      expect(said(guarded.judge(ALICE, seal({ grant: forged })))).toBe('reject: false grant')
    }
    expect(grants.verifyGrant).toHaveBeenCalledTimes(2)
  })

  it("does not take a grant that was verified for one as another's", () => {
    const guarded = validator({ guarded: true })
    expect(said(guarded.judge(ALICE, seal({ grant: grant() })))).toBe('accept')
    expect(said(guarded.judge(BOB, seal({ grant: grant() }, BOB)))).toBe('reject: false grant')
  })

  it('remembers at most 4,096 grants, the latest ones', () => {
    const guarded = validator({ guarded: true })
    const post = seal({ grant: grant() })
    guarded.judge(ALICE, post)
    for (let i = 0; i < MAX_CACHED_GRANTS; i++)
      guarded.judge(ALICE, seal({ grant: Uint8Array.of(i >> 8, i & 255) }))
    vi.mocked(grants.verifyGrant).mockClear()
    guarded.judge(ALICE, post)
    expect(grants.verifyGrant).toHaveBeenCalledTimes(1)
  })

  it('accepts a clock that is exactly 120 s off, either way, and ignores one that is off by 1 ms more', () => {
    expect(judge(seal({ sentAt: NOW_MS - 120_000 }))).toBe('accept')
    expect(judge(seal({ sentAt: NOW_MS + 120_000 }))).toBe('accept')
    expect(judge(seal({ sentAt: NOW_MS - 120_001 }))).toBe('ignore: clock')
    expect(judge(seal({ sentAt: NOW_MS + 120_001 }))).toBe('ignore: clock')
  })

  it('ignores the same message the second time, for as long as its clock would be accepted', () => {
    const open = validator()
    const data = seal({ sentAt: NOW_MS + 120_000 })
    expect(said(open.judge(ALICE, data))).toBe('accept')
    expect(said(open.judge(ALICE, data))).toBe('ignore: duplicate')
    open.nowMs += 240_000
    expect(said(open.judge(ALICE, data))).toBe('ignore: duplicate')
    open.nowMs += 1
    expect(said(open.judge(ALICE, data))).toBe('ignore: clock')
  })

  it('ignores an identical payload where asked to, on the same channel, for 300 s', () => {
    const open = validator()
    const identical = (channel = ''): string =>
      said(open.judge(ALICE, seal({ filterIdentical: true, channel, sentAt: open.nowMs })))
    expect(identical()).toBe('accept')
    expect(identical()).toBe('ignore: identical')
    expect(said(open.judge(BOB, seal({ filterIdentical: true }, BOB)))).toBe('ignore: identical')
    expect(identical('other')).toBe('accept')
    expect(said(open.judge(ALICE, seal({})))).toBe('accept')
    open.nowMs += 299_999
    expect(identical()).toBe('ignore: identical')
    open.nowMs += 1
    expect(identical()).toBe('accept')
  })

  it('does not count a post without filterIdentical as one that others are identical to', () => {
    const open = validator()
    expect(said(open.judge(ALICE, seal({})))).toBe('accept')
    expect(said(open.judge(ALICE, seal({ filterIdentical: true })))).toBe('accept')
  })

  it('judges in the order length, encryption, form, grant, expiry, clock, duplicate', () => {
    const wrongTime = { sentAt: 1, filterIdentical: true }
    expect(judgeGuarded(seal({ ...wrongTime, sequence: 0 }))).toBe('reject: malformed')
    expect(judgeGuarded(seal(wrongTime))).toBe('reject: no grant')
    expect(judgeGuarded(seal({ ...wrongTime, grant: grant({ peerIDBytes: BOB, notAfterMs: 1 }) }))).toBe(
      'reject: false grant'
    )
    expect(judgeGuarded(seal({ ...wrongTime, grant: grant({ notAfterMs: 1 }) }))).toBe(
      'ignore: expired grant'
    )
    expect(judgeGuarded(seal({ ...wrongTime, grant: grant() }))).toBe('ignore: clock')
  })

  it('takes what it ignored for its clock when the group’s clock has been corrected', () => {
    const open = validator()
    const data = seal({ sentAt: NOW_MS + 200_000, filterIdentical: true })
    expect(said(open.judge(ALICE, data))).toBe('ignore: clock')
    open.nowMs += 200_000
    expect(said(open.judge(ALICE, data))).toBe('accept')
  })
})
