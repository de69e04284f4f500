import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { NetGroupError } from '../core/errors.ts'
import { checkIndex, rangesOf } from '../core/replication/ranges-of.ts'
import type { ObjectStore } from '../net/object-store.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'

const STORE = 'objects'

/** Keys read at once, so that a million of them do not stand in memory twice. Guess. */
const KEYS_AT_ONCE = 65_536

interface Schema extends DBSchema {
  [STORE]: { key: number; value: Uint8Array }
}

/** How an {@link IndexedDBObjectStore} is made. */
export interface IndexedDBObjectStoreOptions {
  /** Classes whose instances are kept as such, by name: those given to `NetGroup.join`. */
  classes?: ValueClasses
}

/**
 * Objects in a database of this page's origin, where they outlast the page and every script of the origin can read them. Browsers may clear it when the disk is full, unless
 * `navigator.storage.persist()` was granted. Each of its functions rejects NetGroupError PLATFORM_UNSUPPORTED where there is no IndexedDB.
 */
export class IndexedDBObjectStore implements ObjectStore {
  readonly #name: string
  readonly #classes: ValueClasses
  #database: Promise<IDBPDatabase<Schema>> | undefined

  /** @param name of the database, made when it is not there: `netgroup objects <name>` */
  constructor(name: string, { classes = {} }: IndexedDBObjectStoreOptions = {}) {
    if (typeof name !== 'string' || name === '')
      throw new TypeError(`Cannot keep objects under ${JSON.stringify(name)}: give a name`)
    this.#name = name
    this.#classes = classes
  }

  async has(): Promise<Iterable<readonly [start: number, end: number]>> {
    const database = await this.#open()
    const indices: number[] = []
    let from: number | undefined = 0
    while (from !== undefined) {
      const keys: number[] = await database.getAllKeys(STORE, IDBKeyRange.lowerBound(from), KEYS_AT_ONCE)
      for (const key of keys) indices.push(key)
      from = keys.length < KEYS_AT_ONCE ? undefined : (keys.at(-1) ?? 0) + 1
    }
    return rangesOf(indices)
  }

  async get(index: number): Promise<unknown> {
    checkIndex(index)
    const bytes = await (await this.#open()).get(STORE, index)
    return bytes === undefined ? undefined : decodeValue(bytes, this.#classes)
  }

  /** @throws NetGroupError VALUE_UNSUPPORTED for what cannot be sent; rejects with the browser's QuotaExceededError when there is no room */
  async put(index: number, object: unknown): Promise<void> {
    checkIndex(index)
    const bytes = encodeValue(object, this.#classes)
    await (await this.#open()).put(STORE, bytes, index)
  }

  /** Lets go of the database, which can then be deleted. It is opened again when the store is used again. */
  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    ;(await database?.catch(() => undefined))?.close()
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openObjects(this.#name, () => {
      this.#database = undefined
    }).catch((error: unknown) => {
      // What failed may be tried again.
      this.#database = undefined
      throw error
    })
    return this.#database
  }
}

/** @param onLost the browser has closed it, or another page wants to delete it */
async function openObjects(name: string, onLost: () => void): Promise<IDBPDatabase<Schema>> {
  try {
    const database: IDBPDatabase<Schema> = await openDB<Schema>(`netgroup objects ${name}`, 1, {
      upgrade: database => void database.createObjectStore(STORE),
      blocking: () => {
        onLost()
        database.close()
      },
      terminated: onLost
    })
    return database
  } catch (error) {
    throw new NetGroupError(
      'PLATFORM_UNSUPPORTED',
      `Cannot keep objects under "${name}": this browser gives this page no IndexedDB`,
      { feature: 'IndexedDB' },
      { cause: error }
    )
  }
}
