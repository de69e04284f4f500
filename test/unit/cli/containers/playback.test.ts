import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamChunk } from '../../../../src/cli/containers/chunk.ts'
import { chunkerFor, detectFormat } from '../../../../src/cli/containers/container-format.ts'
import { openEnvelope, sealEnvelope } from '../../../../src/cli/containers/envelope.ts'
import { Playback } from '../../../../src/cli/containers/playback.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Frames 0, 1, 2 …: upper case where one may start, with the header H. */
function frames(letters: string, run = 1, header = 'H'): Uint8Array[] {
  return [...letters].map((letter, sequence) => {
    const mayStart = letter === letter.toUpperCase()
    const chunk: StreamChunk = {
      data: bytes(letter),
      keyframe: mayStart,
      mayStart,
      timestamp: 0,
      header: bytes(mayStart && sequence > 0 ? header : '')
    }
    return sealEnvelope(chunk, { run, sequence, sentAtMs: 1_700_000_000_000 + sequence })
  })
}

function played(playback: Playback, all: readonly Uint8Array[]): string {
  return all.flatMap(data => playback.take(data).parts.map(text)).join('')
}

describe('Playback', () => {
  test('from the first frame on writes bodies and nothing else', () => {
    expect(played(new Playback(), frames('AbcDefG'))).toBe('AbcDefG')
  })

  test('late begins where one may start, with the header', () => {
    const playback = new Playback()
    expect(played(playback, frames('AbcDefG').slice(1))).toBe('HDefG')
    expect(playback.missed).toBe(2)
  })

  test('after a gap goes on where one may start, without a header that was written', () => {
    const playback = new Playback()
    const [a, , c, d, e, f, g] = frames('AbcDefG')
    expect(played(playback, [a, c, d, e, g] as Uint8Array[])).toBe('AHDeG')
    expect(playback.missed).toBe(3)
    expect(played(playback, [f] as Uint8Array[])).toBe('')
  })

  test('a header that came in the bytes themselves is not written after a gap: the first cluster of a WebM says it', () => {
    const stream = [
      0x1a,
      0x45,
      0xdf,
      0xa3,
      0x80,
      ...[0x18, 0x53, 0x80, 0x67, 0xff],
      ...[0x16, 0x54, 0xae, 0x6b, 0x80]
    ]
    const cluster = [0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x81, 0]
    const chunker = chunkerFor('webm')
    const bodies = Uint8Array.from([...stream, ...cluster, ...cluster, ...cluster])
    const chunks = [...chunker.push(bodies, 0), ...chunker.end()]
    expect(chunks).toHaveLength(4)
    const sealed = chunks.map((chunk, sequence) => sealEnvelope(chunk, { run: 1, sequence, sentAtMs: 0 }))
    const playback = new Playback()
    const parts = [0, 1, 3].flatMap(index => playback.take(sealed[index] as Uint8Array).parts)
    expect(Buffer.concat(parts).equals(bodies.subarray(0, -cluster.length))).toBe(true)
  })

  test('after a gap writes a header that has changed', () => {
    const playback = new Playback()
    played(playback, frames('AbcD', 1, 'H'))
    expect(played(playback, frames('AbcDefG', 1, 'I').slice(5))).toBe('IG')
  })

  test('another stream under the name is played from its beginning, or where one may start with its header', () => {
    const playback = new Playback()
    expect(played(playback, frames('AbcD'))).toBe('AbcD')
    expect(played(playback, frames('AbcD', 2))).toBe('AbcD')
    expect(played(playback, frames('AbcD', 3).slice(2))).toBe('HD')
  })

  test('a recording of the same stream is played again after a restart', () => {
    const playback = new Playback()
    played(playback, frames('AbcD'))
    expect(played(playback, frames('AbcD'))).toBe('')
    playback.restart()
    expect(played(playback, frames('AbcD'))).toBe('AbcD')
  })

  test('what came twice is written once', () => {
    const [a, b] = frames('Ab')
    expect(played(new Playback(), [a, a, b, a, b] as Uint8Array[])).toBe('Ab')
  })

  test('frames of another program are written as they are', () => {
    const playback = new Playback()
    expect(played(playback, [bytes('one'), bytes('two')])).toBe('onetwo')
    playback.restart()
    expect(played(playback, frames('Ab'))).toBe('Ab')
    playback.restart()
    expect(played(playback, [bytes('three')])).toBe('three')
  })

  test('what is no envelope among envelopes is left out', () => {
    const [a, b] = frames('Ab')
    expect(played(new Playback(), [a, bytes('noise'), b] as Uint8Array[])).toBe('Ab')
  })
})

