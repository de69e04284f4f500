import { describe, expect, it } from 'vitest'
import { GroupspecError } from '../../../src/core/errors.ts'
import { parseGroupspec, printGroupspec } from '../../../src/core/groupspec/groupspec.ts'
import { END_MARKER, encodeOptions } from '../../../src/core/groupspec/option.ts'
import { printSegments } from '../../../src/core/groupspec/text.ts'
import { SAMPLES } from './samples.ts'

// 100,000 inputs: random text, random bytes, and valid groupspecs changed here and there, in text and in bytes. SEED=n repeats a run.
const INPUTS = 100_000
const { SEED } = process.env
const seed = Number(SEED ?? 20_260_101)

/** mulberry32: the same numbers for the same seed, everywhere. */
function generator(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = generator(seed)
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(list: readonly T[], fallback: T): T => list[below(list.length)] ?? fallback
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))

const CHARACTERS = [...'ABCXYZabcxyz0189-_.:#G=+/ \n%\u0000\u202eé🏔', '\ud800']
const { open, unique, everything, 'posting guarded': guarded, 'all capabilities': all } = SAMPLES
const segmentsOf = ({ canonical, segments }: typeof open): Uint8Array[] =>
  segments.map((options, i) =>
    i === 0 ? Uint8Array.of(...canonical, ...END_MARKER, ...encodeOptions(options)) : encodeOptions(options)
  )
// Signatures cost milliseconds: those with authorities come once in fifty inputs.
const LIGHT = [open, unique, all]
const HEAVY = [everything, guarded]
const sample = () => pick(below(50) === 0 ? HEAVY : LIGHT, open)

function randomText(): string {
  return Array.from({ length: below(60) }, () => pick(CHARACTERS, '')).join('')
}

function mutated<T>(list: readonly T[], make: () => T): T[] {
  const copy = [...list]
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(copy.length + 1)
    const kind = below(4)
    if (kind === 0) copy.splice(at, 1)
    else if (kind === 1) copy.splice(at, 0, make())
    else if (kind === 2) copy.splice(at, 1, make())
    else copy.splice(at, below(12), ...copy.slice(below(copy.length + 1)).slice(0, 12))
  }
  return copy
}

const KINDS: Readonly<Record<string, () => string>> = {
  'random text': randomText,
  'random text behind G:': () => `G:${randomText()}`,
  'random text behind a version 3': () => `G:An8D${randomText()}`,
  'random bytes': () => printSegments(Array.from({ length: 1 + below(3) }, () => randomBytes(below(80)))),
  'random bytes behind a version 3': () =>
    printSegments([Uint8Array.of(2, 0x7f, 3, ...randomBytes(below(80)))]),
  'a text with characters changed': () => {
    const characters = [...printGroupspec(sample(), { authorizations: true })]
    return mutated(characters, () => pick(CHARACTERS, '')).join('')
  },
  'bytes changed': () =>
    printSegments(
      segmentsOf(sample()).map(bytes =>
        Uint8Array.from(mutated([...bytes], () => pick([0, 1, 2, 14, below(256)], 0)))
      )
    ),
  'a bit flipped': () => {
    const segments = segmentsOf(sample())
    const bytes = pick(segments, new Uint8Array(1))
    const at = below(bytes.byteLength)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
    return printSegments(segments)
  }
}

describe(`The parser, fed ${INPUTS.toLocaleString('en')} random and mutated inputs (SEED=${seed})`, () => {
  let taken = 0

  it.each(Object.entries(KINDS))(
    'throws GroupspecError and nothing else, and prints what it takes: %s',
    (_, make) => {
      for (let i = 0; i < INPUTS / Object.keys(KINDS).length; i++) {
        const text = make()
        try {
          const printed = printGroupspec(parseGroupspec(text), { authorizations: true })
          taken++
          if (printed !== text && !text.endsWith(`#${printed}`))
            expect.fail(`${JSON.stringify(text)} is printed ${printed}`)
        } catch (error) {
          if (!(error instanceof GroupspecError)) expect.fail(`${JSON.stringify(text)}: ${String(error)}`)
        }
      }
    }
  )

  it('takes valid ones and some changed ones, or the above would mean nothing', () => {
    expect(taken).toBeGreaterThan(1_000)
    for (const valid of Object.values(SAMPLES))
      expect(parseGroupspec(printSegments(segmentsOf(valid)))).toEqual(valid)
  })
})
