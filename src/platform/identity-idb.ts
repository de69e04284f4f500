import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { NetGroupError } from '../core/errors.ts'
import { checkIdentityName } from './identity-name.ts'
import { lockUntilPageEnds } from './page-lock.ts'

const DATABASE = 'netgroup'
const STORE = 'identities'

interface Schema extends DBSchema {
  [STORE]: { key: string; value: Uint8Array }
}

/** Identities of this page, loaded or under way, by name: another load gets the same key. */
const loaded = new Map<string, Promise<PrivateKey>>()

/**
 * The key kept under this name, made at the first call: in IndexedDB, where every script of this origin can read it. The name is locked until this page ends, since
 * two peers with one identity take each other's connections. The lock is the browser's (Web Locks); on a page that came over plain HTTP from another machine
 * browsers have none, and the other pages of the origin are asked instead: there, a page that the browser has put to sleep does not count.
 *
 * @param name letters, digits, `.`, `_`, `-`; at most 64
 * @throws TypeError for another name; rejects NetGroupError IDENTITY_IN_USE while another page or worker of this origin holds it,
 *   PLATFORM_UNSUPPORTED where there is no IndexedDB
 */
export async function loadIdentity(name: string, { signal }: AbortOptions = {}): Promise<PrivateKey> {
  checkIdentityName(name)
  signal?.throwIfAborted()
  const known = loaded.get(name)
  if (known !== undefined) return await known
  const load = readOrMake(name)
  loaded.set(name, load)
  // What failed may be tried again.
  load.catch(() => loaded.delete(name))
  return await load
}

async function readOrMake(name: string): Promise<PrivateKey> {
  const database = await open(name)
  try {
    if (!(await lockUntilPageEnds(`netgroup identity ${name}`)))
      throw new NetGroupError(
        'IDENTITY_IN_USE',
        `Cannot load identity "${name}": another page uses it. Choose another name, or close that page`,
        { name }
      )
    const kept = await database.get(STORE, name)
    if (kept !== undefined) return privateKeyFromProtobuf(kept)
    const key = await generateKeyPair('Ed25519')
    await database.add(STORE, privateKeyToProtobuf(key), name)
    return key
  } finally {
    database.close()
  }
}

async function open(name: string): Promise<IDBPDatabase<Schema>> {
  try {
    return await openDB<Schema>(DATABASE, 1, { upgrade: database => void database.createObjectStore(STORE) })
  } catch (error) {
    throw new NetGroupError(
      'PLATFORM_UNSUPPORTED',
      `Cannot load identity "${name}": this browser gives this page no IndexedDB`,
      { feature: 'IndexedDB' },
      { cause: error }
    )
  }
}