describe('an envelope', () => {
  test('says what was put into it', () => {
    const [, data] = frames('AB')
    expect(openEnvelope(data as Uint8Array)).toEqual({
      run: 1,
      sequence: 1,
      mayStart: true,
      sentAtMs: 1_700_000_000_001,
      header: bytes('H'),
      body: bytes('B')
    })
  })

  test('of any bytes opens or not, and never throws', () => {
    const sealed = frames('AB')[1] as Uint8Array
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(30), (noise, at) => {
        const changed = Uint8Array.from(sealed)
        changed.set(noise.subarray(0, Math.max(0, changed.length - at)), Math.min(at, changed.length))
        const opened = openEnvelope(changed)
        if (opened !== undefined) expect(opened.header.length + opened.body.length).toBe(changed.length - 23)
        expect(() => openEnvelope(noise)).not.toThrow()
      })
    )
  })

  test('longer than any chunk is none', () => {
    const [data] = frames('A')
    expect(
      openEnvelope(Uint8Array.from([...(data as Uint8Array), ...new Uint8Array(32 * 1024)]))
    ).toBeUndefined()
  })
})

describe('a stream is known by its first bytes', () => {
  const packets = (count: number, length = count * 188): Uint8Array =>
    Uint8Array.from({ length }, (_, at) => (at % 188 === 0 ? 0x47 : 1))
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7) % 64)
  test.each([
    ['three packets', packets(3), false, 'mpegts'],
    ['two packets', packets(2), false, undefined],
    ['one packet that is all', packets(1), true, 'mpegts'],
    ['a text that begins with G', bytes('Good morning'), true, 'raw'],
    ['a letter G and no packet after it', packets(1, 188 * 1).fill(1, 100), false, undefined],
    ['EBML', Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3), false, 'webm'],
    ['half of EBML', Uint8Array.of(0x1a, 0x45), false, undefined],
    ['half of EBML that is all', Uint8Array.of(0x1a, 0x45), true, 'raw'],
    ['anything', bytes('hello'), false, 'raw'],
    ['packets of which the first is cut off', packets(12).subarray(60), false, 'mpegts'],
    ['packets behind something else', Uint8Array.from([...noise(100), ...packets(12)]), false, 'mpegts'],
    ['little that may be followed by packets', noise(100), false, undefined],
    ['enough that is followed by none', noise(1_600), false, 'raw'],
    ['nothing', new Uint8Array(0), false, undefined]
  ])('%s', (_, first, isAll, format) => {
    expect(detectFormat(first, isAll)).toBe(format)
  })

  test('packets of which the first comes in pieces, slowly, are packets', () => {
    const chunker = chunkerFor('auto')
    const all = packets(12)
    const early = [...chunker.push(all.subarray(0, 100), 0), ...chunker.flush()]
    expect(early).toEqual([])
    const rest = [...chunker.push(all.subarray(100), 1_000), ...chunker.end()]
    expect(Buffer.compare(Buffer.concat(rest.map(({ data }) => data)), all)).toBe(0)
    // Bytes as they come would be cut where they came.
    expect(rest.every(({ data }) => data.length % 188 === 0)).toBe(true)
  })

  test('it is told once, when it is known', () => {
    const found: string[] = []
    const chunker = chunkerFor('auto', format => void found.push(format))
    chunker.push(packets(1), 0)
    expect(found).toEqual([])
    chunker.push(packets(3), 0)
    chunker.push(packets(3), 0)
    expect(found).toEqual(['mpegts'])
  })

  test('any bytes in any pieces are the same bytes again', () => {
    const head = fc.constantFrom([], [0x1a, 0x45, 0xdf, 0xa3, 0x80], [0x47], [...packets(3)])
    fc.assert(
      fc.property(head, fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 })), (first, pieces) => {
        const chunker = chunkerFor('auto')
        const chunks = [Uint8Array.from(first), ...pieces].flatMap((piece, at) =>
          at % 3 === 2 ? [...chunker.push(piece, at), ...chunker.flush()] : chunker.push(piece, at)
        )
        const out = Buffer.concat([...chunks, ...chunker.end()].map(chunk => chunk.data))
        expect(out.equals(Buffer.concat([Uint8Array.from(first), ...pieces]))).toBe(true)
      })
    )
  })
})
