import { createHash } from 'node:crypto'
import { encode } from 'cborg'
import { describe, expect, test } from 'vitest'
import { FILE_CHUNK_BYTES, type FileEntry, FileLayout } from '../../../src/core/files/file-layout.ts'
import { isManifestID, Manifest } from '../../../src/core/files/manifest.ts'
import { decodeEntries, encodeEntries, entriesProblem } from '../../../src/core/files/manifest-body.ts'
import { decodeRoot, encodeRoot, type ManifestRoot } from '../../../src/core/files/manifest-root.ts'
import { windowsNameProblem } from '../../../src/core/files/path-rules.ts'
import { combinedTree } from '../../../src/net/files/file-trees.ts'
import { makeManifest } from '../../../src/net/files/make-manifest.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import {
  MAX_FILE_CHUNKS,
  MAX_MANIFEST_ENTRIES,
  MAX_MANIFEST_ENTRIES_BYTES
} from '../../../src/wire/limits.ts'

const REFUSED = expect.objectContaining({ code: 'MANIFEST_INVALID' })
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

const file = (path: string, size = 1): FileEntry => ({
  path: path === '' ? [] : path.split('/'),
  size,
  isFolder: false,
  isExecutable: false
})
const folder = (path: string): FileEntry => ({ ...file(path, 0), isFolder: true })

/** A root and a body that belong together, whatever they claim. */
function claim(
  entries: readonly FileEntry[],
  changes: Partial<ManifestRoot> = {}
): [ManifestRoot, Uint8Array] {
  const layout = new FileLayout(entries)
  const list = encodeEntries(entries)
  const body = new Uint8Array(list.byteLength + 32 * layout.chunkCount)
  body.set(list)
  const root = {
    name: 'album',
    isFolder: true,
    totalBytes: layout.totalBytes,
    chunkCount: layout.chunkCount,
    entriesBytes: list.byteLength,
    pieceHashes: sha256(body),
    ...changes
  }
  return [root, body]
}

const fields = (root: ManifestRoot): Map<string, unknown> =>
  new Map<string, unknown>([
    ['v', 1],
    ['name', root.name],
    ['folder', root.isFolder],
    ['bytes', root.totalBytes],
    ['chunks', root.chunkCount],
    ['entries', root.entriesBytes],
    ['pieces', root.pieceHashes]
  ])

describe('FileLayout', () => {
  test('begins each file with a new chunk, and has none for empty ones', () => {
    const layout = new FileLayout([
      file('a', 0),
      file('b', FILE_CHUNK_BYTES + 1),
      folder('c'),
      file('c/d', 0),
      file('e', FILE_CHUNK_BYTES),
      file('f', 0)
    ])
    expect(layout.chunkCount).toBe(3)
    expect(layout.totalBytes).toBe(2 * FILE_CHUNK_BYTES + 1)
    expect([0, 1, 2].map(chunk => layout.placeOf(chunk))).toEqual([
      { entry: 1, offset: 0, length: FILE_CHUNK_BYTES },
      { entry: 1, offset: FILE_CHUNK_BYTES, length: 1 },
      { entry: 4, offset: 0, length: FILE_CHUNK_BYTES }
    ])
    for (const none of [-1, 3, 0.5, Number.NaN]) expect(() => layout.placeOf(none)).toThrow(RangeError)
  })
})

describe('a manifest', () => {
  test('has the same bytes wherever it is made', async () => {
    const tree = {
      name: 'album',
      isFolder: true,
      entries: [folder('a'), { ...file('a/run', 3), isExecutable: true }, file('ä.txt', 70_000)],
      skipped: [],
      read: async (entry: number, _: number, length: number) => new Uint8Array(length).fill(entry),
      close: async () => {}
    }
    const hashed: number[] = []
    const made = await makeManifest(tree, {
      hash: sha256,
      signal: undefined,
      onHashed: bytes => void hashed.push(bytes)
    })
    expect(made.id).toBe('5d7b35410eed87e4be9c8c65d7c2a8e9a0bf49cc5efc2abdac0b9af6126bf988')
    expect(hashed).toEqual([3, 65_539, 70_003])
    const read = new Manifest(made.id, made.rootBytes, decodeRoot(made.rootBytes), made.body)
    expect(read).toEqual(made)
    expect(read.layout.entries).toEqual(tree.entries)
    expect([read.pieceCount, read.firstChunkIndex, read.lastIndex]).toEqual([1, 2, 4])
    expect(read.hashOf(2)).toEqual(Uint8Array.from(sha256(new Uint8Array(70_000 - 65_536).fill(2))))
    expect(read.objectAt(0)).toBe(made.rootBytes)
    expect(read.objectAt(1)).toEqual(made.body)
  })

  test('is not made of what no manifest may say', async () => {
    const one = (name: string, entries: FileEntry[], isFolder = true): Promise<Manifest> =>
      makeManifest(
        {
          name,
          isFolder,
          entries,
          skipped: [],
          read: async (_, __, n) => new Uint8Array(n),
          close: async () => {}
        },
        { hash: sha256, signal: undefined, onHashed: () => {} }
      )
    await expect(one('..', [])).rejects.toThrow(RangeError)
    await expect(one('a', [file('con')])).rejects.toThrow(RangeError)
    await expect(one('a', [file('b\ud800')])).rejects.toThrow(/half a character/)
    await expect(one('a', [file('b'), file('b')])).rejects.toThrow(RangeError)
    await expect(one('a', [file('', 2 ** 40)], false)).rejects.toThrow(/more than 4194304 chunks/)
    const tree = {
      name: 'b',
      isFolder: false,
      entries: [file('')],
      skipped: [],
      read: async () => new Uint8Array(1),
      close: async () => {}
    }
    expect(entriesProblem(combinedTree([tree, tree], 'both').entries, true)).toMatch(/twice/)
  })

  test('names that Windows bends are told from those that it does not', () => {
    for (const name of ['a:b', 'what?', 'a*', 'a|b', '<a>', '"a"', 'Vol.', 'a ']) {
      expect(windowsNameProblem(name)).toContain(name)
    }
    for (const name of ['a.b', '.a', 'a b', 'ä']) expect(windowsNameProblem(name)).toBeUndefined()
  })

  test('tells ids from what is none', () => {
    expect(isManifestID('0a'.repeat(32))).toBe(true)
    for (const none of ['', '0A'.repeat(32), '0a'.repeat(31), `${'0a'.repeat(32)}\n`, undefined, 1])
      expect(isManifestID(none)).toBe(false)
  })
})

