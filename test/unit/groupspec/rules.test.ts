import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { describe, expect, it } from 'vitest'
import { GroupspecError } from '../../../src/core/errors.ts'
import { authorityOf, signGroup } from '../../../src/core/groupspec/authority.ts'
import { parseGroupspec, printGroupspec } from '../../../src/core/groupspec/groupspec.ts'
import { groupIDOf } from '../../../src/core/groupspec/keys.ts'
import { encodeOptions, type Option } from '../../../src/core/groupspec/option.ts'
import { printSegments } from '../../../src/core/groupspec/text.ts'
import {
  ALICE,
  appendix,
  build,
  grantOption,
  NOW_MS,
  option,
  POSTING,
  PUBLISH,
  RELAY,
  SAMPLES,
  textOf,
  VERSION
} from './samples.ts'

const NAME = option(0x0e, 'news')
const { posting } = build('news', {}, { secrets: { posting: POSTING } }).authorities
const AUTHORITY = option(
  0x07,
  concat([posting?.salt ?? [], posting?.publicKey ?? []].map(a => Uint8Array.from(a)))
)
const GUARDED = [VERSION, AUTHORITY, NAME]
const GROUP_ID = groupIDOf(encodeOptions(GUARDED))
const SIGNATURE = option(0x30, signGroup(POSTING.seed, 'posting', GROUP_ID))

/** Why it does not parse, as `field: reason`. */
function refusal(text: string): string {
  try {
    parseGroupspec(text)
  } catch (error) {
    if (error instanceof GroupspecError && 'field' in error.detail)
      return `${error.detail.field}: ${error.detail.reason}`
    throw error
  }
  return 'it parses'
}

describe('The canonical part does not parse', () => {
  it.each<[string, Option[], RegExp]>([
    ['without a version', [NAME], /^version/],
    ['with the version behind something else', [option(0), VERSION, NAME], /^version/],
    ['with a version repeated', [VERSION, VERSION, NAME], /repeated/],
    [
      'with a version of two bytes where one does',
      [option(0x7f, [0x80, 3]), NAME],
      /more bytes than it needs/
    ],
    ['with something behind the version', [option(0x7f, [3, 0]), NAME], /^version: .*length/],
    ['of version 2 in base64', [option(0x7f, [2]), NAME], /^version/],
    ['with capabilities out of order', [VERSION, option(3), option(0), NAME], /type 0 is out of order/],
    [
      'with a capability behind the name that belongs before it',
      [VERSION, NAME, option(0x0c)],
      /out of order/
    ],
    ['with a capability repeated', [VERSION, option(3), option(3), NAME], /type 3 is repeated/],
    ['with a capability that has a value', [VERSION, option(3, [1]), NAME], /^postingEnabled: .*length/],
    ['with a type that is unknown', [VERSION, option(4), NAME], /type 4 is unknown/],
    ['with an option of the other part', [VERSION, NAME, option(0x20, RELAY)], /type 32 is unknown/],
    ['without a name', [VERSION, option(3)], /^name: it is missing/],
    ['with an empty name', [VERSION, option(0x0e)], /^name: it is empty/],
    ['with a name of 256 bytes', [VERSION, option(0x0e, 'x'.repeat(256))], /^name: .*256/],
    ['with a name that is not UTF-8', [VERSION, option(0x0e, [0xff])], /not UTF-8/],
    ['with a name that is not NFC', [VERSION, option(0x0e, 'Zu\u0308rich')], /normalization/],
    ['with a line break in the name', [VERSION, option(0x0e, 'a\nb')], /control/],
    ['with an escape sequence in the name', [VERSION, option(0x0e, 'a\u001b[2Jb')], /control/],
    ['with a C1 control in the name', [VERSION, option(0x0e, 'a\u009bb')], /control/],
    ['with a line separator in the name', [VERSION, option(0x0e, 'a\u2028b')], /control/],
    ['with a unique tag of 31 bytes', [VERSION, NAME, option(0x0e, new Uint8Array(31))], /^unique tag/],
    [
      'with two unique tags',
      [VERSION, NAME, ...[1, 2].map(n => option(0x0e, Array(32).fill(n)))],
      /repeated/
    ],
    [
      'with a unique tag not directly behind the name',
      [VERSION, NAME, option(0x1b), option(0x0e, new Uint8Array(32))],
      /out of order/
    ],
    [
      'with an authority of 47 bytes',
      [VERSION, option(0x07, new Uint8Array(47)), NAME],
      /^posting authority: .*length/
    ],
    [
      'with the authorities out of order',
      [VERSION, AUTHORITY, option(5, AUTHORITY.value), NAME],
      /out of order/
    ]
  ])('%s', (_, canonical, reason) => {
    expect(refusal(textOf(canonical))).toMatch(reason)
  })

  it.each([0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])(
    'with the bidi character of code %i in the name',
    point => {
      const name = `a${String.fromCodePoint(point)}b`
      expect(refusal(textOf([VERSION, option(0x0e, name)]))).toMatch(/direction/)
    }
  )

  it('without an end marker', () => {
    expect(refusal(printSegments([encodeOptions([VERSION, NAME])]))).toMatch(/^end marker/)
  })

  it('with an option that goes beyond the bytes', () => {
    expect(refusal(textOf(concat([encodeOptions([VERSION]), Uint8Array.of(40, 14, 65)])))).toMatch(
      /^option: .*end/
    )
  })

  it('with a number that is not minimal, or of more than 4 bytes', () => {
    const start = encodeOptions([VERSION])
    const name = fromString('news', 'utf8')
    expect(refusal(textOf(concat([start, Uint8Array.of(0x80, 5, 14), name])))).toMatch(
      /more bytes than it needs/
    )
    expect(refusal(textOf(concat([start, Uint8Array.of(6, 0x80, 14), name])))).toMatch(
      /more bytes than it needs/
    )
    expect(refusal(textOf(concat([start, Uint8Array.of(0x81, 0x81, 0x81, 0x81, 1)])))).toMatch(/4 bytes/)
  })
})

