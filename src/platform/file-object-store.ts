import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_INDEX } from '../core/replication/range-set.ts'
import { checkIndex, rangesOf } from '../core/replication/ranges-of.ts'
import type { ObjectStore } from '../net/object-store.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'

/** Files in one folder: few enough for every file system and tool, and a folder for every object at worst. Guess. */
const FILES_PER_FOLDER = 4_096

/** So many folders hold all indices. */
const FOLDERS = (MAX_INDEX + 1) / FILES_PER_FOLDER

/** Objects read or written at once. A lane does one thing at a time, so that of two puts the second one stays. Guess. */
const LANES = 16

/** What a file begins with: this form of it. */
const VERSION = 1

const HASH_BYTES = 32

/** How a {@link FileObjectStore} is made. */
export interface FileObjectStoreOptions {
  /** Classes whose instances are kept as such, by name: those given to `NetGroup.join`. */
  classes?: ValueClasses
}

/**
 * Objects as files below a folder, one each. What `put` has resolved for outlasts the process, however it ends: an object is written beside its place, flushed to the disk,
 * and renamed. A file that was cut or changed is noticed when it is read: it is deleted, and answered as not there. A folder belongs to one store of one process at a time.
 */
export class FileObjectStore implements ObjectStore {
  readonly #folder: string
  readonly #classes: ValueClasses
  readonly #lanes: Promise<unknown>[] = new Array(LANES).fill(Promise.resolve())

  /** @param folder made at the first `put` when it is not there */
  constructor(folder: string, { classes = {} }: FileObjectStoreOptions = {}) {
    if (typeof folder !== 'string' || folder === '')
      throw new TypeError(`Cannot keep objects in ${JSON.stringify(folder)}: give the path of a folder`)
    this.#folder = folder
    this.#classes = classes
  }

  async has(): Promise<Iterable<readonly [start: number, end: number]>> {
    const indices: number[] = []
    for (const folder of await numbersIn(this.#folder, FOLDERS))
      for (const file of await numbersIn(join(this.#folder, String(folder)), FILES_PER_FOLDER))
        indices.push(folder * FILES_PER_FOLDER + file)
    return rangesOf(indices)
  }

  /** Rejects with the system's error when the file is there and cannot be read. */
  async get(index: number): Promise<unknown> {
    checkIndex(index)
    return await this.#inTurn(index, async () => {
      const { file } = this.#placeOf(index)
      const bytes = await readFile(file).catch(unlessAbsent)
      if (bytes === undefined) return undefined
      const content = contentOf(bytes)
      if (content !== undefined) return decodeValue(content, this.#classes)
      await rm(file, { force: true })
      return undefined
    })
  }

  /** @throws NetGroupError VALUE_UNSUPPORTED for what cannot be sent; rejects with the system's error, a full disk's among them */
  async put(index: number, object: unknown): Promise<void> {
    checkIndex(index)
    const content = encodeValue(object, this.#classes)
    await this.#inTurn(index, async () => {
      const { folder, file } = this.#placeOf(index)
      await mkdir(folder, { recursive: true })
      const beside = file + '.part'
      try {
        await writeAndFlush(beside, Buffer.concat([Uint8Array.of(VERSION), hashOf(content), content]))
        await rename(beside, file)
      } catch (error) {
        await rm(beside, { force: true })
        throw error
      }
    })
  }

  #placeOf(index: number): { folder: string; file: string } {
    const folder = join(this.#folder, String(Math.floor(index / FILES_PER_FOLDER)))
    return { folder, file: join(folder, String(index % FILES_PER_FOLDER)) }
  }

  #inTurn<T>(index: number, work: () => Promise<T>): Promise<T> {
    const lane = index % LANES
    const done = (this.#lanes[lane] ?? Promise.resolve()).then(work)
    this.#lanes[lane] = done.catch(() => {})
    return done
  }
}

async function writeAndFlush(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What is behind version and hash; undefined when it is not what was written. */
function contentOf(bytes: Buffer): Uint8Array | undefined {
  if (bytes.byteLength < 1 + HASH_BYTES) return undefined
  // Bytes come back as a Uint8Array, as they came from the network.
  const content = new Uint8Array(
    bytes.buffer,
    bytes.byteOffset + 1 + HASH_BYTES,
    bytes.byteLength - 1 - HASH_BYTES
  )
  const isWhole = bytes[0] === VERSION && hashOf(content).equals(bytes.subarray(1, 1 + HASH_BYTES))
  return isWhole ? content : undefined
}

function hashOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}

/** The entries of a folder whose names are whole numbers below `end`, rising; none where there is no folder. */
async function numbersIn(folder: string, end: number): Promise<number[]> {
  const names = (await readdir(folder).catch(unlessAbsent)) ?? []
  const numbers = names.filter(name => /^(0|[1-9]\d*)$/.test(name)).map(Number)
  return numbers.filter(number => number < end).sort((a, b) => a - b)
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
