import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import type { ObjectSpace } from '../../src/net/object-space.ts'
import { type CliProcess, type CliRow, killCliProcesses, runCli, startCli } from '../support/cli-process.ts'

const MIB = 2 ** 20

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-share-'))
})
afterEach(async () => {
  await killCliProcesses()
  await rm(folder, { recursive: true, force: true })
})

/** A file of random bytes in the test's folder. */
async function makeFile(name: string, bytes: number): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, randomBytes(bytes))
  return path
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

/** A process that shares, and its link. */
async function startShare(...args: string[]): Promise<{ share: CliProcess; link: string }> {
  const share = startCli(['share', '--json', ...args])
  const { link } = await share.waitForRow('Cli.Shared')
  return { share, link: String(link) }
}

/** What has come so far is more than this. */
function beyond(bytes: number): (row: CliRow) => boolean {
  return row => row['state'] === 'fetching' && Number(row['bytes']) > bytes
}

function fetchedRow(stdout: string): CliRow {
  return JSON.parse(stdout) as CliRow
}

describe('netgroup share and fetch', () => {
  test('the link is the first on stdout, and fetch says where the same bytes are now', async () => {
    const path = await makeFile('film.mp4', 3 * MIB + 17)
    const share = startCli(['share', path])
    const link = await share.waitForLine(/^netgroup:#G:/)
    const into = join(folder, 'into', 'this')
    const { exitCode, stdout, stderr } = await runCli(['fetch', link, '--output', into])
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: join(into, 'film.mp4') })
    expect(await sha256(stdout)).toBe(await sha256(path))
    expect(await readdir(into)).toEqual(['film.mp4'])
    expect(stderr).toMatch(/film\.mp4: all here, 3\.0 MiB/)
    share.kill('SIGINT')
    const ended = await share.ended
    expect(ended).toMatchObject({ exitCode: 0, stdout: link })
    expect(ended.stderr).toContain(`under the same link again: netgroup share ${path} --group '${link}'`)
  })

  test('files and folders come as one folder', async () => {
    await mkdir(join(folder, 'photos', 'empty'), { recursive: true })
    const notes = await makeFile('notes.txt', 100)
    const photo = await makeFile('photos/1.jpg', 200_000)
    await writeFile(join(folder, 'photos', '0.jpg'), '')
    const { link } = await startShare(notes, join(folder, 'photos'), '--as', 'for you')
    const { exitCode, stdout } = await runCli(['fetch', link, '--output', join(folder, 'into')])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: join(folder, 'into', 'for you') })
    const found = await readdir(stdout, { recursive: true })
    expect(found.sort()).toEqual(['notes.txt', 'photos', 'photos/0.jpg', 'photos/1.jpg', 'photos/empty'])
    expect(await sha256(join(stdout, 'notes.txt'))).toBe(await sha256(notes))
    expect(await sha256(join(stdout, 'photos/1.jpg'))).toBe(await sha256(photo))
  })

  test('a fetch that was killed at half goes on where it was', { timeout: 60_000 }, async () => {
    const path = await makeFile('film.mp4', 16 * MIB)
    const { link } = await startShare(path)
    const into = join(folder, 'into')
    const first = startCli(['fetch', link, '--json', '--output', into, '--limit-down', '4MiB'])
    const { bytes } = await first.waitForRow('Cli.Progress', beyond(8 * MIB), 20_000)
    first.kill('SIGKILL')
    await first.ended
    const { exitCode, stdout } = await runCli(['fetch', link, '--json', '--output', into])
    expect(exitCode).toBe(0)
    expect(await sha256(join(into, 'film.mp4'))).toBe(await sha256(path))
    // Of what it had, at most 3 % come again.
    expect(Number(fetchedRow(stdout)['fetchedBytes'])).toBeLessThanOrEqual(16 * MIB - 0.97 * Number(bytes))
    expect(await readdir(into)).toEqual(['film.mp4'])
  })

  test('Ctrl-C interrupts a fetch with exit code 130, and says how to go on', async () => {
    const path = await makeFile('film.mp4', 8 * MIB)
    const { link } = await startShare(path)
    const args = ['fetch', link, '--output', join(folder, 'into')]
    const first = startCli([...args, '--json', '--limit-down', '2MiB'])
    await first.waitForRow('Cli.Progress', beyond(MIB))
    first.kill('SIGINT')
    expect((await first.ended).exitCode).toBe(130)
    expect(first.rows).toContainEqual(
      expect.objectContaining({ code: 'Cli.Interrupted', totalBytes: 8 * MIB })
    )
    expect((await runCli(args)).exitCode).toBe(0)
    expect(await sha256(join(folder, 'into', 'film.mp4'))).toBe(await sha256(path))
  })

  test('with --seed the next one gets it from there when who shared it is gone', async () => {
    const path = await makeFile('film.mp4', 2 * MIB)
    const { share, link } = await startShare(path)
    const seeder = startCli(['fetch', link, '--json', '--seed', '--output', join(folder, 'seeder')])
    await seeder.waitForRow('Cli.Seeding')
    share.kill('SIGKILL')
    await share.ended
    expect((await runCli(['fetch', link, '--output', join(folder, 'next')])).exitCode).toBe(0)
    expect(await sha256(join(folder, 'next', 'film.mp4'))).toBe(await sha256(path))
    seeder.kill('SIGINT')
    expect((await seeder.ended).exitCode).toBe(0)
  })

  test('share --group LINK gives the same link again', async () => {
    const path = await makeFile('film.mp4', 1_000)
    const { share, link } = await startShare(path)
    share.kill('SIGINT')
    await share.ended
    expect((await startShare(path, '--group', link)).link).toBe(link)
  })

  test('--group NAME is the same group every time, in which others may share too', async () => {
    const name = `test ${randomBytes(6).toString('hex')}`
    const [one, other] = [await makeFile('1', 1_000), await makeFile('2', 1_000)]
    const links = [
      (await startShare(one, '--group', name)).link,
      (await startShare(other, '--group', name)).link
    ]
    const [first, second] = links.map(link => GroupSpecifier.parse(link))
    expect(first?.groupID).toBe(second?.groupID)
    expect(first?.objectReplicationEnabled).toBe(true)
    for (const link of links)
      expect((await runCli(['fetch', link, '--output', join(folder, 'into')])).exitCode).toBe(0)
    expect((await readdir(join(folder, 'into'))).sort()).toEqual(['1', '2'])
  })

  test('a share through a relay carries it in its link', async () => {
    const relay = startCli([
      'relay',
      '--json',
      '--ephemeral',
      '--no-stun',
      '--listen',
      '/ip4/127.0.0.1/tcp/0'
    ])
    const { multiaddrs } = await relay.waitForRow('Cli.Relay.Listening')
    const address = String((multiaddrs as string[])[0])
    const path = await makeFile('film.mp4', MIB)
    const { link } = await startShare(path, '--relay', address)
    expect(GroupSpecifier.parse(link).describe().relays).toEqual([address])
    expect((await runCli(['fetch', link, '--output', join(folder, 'into')])).exitCode).toBe(0)
  })

  test.each([
    ['--limit-up of who shares', ['--limit-up', '1MiB'], []],
    ['--limit-down of who fetches', [], ['--limit-down', '1MiB']]
  ])('%s holds', async (_, up, down) => {
    const path = await makeFile('film.mp4', 4 * MIB)
    const { link } = await startShare(path, ...up)
    const fetch = startCli(['fetch', link, '--json', '--output', join(folder, 'into'), ...down])
    await fetch.waitForRow('Cli.Progress', beyond(-1))
    const startMs = performance.now()
    expect((await fetch.ended).exitCode).toBe(0)
    // 4 MiB at 1 MiB/s, with what a bucket holds at the start.
    expect(performance.now() - startMs).toBeGreaterThan(2_000)
    expect(performance.now() - startMs).toBeLessThan(10_000)
  })
})