describe('An authority does not parse', () => {
  const withKey = (key: Uint8Array): string => {
    const value = concat([new Uint8Array(16), key])
    return refusal(textOf([VERSION, option(7, value), NAME], [SIGNATURE]))
  }

  it.each(ED25519_TORSION_SUBGROUP)('whose key is the point of small order %s', point => {
    expect(withKey(fromString(point, 'base16'))).toMatch(/prime-order subgroup/)
  })

  it('whose key is a good one plus a point of small order', () => {
    const torsion = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[1] ?? '')
    const mixed = ed25519.Point.fromBytes(posting?.publicKey ?? new Uint8Array(0)).add(torsion)
    expect(mixed.isSmallOrder()).toBe(false)
    expect(withKey(mixed.toBytes())).toMatch(/prime-order subgroup/)
  })

  it('whose key is no point, or not in its canonical encoding', () => {
    expect(withKey(new Uint8Array(32).fill(2))).toMatch(/prime-order subgroup/)
    expect(withKey(new Uint8Array(32).fill(0xff))).toMatch(/prime-order subgroup/)
  })

  it('without its signature', () => {
    expect(refusal(textOf(GUARDED))).toMatch(/^signature: that of the posting authority is missing/)
  })

  it("with another group's signature", () => {
    const other = option(0x30, signGroup(POSTING.seed, 'posting', new Uint8Array(32)))
    expect(refusal(textOf(GUARDED, [other]))).toMatch(/^signature: it is not one of the posting authority/)
  })

  it("with another key's signature", () => {
    const other = option(0x30, signGroup(PUBLISH.seed, 'posting', GROUP_ID))
    expect(refusal(textOf(GUARDED, [other]))).toMatch(/^signature: it is not one of the posting authority/)
  })

  it('with a false signature beside the true one', () => {
    const other = option(0x30, signGroup(PUBLISH.seed, 'posting', GROUP_ID))
    expect(refusal(textOf(GUARDED, [SIGNATURE, other]))).toMatch(/^signature/)
  })

  it('with its signature, it does', () => {
    expect(refusal(textOf(GUARDED, [SIGNATURE]))).toBe('it parses')
  })
})

