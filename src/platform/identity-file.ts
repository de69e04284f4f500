import { rmSync } from 'node:fs'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { NetGroupError } from '../core/errors.ts'
import { checkIdentityName } from './identity-name.ts'

/** Locks that this process holds. Another load in the same process gets the same key. */
const held = new Set<string>()

/** Loads under way, by lock: several at once are one. */
const loading = new Map<string, Promise<PrivateKey>>()

/**
 * The key kept under this name, made at the first call: a file that only its owner can read, in `$NETGROUP_HOME` or `~/.netgroup`. The name is locked until
 * this process ends, since two peers with one identity take each other's connections.
 *
 * @param name letters, digits, `.`, `_`, `-`; at most 64
 * @throws TypeError for another name; rejects NetGroupError IDENTITY_IN_USE while another process holds it
 */
export async function loadIdentity(name: string, { signal }: AbortOptions = {}): Promise<PrivateKey> {
  checkIdentityName(name)
  signal?.throwIfAborted()
  const folder = join(process.env['NETGROUP_HOME'] ?? join(homedir(), '.netgroup'), 'identities')
  const lockFile = join(folder, `${name}.lock`)
  const underWay = loading.get(lockFile)
  if (underWay !== undefined) return await underWay
  const load = readOrMake(folder, name, lockFile).finally(() => loading.delete(lockFile))
  loading.set(lockFile, load)
  return await load
}

async function readOrMake(folder: string, name: string, lockFile: string): Promise<PrivateKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await lock(lockFile, name)
  const file = join(folder, `${name}.key`)
  try {
    return privateKeyFromProtobuf(await readFile(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = await generateKeyPair('Ed25519')
  await writeFile(file, privateKeyToProtobuf(key), { flag: 'wx', mode: 0o600 })
  return key
}

async function lock(file: string, name: string): Promise<void> {
  if (held.has(file)) return
  // Written aside and then linked, so that nobody sees a lock that does not say yet whose it is.
  const own = `${file}.${process.pid}`
  await writeFile(own, String(process.pid))
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      if (await linkUnlessThere(own, file)) {
        if (held.size === 0) process.once('exit', unlockAll)
        held.add(file)
        return
      }
      const holder = Number(await readFile(file, 'utf8').catch(() => ''))
      // This process does not hold it, so under its own number one held it that had the same before: common in containers.
      if (isAlive(holder) && holder !== process.pid) break
      // Its process was killed before it could unlock.
      await rm(file, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
  throw new NetGroupError(
    'IDENTITY_IN_USE',
    `Cannot load identity "${name}": another process uses it. Choose another name, or end that process`,
    { name }
  )
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function unlockAll(): void {
  for (const file of held) rmSync(file, { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