describe('netgroup share says what is wrong in one line', () => {
  test.each([
    [
      'a file that is not there',
      ['nowhere.txt'],
      1,
      /^netgroup: Cannot share nowhere\.txt: there is no such file or folder$/
    ],
    ['no file', [], 2, /^netgroup: missing required argument 'file'$/],
    [
      'what is neither a file nor a folder',
      ['/dev/null'],
      2,
      /^netgroup: Cannot share \/dev\/null: it is neither a file nor a folder$/
    ],
    [
      'two of one name',
      ['package.json', 'test/../package.json'],
      2,
      /^netgroup: Cannot share two files named package\.json/
    ],
    ['a rate that is none', ['package.json', '--limit-up', 'fast'], 2, /bytes per second, like 500k/],
    [
      'a password for a new group',
      ['package.json', '--password', 'x'],
      2,
      /^netgroup: A new group has no password/
    ]
  ])('%s', async (_, args, exitCode, line) => {
    const result = await runCli(['share', ...args])
    expect(result).toMatchObject({ exitCode, stdout: '' })
    expect(result.stderr).toMatch(line)
  })

  test('a name that no file can have: exit code 2', async () => {
    const { exitCode, stderr } = await runCli(['share', await makeFile('a', 1), '--as', '../a'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('slash') })
  })

  test('a group that allows no files', async () => {
    const group = new GroupSpecifier('chat', { postingEnabled: true }).toString()
    const { exitCode, stderr } = await runCli(['share', 'package.json', '--group', group])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/netgroup: Cannot share a file in group "chat": object replication is not enabled/)
  })

  test('a relay that is not there: exit code 5', async () => {
    const nobody = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
    expect((await runCli(['share', 'package.json', '--relay', nobody])).exitCode).toBe(5)
  })
})

