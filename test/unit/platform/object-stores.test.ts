import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryObjectStore } from '../../../src/net/memory-object-store.ts'
import type { ObjectStore } from '../../../src/net/object-store.ts'
import { FileObjectStore } from '../../../src/platform/file-object-store.ts'

const FILE_OBJECT_STORE = new URL('../../../src/platform/file-object-store.ts', import.meta.url).href
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Keeps one object after the other and says so, until it is killed. */
const SCRIPT = `
const { FileObjectStore } = await import(${JSON.stringify(FILE_OBJECT_STORE)})
const store = new FileObjectStore(process.argv[1])
for (let i = 0; ; i++) {
  await store.put(i, new Uint8Array(65_536).fill(i))
  console.log(i)
}
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function held(store: ObjectStore): Promise<(readonly [number, number])[]> {
  return [...(await store.has())]
}

describe.each([
  ['MemoryObjectStore', (): ObjectStore => new MemoryObjectStore()],
  ['FileObjectStore', (): ObjectStore => new FileObjectStore(join(folder, 'not', 'there', 'yet'))]
])('%s', (_, make) => {
  test('holds nothing at first', async () => {
    const store = make()
    expect(await held(store)).toEqual([])
    expect(await store.get(0)).toBeUndefined()
  })

  test('gives back what was put, as it was', async () => {
    const store = make()
    const objects: unknown[] = [
      new Uint8Array([1, 2, 3]),
      new Uint8Array(),
      'text',
      null,
      12n ** 20n,
      { at: new Date(7), of: new Map([['a', new Set([1])]]), numbers: new Float32Array([0.5]) }
    ]
    await Promise.all(objects.map((object, i) => store.put(i, object)))
    for (const [i, object] of objects.entries()) expect(await store.get(i)).toStrictEqual(object)
  })

  test('says what it holds in ranges, the highest index among it', async () => {
    const store = make()
    const indices = [4_097, 2 ** 53 - 1, 4_095, 9_000, 4_096, 0, 2 ** 53 - 2]
    await Promise.all(indices.map(index => store.put(index, index)))
    expect(await held(store)).toEqual([
      [0, 0],
      [4_095, 4_097],
      [9_000, 9_000],
      [2 ** 53 - 2, 2 ** 53 - 1]
    ])
    expect(await store.get(2 ** 53 - 1)).toBe(2 ** 53 - 1)
  })

  test('keeps the last of several puts for one index', async () => {
    const store = make()
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.put(7, `version ${i}`)))
    expect(await store.get(7)).toBe('version 49')
  })

  test.each([-1, 0.5, 2 ** 53, Number.NaN])('rejects RangeError for %s, which is no index', async index => {
    const store = make()
    await expect(store.put(index, 1)).rejects.toThrow(RangeError)
    await expect(store.get(index)).rejects.toThrow(RangeError)
  })
})

describe('FileObjectStore', () => {
  test('holds what another one has put there before', async () => {
    await new FileObjectStore(folder).put(5, 'five')
    const store = new FileObjectStore(folder)
    expect(await held(store)).toEqual([[5, 5]])
    expect(await store.get(5)).toBe('five')
  })

  test('gives back instances of its classes', async () => {
    class Card {
      suit = 'hearts'
    }
    const store = new FileObjectStore(folder, { classes: { Card } })
    await store.put(1, new Card())
    expect(await store.get(1)).toBeInstanceOf(Card)
  })

  test('rejects VALUE_UNSUPPORTED for what cannot be sent, and keeps what was there', async () => {
    const store = new FileObjectStore(folder)
    await store.put(1, 'before')
    await expect(store.put(1, { f: () => {} })).rejects.toMatchObject({ code: 'VALUE_UNSUPPORTED' })
    expect(await store.get(1)).toBe('before')
  })

  test.each([
    ['cut', (file: string) => truncate(file, 40)],
    ['emptied', (file: string) => truncate(file, 0)],
    [
      'changed',
      async (file: string) => {
        const bytes = await readFile(file)
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        await writeFile(file, bytes)
      }
    ]
  ])('answers undefined for a file that was %s, and does not say again that it has it', async (_, harm) => {
    const store = new FileObjectStore(folder)
    await store.put(3, 'three and more bytes')
    await harm(join(folder, '0', '3'))
    expect(await store.get(3)).toBeUndefined()
    expect(await held(store)).toEqual([])
    await store.put(3, 'again')
    expect(await store.get(3)).toBe('again')
  })

  test('passes over what else lies in its folder', async () => {
    const store = new FileObjectStore(folder)
    await store.put(3, 'three')
    for (const name of ['0/4.part', '0/05', '0/4096', '0/1e3', 'notes.txt', '2', '99999999999999999999'])
      await writeFile(join(folder, name), 'x')
    expect(await held(store)).toEqual([[3, 3]])
  })

  test('rejects with the reason of the system when it cannot write, and leaves nothing beside', async () => {
    await writeFile(join(folder, '0'), 'a file where a folder should be')
    const store = new FileObjectStore(folder)
    await expect(store.put(1, 'one')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(store.put(4_096, 'elsewhere')).resolves.toBeUndefined()
    expect(await readdir(join(folder, '1'))).toEqual(['0'])
  })

  test('has every object whole that was kept before the process was killed', {
    timeout: 30_000
  }, async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SCRIPT, folder], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let last = -1
    for await (const line of createInterface({ input: child.stdout })) {
      last = Number(line)
      if (last === 8) break
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = new FileObjectStore(folder)
    const [range] = await held(store)
    expect(range?.[0]).toBe(0)
    expect(range?.[1]).toBeGreaterThanOrEqual(last)
    for (let i = 0; i <= (range?.[1] ?? -1); i++)
      expect(await store.get(i)).toStrictEqual(new Uint8Array(65_536).fill(i))
  })
})