describe('a root that claims', () => {
  const [root] = claim([file('a', 100)])

  test.each<[string, Partial<Record<string, unknown>>]>([
    ['another version', { v: 2 }],
    ['2^40 chunks', { chunks: 2 ** 40, bytes: 2 ** 50 }],
    ['one chunk too many', { chunks: MAX_FILE_CHUNKS + 1 }],
    ['more bytes than its chunks hold', { bytes: FILE_CHUNK_BYTES + 1 }],
    ['fewer bytes than chunks', { chunks: 101 }],
    ['a list of 2^40 bytes', { entries: 2 ** 40 }],
    ['negative chunks', { chunks: -1 }],
    ['half a chunk', { chunks: 0.5 }],
    ['chunks as text', { chunks: '1' }],
    ['chunks beyond 2^53', { chunks: 2n ** 60n }],
    ['more pieces than its body has', { pieces: new Uint8Array(64) }],
    ['a piece and a half', { pieces: new Uint8Array(48) }],
    ['no hashes', { pieces: null }],
    ['no body at all', { entries: 0, chunks: 0, bytes: 0, pieces: new Uint8Array(0) }],
    ['no name', { name: 7 }],
    ['a name that leads elsewhere', { name: '../x' }],
    ['neither file nor folder', { folder: 1 }]
  ])('%s is refused', (_, changes) => {
    const all = fields(root)
    expect(decodeRoot(encode(all))).toMatchObject({ name: 'album' })
    for (const [key, value] of Object.entries(changes)) all.set(key, value)
    expect(() => decodeRoot(encode(all))).toThrow(REFUSED)
  })

  test('more than the bounds allow is refused, though its own numbers agree', () => {
    const most = (changes: Partial<ManifestRoot>): Uint8Array => {
      const claimed = { ...root, ...changes }
      const body = claimed.entriesBytes + 32 * claimed.chunkCount
      return encodeRoot({ ...claimed, pieceHashes: new Uint8Array(32 * Math.ceil(body / FILE_CHUNK_BYTES)) })
    }
    const chunks = (count: number): Partial<ManifestRoot> => ({
      chunkCount: count,
      totalBytes: count * FILE_CHUNK_BYTES
    })
    const entries = (bytes: number): Partial<ManifestRoot> => ({ entriesBytes: bytes })
    expect(decodeRoot(most(chunks(MAX_FILE_CHUNKS))).chunkCount).toBe(MAX_FILE_CHUNKS)
    expect(decodeRoot(most(entries(MAX_MANIFEST_ENTRIES_BYTES)))).toMatchObject(
      entries(MAX_MANIFEST_ENTRIES_BYTES)
    )
    for (const beyond of [chunks(MAX_FILE_CHUNKS + 1), entries(MAX_MANIFEST_ENTRIES_BYTES + 1)])
      expect(() => decodeRoot(most(beyond))).toThrow(REFUSED)
  })

  test('what is no map, cut off, or followed by more is refused', () => {
    const bytes = encodeRoot(root)
    const more = new Uint8Array(bytes.byteLength + 1)
    more.set(bytes)
    for (const bad of [
      new Uint8Array(0),
      encode([1]),
      encode(null),
      bytes.subarray(0, -1),
      more,
      new Uint8Array(1_048_577),
      // Ten levels of arrays for each byte: the stack is not exhausted.
      new Uint8Array(100_000).fill(0x81)
    ])
      expect(() => decodeRoot(bad)).toThrow(REFUSED)
  })
})

