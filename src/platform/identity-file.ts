import { rmSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { NetGroupError } from '../core/errors.ts'

/** A name is a file's name on every system. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Locks that this process holds. Another load in the same process gets the same key. */
const held = new Set<string>()

/**
 * The key kept under this name, made at the first call: a file that only its owner can read, in `$NETGROUP_HOME` or `~/.netgroup`. The name is locked until
 * this process ends, since two peers with one identity take each other's connections.
 *
 * @param name letters, digits, `.`, `_`, `-`; at most 64
 * @throws TypeError for another name; rejects NetGroupError IDENTITY_IN_USE while another process holds it
 */
export async function loadIdentity(name: string, { signal }: AbortOptions = {}): Promise<PrivateKey> {
  if (typeof name !== 'string' || !NAME.test(name))
    throw new TypeError(
      `Cannot load identity ${JSON.stringify(name)}: a name has 1 to 64 letters, digits, '.', '_' or '-'`
    )
  signal?.throwIfAborted()
  const folder = join(process.env['NETGROUP_HOME'] ?? join(homedir(), '.netgroup'), 'identities')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await lock(join(folder, `${name}.lock`), name)
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
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      held.add(file)
      process.once('exit', () => rmSync(file, { force: true }))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    if (isAlive(holder)) break
    // Its process was killed before it could unlock.
    await rm(file, { force: true })
  }
  throw new NetGroupError(
    'IDENTITY_IN_USE',
    `Cannot load identity "${name}": another process uses it. Choose another name, or end that process`,
    { name }
  )
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