describe('Behind the end marker does not parse', () => {
  const fifteen = Array.from({ length: 15 }, () => option(0x20, RELAY))
  const wrongSeed = option(0x17, PUBLISH.seed)
  const bySomebodyElse = grantOption(build('other', {}, { secrets: { posting: POSTING } }), ALICE, NOW_MS)

  it.each<[string, Option[], RegExp]>([
    [
      'a seed that belongs to no authority',
      [option(0x15, PUBLISH.seed)],
      /^publish authorization: this group has no/
    ],
    ['a seed of another authority', [wrongSeed], /^posting authorization: it does not belong/],
    ['a seed of 31 bytes', [option(0x17, new Uint8Array(31))], /^posting authorization: .*length/],
    ['a grant of another group', [bySomebodyElse], /^grant: it was not given/],
    [
      'a grant for a role without authority',
      [option(0x25, Uint8Array.of(5, ...bySomebodyElse.value.subarray(1)))],
      /^grant: it was not given by this group's publish/
    ],
    [
      'a grant for an unknown role',
      [option(0x25, Uint8Array.of(6, ...bySomebodyElse.value.subarray(1)))],
      /^grant: .*unknown role/
    ],
    ['a grant that was cut off', [option(0x25, bySomebodyElse.value.subarray(1))], /^grant/],
    [
      'a signature of no authority',
      [option(0x30, signGroup(PUBLISH.seed, 'publish', GROUP_ID))],
      /^signature: it belongs to no/
    ],
    ['a signature of 64 bytes', [option(0x30, new Uint8Array(64))], /^signature: .*length/],
    ['a multicast address of 7 bytes', [option(0x0a, new Uint8Array(7))], /^IP multicast address/],
    ['an empty relay', [option(0x20)], /^relay/],
    ['an empty bootstrap peer', [option(0x0b)], /^bootstrap peer/],
    [
      '17 options of a type',
      [...fifteen, option(0x20, RELAY), option(0x20, RELAY)],
      /more than 16 of type 32/
    ],
    ['17 options of an unknown type', Array.from({ length: 17 }, () => option(99)), /more than 16 of type 99/]
  ])('%s', (_, trailing, reason) => {
    expect(refusal(textOf(GUARDED, [SIGNATURE, ...trailing]))).toMatch(reason)
  })

  it('17 options of a type in different segments', () => {
    const text = textOf(GUARDED, [SIGNATURE, ...fifteen]) + appendix(option(0x20, RELAY))
    expect(refusal(text)).toBe('it parses')
    expect(refusal(text + appendix(option(0x20, RELAY)))).toMatch(/more than 16 of type 32/)
  })

  it('an option of length 0', () => {
    expect(refusal(textOf([VERSION, NAME]) + '.AA')).toMatch(/length 0/)
  })

  it('an option that goes from one segment into the next', () => {
    expect(refusal(textOf([VERSION, NAME]) + '.BCA.AQI')).toMatch(/^option/)
  })
})

describe('Text does not parse', () => {
  const good = printGroupspec(build('hello'), { authorizations: false })

  it.each([
    ['that is empty', '', /^link/],
    ['without G:', good.slice(2), /^link/],
    ['with nothing behind G:', 'G:', /^end marker/],
    ['with white space before it', ` ${good}`, /^link/],
    ['with white space behind it', `${good}\n`, /white space/],
    ['with white space in it', `${good.slice(0, 9)} ${good.slice(9)}`, /white space/],
    ['with padding', `${good}=`, /base64url/],
    ['in base64 with + and /', `${good}+/`, /base64url/],
    ['with a character of no alphabet', `${good}é`, /base64url/],
    ['that was cut off', good.slice(0, -1), /cut off|bits|end/],
    ['of a link without fragment', 'https://x.example/', /^link/],
    ['of a link with another fragment', 'https://x.example/#top', /^link/],
    ['of a link with a groupspec as its second fragment', `https://x.example/#top#${good}`, /^link/]
  ])('%s', (_, text, reason) => {
    expect(refusal(text)).toMatch(reason)
  })

  it('whose unused bits are not 0', () => {
    const text = textOf([VERSION, option(0x0e, 'xy')])
    expect(refusal(text)).toBe('it parses')
    expect(text.length % 4).not.toBe(2)
    const last = text.charCodeAt(text.length - 1)
    expect(refusal(text.slice(0, -1) + String.fromCharCode(last + 1))).toMatch(/unused bits/)
  })

  it('that decodes to more than 8,192 bytes', () => {
    const filler = (bytes: number): string => appendix(option(1, new Uint8Array(bytes)))
    const base = textOf([VERSION, option(0x0e, 'x'.repeat(9))])
    // Version 3 and name 11 + marker 1 = 15 bytes; each filler is its value and 3 bytes.
    expect(refusal(base + filler(4_085) + filler(8_192 - 15 - 4_088 - 3))).toBe('it parses')
    expect(refusal(base + filler(4_085) + filler(8_192 - 15 - 4_088 - 2))).toMatch(/8192/)
    expect(refusal(base + '.'.repeat(20_000))).toMatch(/16384 characters/)
  })

  it('says where: the byte of the option, or the character of the text', () => {
    const offsetOf = (text: string): number => {
      try {
        parseGroupspec(text)
      } catch (error) {
        if (error instanceof GroupspecError && 'offset' in error.detail) return error.detail.offset
      }
      return -1
    }
    expect(offsetOf(textOf([VERSION, option(3), option(4), NAME]))).toBe(5)
    expect(offsetOf('G:An8D!')).toBe(6)
    expect(offsetOf(textOf([VERSION, NAME]) + appendix(option(99), option(0x0a)))).toBe(3 + 6 + 1 + 2)
  })
})

