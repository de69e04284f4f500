// The programs of the plan run as they are written; `npm run check` compiles them.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'
import { afterEach, describe, expect, test } from 'vitest'

// Found from here, wherever the program runs.
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const RUN = ['--conditions=netgroup-source', '--import', TSX]
const DEADLINE_MS = 20_000
const children = new Set<ChildProcess>()

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

function run(args: string[], env: NodeJS.ProcessEnv = {}, cwd?: string): ChildProcess {
  const child = spawn(process.execPath, [...RUN, ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env }
  })
  children.add(child)
  return child
}

/** Resolves with all that was printed when it has this in it. */
function printed(stream: NodeJS.ReadableStream | null, part: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error(`"${part}" did not come: ${text}`)), DEADLINE_MS)
    stream?.on('data', chunk => {
      text += String(chunk)
      if (!text.includes(part)) return
      clearTimeout(timer)
      resolve(text)
    })
  })
}

const exit = (child: ChildProcess): Promise<number | null> =>
  new Promise(resolve => child.once('exit', code => resolve(code)))

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

describe('programs', () => {
  test('1: two terminals say hello to each other on the LAN, and end when their input ends', async () => {
    const [a, b] = [run([pathOf('./1-hello-node.ts')]), run([pathOf('./1-hello-node.ts')])]
    const heard = [printed(a.stdout, 'hello from b'), printed(b.stdout, 'hello from a')]
    a.stdin?.write('hello from a\n')
    b.stdin?.write('hello from b\n')
    await Promise.all(heard)
    const ended = [exit(a), exit(b)]
    a.stdin?.end()
    b.stdin?.end()
    expect(await Promise.all(ended)).toEqual([0, 0])
  }, 30_000)

  test('3: the positions of two players on the LAN arrive, and who is killed leaves', async () => {
    const players = [run([pathOf('./3-lan-game.ts')]), run([pathOf('./3-lan-game.ts')])]
    await using connection = await NetConnection.connect('lan:')
    const group = await NetGroup.join(connection, new GroupSpecifier('haxball', { routingEnabled: true }), {
      presence: { name: 'onlooker' }
    })
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const heard = new Map<string, unknown>()
    for await (const { message, sender } of group
      .channel<{ x: number; y: number }>('position')
      .statuses({ code: 'NetGroup.SendTo.Notify', signal })) {
      heard.set(sender, message)
      if (heard.size === 2) break
    }
    for (const message of heard.values())
      expect(message).toEqual({ x: expect.any(Number), y: expect.any(Number) })
    await expect.poll(() => group.members.size, { timeout: DEADLINE_MS }).toBeGreaterThanOrEqual(2)
    const left = group.statuses({ code: 'NetGroup.Member.Leave', signal })
    players[0]?.kill('SIGKILL')
    for await (const { member } of left) {
      expect([...heard.keys()]).toContain(member.peerID)
      break
    }
  }, 60_000)

  test('4: announcements: who has a grant is heard, a wrong password is told', async () => {
    const home = mkdtempSync(join(tmpdir(), 'netgroup-'))
    try {
      const peers = await Promise.all(
        [1, 2].map(async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString())
      )
      // The plan's program names alice and bob by placeholders, which are no peer ids: real ones take their places.
      const source = readFileSync(pathOf('./4-announcements.ts'), 'utf8')
        .replace('12D3KooWAlice', peers[0] as string)
        .replace('12D3KooWBob', peers[1] as string)
      const program = pathOf(`./4-announcements.${process.pid}.tmp.ts`)
      writeFileSync(program, source)
      try {
        const spec = new GroupSpecifier('news', { postingEnabled: true })
        await spec.setPostingPassword('correct horse')
        await using connection = await NetConnection.connect('lan:')
        const reader = await NetGroup.join<string>(connection, spec.toString())
        const statuses = reader.statuses({
          code: 'NetGroup.Posting.Notify',
          signal: AbortSignal.timeout(DEADLINE_MS)
        })
        const alice = run([program, spec.groupspecWithAuthorizations()], { NETGROUP_HOME: home })
        const [links, error] = [
          printed(alice.stdout, 'https://news.example'),
          printed(alice.stderr, 'posting')
        ]
        for await (const { message } of statuses) {
          expect(message).toBe('we open at nine')
          break
        }
        expect((await links).match(/https:\/\/news\.example\/?#G:/g)).toHaveLength(3)
        await error
      } finally {
        rmSync(program, { force: true })
      }
    } finally {
      for (const child of children) child.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    }
  }, 30_000)

  test('5: a file is shared and fetched, and is the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netgroup-'))
    try {
      const film = randomBytes(1_000_003)
      writeFileSync(join(folder, 'film.mp4'), film)
      const child = run([pathOf('./5-swarm.ts')], {}, folder)
      const output = printed(child.stdout, '1\n')
      expect(await exit(child)).toBe(0)
      await output
      expect(film.equals(readFileSync(join(folder, 'copy.mp4')))).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 30_000)

  test('8: a test of an application with netgroup/testing passes', async () => {
    const child = run(['--test', '--test-reporter=tap', pathOf('./8-test.ts')])
    const output = printed(child.stdout, '# pass 1')
    expect(await exit(child)).toBe(0)
    await output
  }, 30_000)
})