describe('netgroup fetch says what is wrong in one line', () => {
  const fileLink = (): string => {
    const spec = new GroupSpecifier('nobody', { objectReplicationEnabled: true })
    spec.makeUnique()
    return `netgroup:#${spec}&file=${'ab'.repeat(32)}`
  }

  test.each([
    ['what is no link', 'film.mp4', /^netgroup: This is not a link to a file, as netgroup share prints it: /],
    ['a link to a group', () => fileLink().replace(/&file=.*/, ''), /it leads to a group and to no file/],
    ['a broken link', () => fileLink().slice(0, -1), /This is not a link to a file/]
  ])('%s', async (_, link, line) => {
    const { exitCode, stdout, stderr } = await runCli(['fetch', typeof link === 'string' ? link : link()])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('nobody there within --timeout: exit code 3', async () => {
    const { exitCode, stderr } = await runCli(['fetch', fileLink(), '--output', folder, '--timeout', '1.5'])
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/Nobody there within 1\.5 s/)
  })

  test('not finished within --timeout: exit code 124', async () => {
    const { link } = await startShare(await makeFile('film.mp4', 8 * MIB), '--limit-up', '1MiB')
    const args = ['fetch', link, '--output', join(folder, 'into'), '--timeout', '4']
    const { exitCode, stderr } = await runCli(args)
    expect(exitCode).toBe(124)
    expect(stderr).toMatch(/Gave up after 4 s with .* of 8 MiB: run the same command again/)
  })

  test('a file of other content is there: exit code 1, and --overwrite replaces it', async () => {
    const path = await makeFile('film.mp4', 1_000)
    const { link } = await startShare(path)
    const into = join(folder, 'into')
    await mkdir(into)
    await writeFile(join(into, 'film.mp4'), 'mine')
    const args = ['fetch', link, '--output', into]
    const { exitCode, stderr } = await runCli(args)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/film\.mp4 is there already, with other content: .*--overwrite/)
    expect(await readFile(join(into, 'film.mp4'), 'utf8')).toBe('mine')
    expect((await runCli([...args, '--overwrite'])).exitCode).toBe(0)
    expect(await sha256(join(into, 'film.mp4'))).toBe(await sha256(path))
    // And once more, where it is already.
    expect((await runCli(args)).exitCode).toBe(0)
  })

  test('what cannot be the file of its link: exit code 6, and nothing is written', async () => {
    await using connection = await NetConnection.connect('lan:')
    const spec = new GroupSpecifier('evil', { objectReplicationEnabled: true })
    spec.makeUnique()
    const group = await NetGroup.join(connection, spec)
    // The id is right, what it stands for is no manifest.
    const root = Buffer.from('no manifest')
    const id = createHash('sha256').update(root).digest('hex')
    const space: ObjectSpace = memberOf(group).replication.open(id, {
      onRequest: (_, requestID) => void space.answer(requestID, root)
    })
    space.addHave(0, 0)
    const into = join(folder, 'into')
    const { exitCode, stdout, stderr } = await runCli([
      'fetch',
      `netgroup:#${spec}&file=${id}`,
      '--output',
      into
    ])
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 6, stdout: '' })
    expect(stderr).toMatch(/netgroup: Cannot fetch the file: its manifest is refused/)
    expect(await readdir(into)).toEqual([])
  })

  test('a folder that cannot be made', async () => {
    const file = await makeFile('file', 1)
    const { exitCode, stderr } = await runCli(['fetch', fileLink(), '--output', join(file, 'below')])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^netgroup: Cannot fetch into .*file\/below: a part of its path is a file and no folder$/
    )
  })
})