describe('Another version is told', () => {
  it.each([
    ['G:01010103010c080e6d7947726f757000', 1],
    ['G:027f0201010103010c080e6d7947726f757000', 2],
    ['G:027F0201010103010C080E6D7947726F757000', 2],
    [textOf([option(0x7f, [4]), NAME]), 4],
    [`${textOf([option(0x7f, [0x81, 0x00])])}.what?is+this`, 128],
    [`https://x.example/#${textOf([option(0x7f, [5])])}`, 5]
  ])('%s', (text, version) => {
    const attempt = () => parseGroupspec(text)
    expect(attempt).toThrow(GroupspecError)
    expect(attempt).toThrow(expect.objectContaining({ code: 'GROUPSPEC_UNSUPPORTED', detail: { version } }))
  })
})

describe('A groupspec parses', () => {
  it('in every part of the sample that has everything', () => {
    const spec = parseGroupspec(printGroupspec(SAMPLES.everything, { authorizations: true }))
    expect(spec).toMatchObject({ name: 'news', isUnique: true, relays: [RELAY], bootstrapPeers: [RELAY] })
    expect(spec.capabilities).toMatchObject({
      postingEnabled: true,
      multicastEnabled: true,
      routingEnabled: false
    })
    expect(spec.seeds).toEqual({ posting: POSTING.seed, publish: PUBLISH.seed })
    expect(spec.authorities).toEqual({
      posting: authorityOf(POSTING.seed, POSTING.salt),
      publish: authorityOf(PUBLISH.seed, PUBLISH.salt)
    })
    expect(spec.ipMulticastAddresses).toEqual([Uint8Array.of(224, 0, 0, 254, 0x75, 0x30)])
  })

  it('out of a link, whatever stands before the #', () => {
    const text = printGroupspec(build('hello'), { authorizations: false })
    for (const base of ['https://news.example', 'https://news.example/a?b=G:c', ''])
      expect(parseGroupspec(`${base}#${text}`).name).toBe('hello')
  })

  it('with a name of 32 bytes, and of 255', () => {
    for (const bytes of [32, 255])
      expect(parseGroupspec(textOf([VERSION, option(0x0e, 'x'.repeat(bytes))]))).toMatchObject({
        name: 'x'.repeat(bytes),
        isUnique: false
      })
  })

  it('with U+FEFF before its name, which is part of the name', () => {
    expect(parseGroupspec(textOf([VERSION, option(0x0e, '\ufeffnews')])).name).toBe('\ufeffnews')
  })

  it('with appended segments, grants among them, in any order', () => {
    const spec = SAMPLES['posting guarded']
    const text = printGroupspec(spec, { authorizations: false })
    const grant = grantOption(spec, ALICE, NOW_MS)
    const parsed = parseGroupspec(
      text + appendix(option(99, [1]), grant) + appendix(option(0x17, POSTING.seed))
    )
    expect(parsed.grants).toMatchObject([{ role: 'posting', notAfterMs: NOW_MS, peerIDBytes: ALICE }])
    expect(parsed.seeds).toEqual({ posting: POSTING.seed })
    expect(parsed.groupID).toEqual(spec.groupID)
  })
})
