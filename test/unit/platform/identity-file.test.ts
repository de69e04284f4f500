import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadIdentity } from '../../../src/platform/identity-file.ts'

const IDENTITY_FILE = new URL('../../../src/platform/identity-file.ts', import.meta.url).href
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Loads an identity at a given time, tells how that went in a line, and stays until its stdin ends. */
const SCRIPT = `
const [name, atMs] = process.argv.slice(1)
const { loadIdentity } = await import(${JSON.stringify(IDENTITY_FILE)})
while (Date.now() < Number(atMs)) {}
const line = await loadIdentity(name).then(
  key => 'key ' + Buffer.from(key.raw).toString('hex'),
  error => 'error ' + error.code
)
console.log(line)
process.stdin.resume().on('end', () => process.exit(0))
`

let home: string
let identities: string
const children: ChildProcess[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'netgroup-identity-'))
  identities = join(home, 'identities')
  process.env['NETGROUP_HOME'] = home
})

afterEach(async () => {
  delete process.env['NETGROUP_HOME']
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(home, { recursive: true, force: true })
})

/** Another process that loads an identity. What it said, and the process. */
async function loadElsewhere(name: string, atMs = 0): Promise<{ said: string; child: ChildProcess }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', SCRIPT, name, `${atMs}`],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit']
    }
  )
  children.push(child)
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { said: line.toString().trim(), child }
}

const hex = (key: { raw: Uint8Array }): string => Buffer.from(key.raw).toString('hex')

describe('loadIdentity', () => {
  it('makes a key at first and gives the same one again', async () => {
    const first = await loadIdentity('alice')
    expect(first.type).toBe('Ed25519')
    expect(hex(await loadIdentity('alice'))).toBe(hex(first))
    expect(hex(await loadIdentity('bob'))).not.toBe(hex(first))
  })

  it('gives the same key to two loads at once in one process', async () => {
    const [a, b] = await Promise.all([loadIdentity('alice'), loadIdentity('alice')])
    expect(hex(a)).toBe(hex(b))
  })

  it('keeps the key in a file that only its owner can read', async () => {
    await loadIdentity('alice')
    expect((await stat(join(identities, 'alice.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(identities)).mode & 0o777).toBe(0o700)
  })

  it('is refused with IDENTITY_IN_USE while another process holds the name, and given when that has ended', async () => {
    const { said, child } = await loadElsewhere('alice')
    expect(said).toMatch(/^key [0-9a-f]+$/)
    await expect(loadIdentity('alice')).rejects.toMatchObject({
      code: 'IDENTITY_IN_USE',
      detail: { name: 'alice' }
    })
    await expect(loadIdentity('bob')).resolves.toBeDefined()
    child.stdin?.end()
    await once(child, 'exit')
    expect(`key ${hex(await loadIdentity('alice'))}`).toBe(said)
  })

  it('refuses another process while this one holds the name', async () => {
    await loadIdentity('alice')
    expect((await loadElsewhere('alice')).said).toBe('error IDENTITY_IN_USE')
  })

  it('takes over the lock of a process that was killed', async () => {
    const { said, child } = await loadElsewhere('alice')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await readdir(identities)).toContain('alice.lock')
    expect(`key ${hex(await loadIdentity('alice'))}`).toBe(said)
  })

  it('takes over a lock that names this very process, left by one that had the same number before', async () => {
    await loadIdentity('alice')
    const lock = join(identities, 'bob.lock')
    await writeFile(lock, `${process.pid}`)
    await expect(loadIdentity('bob')).resolves.toBeDefined()
  })

  it('gives the name to one of several processes that ask in the same moment', async () => {
    const atMs = Date.now() + 4_000
    const said = await Promise.all(Array.from({ length: 4 }, () => loadElsewhere('alice', atMs)))
    expect(said.map(each => each.said.split(' ')[0]).sort()).toEqual(['error', 'error', 'error', 'key'])
  })

  it('leaves nothing but the key and the lock in its folder', async () => {
    await loadIdentity('alice')
    expect((await readdir(identities)).sort()).toEqual(['alice.key', 'alice.lock'])
  })

  it.each(['', '.', '..', '../alice', 'a/b', 'a\\b', '.hidden', '-x', 'a b', 'ü', 'a\0', 'x'.repeat(65)])(
    'refuses the name %j',
    async name => {
      await expect(loadIdentity(name)).rejects.toThrow(TypeError)
    }
  )

  it('takes a name of 64 characters', async () => {
    await expect(loadIdentity(`${'x'.repeat(61)}._-`)).resolves.toBeDefined()
  })

  it('tells of a key file that is broken, and does not replace it', async () => {
    await loadIdentity('alice')
    await writeFile(join(identities, 'alice.key'), 'nonsense')
    await expect(loadIdentity('alice')).rejects.toThrow()
    expect((await stat(join(identities, 'alice.key'))).size).toBe(8)
  })

  it('makes nothing when it is aborted before', async () => {
    await expect(loadIdentity('alice', { signal: AbortSignal.abort() })).rejects.toThrow()
    await expect(readdir(home)).resolves.toEqual([])
  })
})