describe('a body with', () => {
  test.each<[string, FileEntry[]]>([
    ['../', [file('../a')]],
    ['.. in the middle', [file('a/../b')]],
    ['.', [file('./a')]],
    ['an absolute path', [file('/etc/passwd')]],
    ['an empty segment', [file('a//b')]],
    ['a path that ends with a slash', [file('a/')]],
    ['an empty path', [file('')]],
    ['a drive letter', [file('C:/a')]],
    ['a drive letter before a name', [file('c:a')]],
    ['a backslash', [file('a\\b')]],
    ['NUL', [file('a\0b')]],
    ['a line break', [file('a\nb')]],
    ['text turned around', [file('a\u202egpj.exe')]],
    ['a device', [file('a/NUL.txt')]],
    ['another device', [file('com1')]],
    ['a name that is too long', [file('ä'.repeat(128))]],
    ['a path that is too long', [file(Array.from({ length: 17 }, () => 'a'.repeat(250)).join('/'))]],
    ['a path that is too deep', [file('a/'.repeat(64) + 'b')]],
    ['the same path twice', [file('a'), file('a')]],
    ['paths out of order', [file('b'), file('a')]],
    ['a path through a file', [file('a'), file('a/b')]],
    ['a folder that is a file too', [folder('a'), file('a')]],
    ['a folder with a size', [{ ...folder('a'), size: 1 }]]
  ])('%s is refused', (_, entries) => {
    const [root, body] = claim(entries)
    expect(() => decodeEntries(body, root)).toThrow(REFUSED)
  })

  test('names that only look dangerous is not', () => {
    const entries = [
      file('...'),
      file('..a'),
      file('a b.'),
      file('con1'),
      file('nul-'),
      file('\u05e9'),
      file('😀')
    ]
    const [root, body] = claim(entries)
    expect(decodeEntries(body, root).entries).toEqual(entries)
  })

  test('sizes that do not sum to what the root claims is refused', () => {
    const entries = [file('a', 100), file('b', 100)]
    for (const changes of [{ totalBytes: 199 }, { totalBytes: 201 }, { chunkCount: 1 }, { chunkCount: 3 }]) {
      const [root, body] = claim(entries, changes)
      expect(() => decodeEntries(body, root)).toThrow(REFUSED)
    }
  })

  test('another kind than the root says is refused', () => {
    for (const entries of [[], [file('a')], [folder('')], [file(''), file('a')]]) {
      const [root, body] = claim(entries, { isFolder: false })
      expect(() => decodeEntries(body, root)).toThrow(REFUSED)
    }
    const [root, body] = claim([file('')], { isFolder: false })
    expect(decodeEntries(body, root).entries).toEqual([file('')])
  })

  test.each<[string, unknown]>([
    ['a list that is none', { a: 1 }],
    ['half an entry', ['a', 1]],
    ['a size that is none', ['a', -1, 0]],
    ['a size that is no integer', ['a', 1.5, 0]],
    ['a size beyond 2^53', ['a', 2n ** 60n, 0]],
    ['a path that is no text', [1, 1, 0]],
    ['a kind that is none', ['a', 1, 4]],
    ['a kind that is no number', ['a', 1, true]]
  ])('%s is refused', (_, list) => {
    const bytes = encode(list)
    const [root] = claim([file('a')], { entriesBytes: bytes.byteLength })
    const body = new Uint8Array(bytes.byteLength + 32)
    body.set(bytes)
    expect(() => decodeEntries(body, root)).toThrow(REFUSED)
  })

  test('too many entries is refused', () => {
    const entries = Array.from({ length: MAX_MANIFEST_ENTRIES + 1 }, (_, i) => folder(String(1e6 + i)))
    const [root, body] = claim(entries)
    expect(() => decodeEntries(body, root)).toThrow(REFUSED)
    const [most, mostBody] = claim(entries.slice(1))
    expect(decodeEntries(mostBody, most).entries).toHaveLength(MAX_MANIFEST_ENTRIES)
  })
})

test('manifests with bytes changed at random are refused in our words, or say what is allowed', () => {
  const seed = Number(process.env['SEED'] ?? 1)
  const random = seededRandom(seed)
  const entries = [folder('a'), file('a/b', 70_000), file('c', 5)]
  const [root, body] = claim(entries)
  const rootBytes = encodeRoot(root)
  const outcomes = { refused: 0, read: 0 }
  for (let run = 0; run < 20_000; run++) {
    const [r, b] = [rootBytes.slice(), body.slice()]
    const target = random() < 0.5 ? r : b
    for (let i = 0; i < 1 + random() * 3; i++)
      target[Math.floor(random() * Math.min(target.byteLength, 90))] = Math.floor(random() * 256)
    try {
      const decoded = decodeRoot(r)
      const layout = decodeEntries(b, decoded)
      expect(entriesProblem(layout.entries, decoded.isFolder)).toBeUndefined()
      outcomes.read += 1
    } catch (error) {
      expect(error, `SEED=${seed}, run ${run}`).toEqual(REFUSED)
      outcomes.refused += 1
    }
  }
  expect(outcomes.refused).toBeGreaterThan(1_000)
  expect(outcomes.read).toBeGreaterThan(100)
})
