import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupspecError } from '../../../src/core/errors.ts'
import { nameProblem } from '../../../src/core/groupspec/group-name.ts'
import {
  extendGroupspec,
  type Groupspec,
  parseGroupspec,
  printAuthorizations,
  printGroupspec,
  readGroupspec
} from '../../../src/core/groupspec/groupspec.ts'
import { groupIDOf } from '../../../src/core/groupspec/keys.ts'
import { END_MARKER, encodeOptions, type Option } from '../../../src/core/groupspec/option.ts'
import { encodeVLU, MAX_VLU, readVLU } from '../../../src/core/groupspec/vlu.ts'
import { ALICE, appendix, BOB, build, grantOption, POSTING, PUBLISH, RELAY, SAMPLES } from './samples.ts'

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map(text => text.normalize('NFC'))
  .filter(text => nameProblem(text) === undefined)
const capabilities = fc.record({
  postingEnabled: fc.boolean(),
  routingEnabled: fc.boolean(),
  objectReplicationEnabled: fc.boolean(),
  multicastEnabled: fc.boolean(),
  serverChannelEnabled: fc.boolean(),
  ipMulticastMemberUpdatesEnabled: fc.boolean(),
  peerToPeerDisabled: fc.boolean()
})
const hint: fc.Arbitrary<Option> = fc.oneof(
  fc.record({ type: fc.constantFrom(0x0b, 0x20), value: bytes(1, 60) }),
  fc.record({
    type: fc.constant(0x0a),
    value: fc.oneof(...[6, 10, 18, 34].map(length => bytes(length, length)))
  }),
  fc.record({ type: fc.integer({ min: 0x31, max: MAX_VLU }), value: bytes(0, 300) })
)
const hints = fc.array(hint, { maxLength: 12 })
const secrets = fc.constantFrom(
  {},
  {},
  {},
  { posting: POSTING },
  { publish: PUBLISH },
  { posting: POSTING, publish: PUBLISH }
)
const tag = fc.option(bytes(32, 32), { nil: undefined, freq: 3 })
const spec: fc.Arbitrary<Groupspec> = fc
  .tuple(name, capabilities, secrets, tag, hints)
  .map(([text, on, keys, uniqueTag, list]) =>
    build(text, on, { secrets: keys, hints: list, ...(uniqueTag === undefined ? {} : { uniqueTag }) })
  )

/** Valid texts as they come about: printed with and without authorizations, then appended to. */
const text: fc.Arbitrary<string> = fc
  .tuple(spec, fc.boolean(), fc.array(fc.array(hint, { maxLength: 2 }), { maxLength: 2 }), fc.boolean())
  .map(([of, authorizations, segments, granted]) => {
    const grants =
      granted && of.seeds.posting !== undefined ? [grantOption(of, ALICE, 0), grantOption(of, BOB, 9)] : []
    const printed = printGroupspec(of, { authorizations })
    return printed + segments.map(list => appendix(...list)).join('') + (granted ? appendix(...grants) : '')
  })

describe('Of groupspecs it holds that', () => {
  it('print∘parse is the identity on texts', () => {
    fc.assert(
      fc.property(text, valid => {
        expect(printGroupspec(parseGroupspec(valid), { authorizations: true })).toBe(valid)
      }),
      { numRuns: 300 }
    )
  })

  it('parse∘print is the identity on what was built', () => {
    fc.assert(
      fc.property(spec, built => {
        const printed = printGroupspec(built, { authorizations: true })
        expect(parseGroupspec(printed)).toEqual(built)
        expect(printGroupspec(built, { authorizations: false }) + printAuthorizations(built)).toBe(printed)
      }),
      { numRuns: 150 }
    )
  })

  it('printing without authorizations leaves the group and its hints, and no right', () => {
    fc.assert(
      fc.property(text, valid => {
        const whole = parseGroupspec(valid)
        const bare = parseGroupspec(printGroupspec(whole, { authorizations: false }))
        expect(bare).toMatchObject({ groupID: whole.groupID, seeds: {}, grants: [] })
        expect(bare.relays).toEqual(whole.relays)
        expect(printAuthorizations(bare)).toBe('')
        const again = parseGroupspec(
          printGroupspec(bare, { authorizations: true }) + printAuthorizations(whole)
        )
        expect(again).toMatchObject({ seeds: whole.seeds, grants: whole.grants })
      }),
      { numRuns: 150 }
    )
  })

  it('no hint and no right makes another group', () => {
    fc.assert(
      fc.property(spec, hint, (of, added) => {
        expect(extendGroupspec(of, [added]).groupID).toEqual(of.groupID)
      }),
      { numRuns: 50 }
    )
  })

  it.each(Object.entries(SAMPLES))('no bit flip of the canonical part keeps the groupID: %s', (_, sample) => {
    const { canonical, groupID } = sample
    const trailing = sample.segments.map(options => encodeOptions(options))
    const [first = new Uint8Array(0), ...others] = trailing
    for (let bit = 0; bit < canonical.byteLength * 8; bit++) {
      const flipped = canonical.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(groupIDOf(flipped)).not.toEqual(groupID)
      const parsed = parsedOrRefused([Uint8Array.of(...flipped, ...END_MARKER, ...first), ...others])
      if (parsed !== undefined) expect(parsed.groupID).not.toEqual(groupID)
    }
  })

  it('every name, capability, authority and tag makes another group', () => {
    const all = [
      build('a'),
      build('b'),
      build('A'),
      build('a', { postingEnabled: true }),
      build('a', { routingEnabled: true }),
      build('a', { objectReplicationEnabled: true }),
      build('a', { multicastEnabled: true }),
      build('a', { serverChannelEnabled: false }),
      build('a', { ipMulticastMemberUpdatesEnabled: false }),
      build('a', { peerToPeerDisabled: true }),
      build('a', {}, { secrets: { posting: POSTING } }),
      build('a', {}, { secrets: { publish: POSTING } }),
      build('a', {}, { secrets: { posting: PUBLISH } }),
      build('a', {}, { uniqueTag: new Uint8Array(32) })
    ]
    expect(new Set(all.map(({ groupID }) => groupID.join())).size).toBe(all.length)
    expect(build('a', {}, { hints: [{ type: 0x20, value: RELAY }] }).groupID).toEqual(all[0]?.groupID)
  })
})

describe('Numbers in groupspecs', () => {
  it('are read as they were written, in as few bytes as possible', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_VLU }), value => {
        const written = encodeVLU(value)
        expect(readVLU(written, 0)).toEqual({ value, end: written.byteLength })
        expect(written.byteLength).toBe(Math.max(1, Math.ceil(value.toString(2).length / 7)))
      })
    )
  })

  it('are not written outside their range', () => {
    for (const value of [-1, 0.5, MAX_VLU + 1, Number.NaN]) expect(() => encodeVLU(value)).toThrow(RangeError)
  })
})

function parsedOrRefused(segments: readonly Uint8Array[]): Groupspec | undefined {
  try {
    return readGroupspec(segments)
  } catch (error) {
    expect(error).toBeInstanceOf(GroupspecError)
    return undefined
  }
}
