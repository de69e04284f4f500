import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type FetchOptions,
  type FileProgress,
  fetchFile,
  GroupSpecifier,
  isNetGroupError,
  type NetGroup,
  parseFileLink,
  type SharedFile,
  shareFile
} from 'netgroup'
import { createTestNetwork, joinAll, type TestNetwork } from 'netgroup/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { StandInSpaces } from '../support/stand-in-spaces.ts'

const CHUNK = 65_536

let folder = ''
let network: TestNetwork
let spaces: StandInSpaces
let groups: NetGroup[] = []

async function meet(size: number): Promise<void> {
  network = await createTestNetwork(size)
  const spec = new GroupSpecifier('files', { objectReplicationEnabled: true })
  groups = await joinAll(network.connections, spec)
  spaces = new StandInSpaces()
  for (const group of groups)
    Object.defineProperty(memberOf(group), 'replication', { value: spaces.member(group.connection.nearID) })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-files-'))
  await meet(3)
})

afterEach(async () => {
  await network.close()
  await rm(folder, { recursive: true, force: true })
})

const at = (...path: string[]): string => join(folder, ...path)
const group = (index: number): NetGroup => groups[index] as NetGroup
const peerOf = (index: number): string => group(index).connection.nearID
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function randomFile(name: string, bytes: number): Promise<Buffer> {
  const content = randomBytes(bytes)
  await writeFile(at(name), content)
  return content
}

const share = (name: string, index = 0): Promise<SharedFile> => shareFile(group(index), { path: at(name) })
const fetch = (id: string, name: string, options: FetchOptions = {}, index = 1): Promise<SharedFile> =>
  fetchFile(group(index), id, { path: at(name) }, options)

describe('fetchFile()', () => {
  test.each([0, 1, CHUNK, CHUNK + 1, 10 * CHUNK + 7])(
    'brings a file of %i bytes, and leaves no part beside it',
    async bytes => {
      const content = await randomFile('film', bytes)
      const shared = await share('film')
      const copy = await fetch(shared.manifestID, 'copy')
      expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
      expect(copy).toMatchObject({ manifestID: shared.manifestID, name: 'film', totalBytes: bytes })
      expect((await readdir(folder)).sort()).toEqual(['copy', 'film'])
    }
  )

  test('brings a folder with all that is in it, and tells what was left out', async () => {
    await mkdir(at('album', 'empty'), { recursive: true })
    await mkdir(at('album', 'disc 1'))
    await randomFile('album/disc 1/song', 2 * CHUNK + 5)
    await randomFile('album/cover', 100)
    await writeFile(at('album/nothing'), '')
    await writeFile(at('album/run'), '#!/bin/sh', { mode: 0o755 })
    await symlink('/etc/passwd', at('album/link'))
    const shared = await share('album')
    expect(shared.skipped).toEqual(['link'])
    await fetch(shared.manifestID, 'copy')
    expect((await readdir(at('copy'), { recursive: true })).sort()).toEqual(
      ['cover', 'disc 1', 'disc 1/song', 'empty', 'nothing', 'run'].sort()
    )
    for (const name of ['cover', 'disc 1/song', 'nothing', 'run'])
      expect(sha256(await readFile(at('copy', name)))).toBe(sha256(await readFile(at('album', name))))
    expect(((await stat(at('copy/run'))).mode & 0o111) !== 0).toBe(true)
    expect(((await stat(at('copy/cover'))).mode & 0o111) !== 0).toBe(false)
  })

  test('puts a file into a folder by its own name, when the path is one or ends with a slash', async () => {
    await randomFile('film', 10)
    await mkdir(at('films'))
    const { manifestID } = await share('film')
    await fetch(manifestID, 'films')
    await fetch(manifestID, 'others/', {}, 2)
    expect(await readdir(at('films'))).toEqual(['film'])
    expect(await readdir(at('others'))).toEqual(['film'])
  })

  test('brings blobs, bytes and paths that are shared together under their names', async () => {
    await randomFile('film', CHUNK + 1)
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(CHUNK - 1).fill(1)
      yield new Uint8Array(2).fill(2)
    }
    const shared = await shareFile(
      group(0),
      [
        { source: new Blob(['hello']), name: 'b.txt' },
        { source: bytes(), name: 'c' },
        { source: { path: at('film') } }
      ],
      { name: 'things' }
    )
    await fetch(shared.manifestID, 'into/')
    expect((await readdir(at('into/things'))).sort()).toEqual(['b.txt', 'c', 'film'])
    expect(await readFile(at('into/things/b.txt'), 'utf8')).toBe('hello')
    const c = await readFile(at('into/things/c'))
    expect([c.byteLength, c[CHUNK - 2], c[CHUNK - 1], c[CHUNK]]).toEqual([CHUNK + 1, 1, 2, 2])
  })

  test('can be given up while the bytes that are to be shared do not come', async () => {
    const abort = new AbortController()
    let isReturned = false
    const endless: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          isReturned = true
          return { done: true, value: undefined }
        }
      })
    }
    const sharing = shareFile(group(0), endless, { signal: abort.signal })
    await new Promise(resolve => setImmediate(resolve))
    abort.abort(new Error('enough'))
    await expect(sharing).rejects.toThrow('enough')
    expect(isReturned).toBe(true)
  })

  test('gives the same id to the same files, whoever shares them', async () => {
    await mkdir(at('a/film'), { recursive: true })
    await mkdir(at('b/film'), { recursive: true })
    const names = ['x', 'y', 'A', 'ä']
    for (const name of names) await writeFile(at('a/film', name), name)
    for (const name of names.toReversed()) await writeFile(at('b/film', name), name)
    const [one, other] = [await share('a/film', 0), await share('b/film', 1)]
    expect(one.manifestID).toBe(other.manifestID)
  })

  test('in the group and process that shares it takes it from there', async () => {
    const content = await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film')
    await fetch(manifestID, 'copy', {}, 0)
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    expect(spaces.sent).toEqual([])
  })

  test('is a source for others, when the first one has gone', async () => {
    const content = await randomFile('film', 5 * CHUNK)
    const { manifestID } = await share('film')
    await fetch(manifestID, 'copy')
    spaces.drop(peerOf(0))
    await fetch(manifestID, 'second', {}, 2)
    expect(sha256(await readFile(at('second')))).toBe(sha256(content))
  })
})

describe('fetchFile() into a stream', () => {
  test('gives the bytes in order, at the pace of the reader, and not too far ahead of it', async () => {
    const chunks = 600
    const content = await randomFile('film', chunks * CHUNK)
    const { manifestID } = await share('film')
    const digest = createHash('sha256')
    let read = 0
    let farthest = 0
    const ahead = (): number => new Set(spaces.sent.map(({ index }) => index)).size - read
    const sink = new WritableStream<Uint8Array>({
      async write(bytes) {
        await new Promise(resolve => setImmediate(resolve))
        digest.update(bytes)
        read += 1
        farthest = Math.max(farthest, ahead())
      }
    })
    await fetchFile(group(1), manifestID, sink)
    expect(digest.digest('hex')).toBe(sha256(content))
    expect(farthest).toBeLessThan(300)
  })

  test('is a source for others, whatever the reader does with its bytes', async () => {
    const content = await randomFile('film', 20 * CHUNK)
    const { manifestID } = await share('film')
    await fetchFile(group(1), manifestID, new WritableStream({ write: bytes => void bytes.fill(0) }))
    spaces.drop(peerOf(0))
    await fetch(manifestID, 'copy', {}, 2)
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
  })

  test('offers the last 32 MiB and no more', async () => {
    await randomFile('film', 520 * CHUNK)
    const { manifestID } = await share('film')
    await fetchFile(group(1), manifestID, new WritableStream())
    spaces.drop(peerOf(0))
    const abort = new AbortController()
    const onProgress = ({ bytes }: FileProgress): void => {
      if (bytes === 512 * CHUNK) setImmediate(() => abort.abort(new Error('no more comes')))
    }
    await expect(fetch(manifestID, 'copy', { onProgress, signal: abort.signal }, 2)).rejects.toThrow(
      'no more'
    )
  })

  test('rejects with what the reader gives up with, also while nothing comes', async () => {
    await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film')
    const gone = new Error('enough')
    const sink = new WritableStream<Uint8Array>({
      write() {
        throw gone
      }
    })
    await expect(fetchFile(group(1), manifestID, sink)).rejects.toBe(gone)
    let giveUp = (_: unknown): void => {}
    const silent = new WritableStream<Uint8Array>({
      start(controller) {
        giveUp = reason => controller.error(reason)
      }
    })
    const searching = fetchFile(group(1), 'ab'.repeat(32), silent)
    await new Promise(resolve => setImmediate(resolve))
    giveUp(gone)
    await expect(searching).rejects.toBe(gone)
  })

  test('takes no folder', async () => {
    await mkdir(at('album'))
    const { manifestID } = await share('album')
    await expect(fetchFile(group(1), manifestID, new WritableStream())).rejects.toThrow(TypeError)
  })

  test('is given up also while nobody reads, and tells whoever reads later', async () => {
    await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film')
    const unread = new TransformStream<Uint8Array, Uint8Array>()
    const abort = new AbortController()
    const gone = new Error('no more')
    const fetching = fetchFile(group(1), manifestID, unread.writable, {
      signal: abort.signal,
      onProgress: ({ bytes }) => {
        if (bytes === 3 * CHUNK) setImmediate(() => abort.abort(gone))
      }
    })
    await expect(fetching).rejects.toBe(gone)
    await expect(unread.readable.getReader().read()).rejects.toBe(gone)
  })

  test('ends with the group also when all has come and was not read yet', async () => {
    await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film')
    const slow = new TransformStream<Uint8Array, Uint8Array>()
    const hasCome = Promise.withResolvers<void>()
    const fetching = fetchFile(group(1), manifestID, slow.writable, {
      onProgress: ({ bytes }) => {
        if (bytes === 3 * CHUNK) setImmediate(hasCome.resolve)
      }
    })
    const isClosed = (error: unknown): boolean => isNetGroupError(error, 'CLOSED')
    const rejected = expect(fetching).rejects.toSatisfy(isClosed)
    await hasCome.promise
    await group(1).close()
    await rejected
    await expect(slow.readable.getReader().read()).rejects.toSatisfy(isClosed)
  })
})

/** What stands beside a target named `copy` while this is being fetched to it. */
function partOf(manifestID: string): string {
  return `copy.${manifestID.slice(0, 8)}.part`
}

describe('a fetch that was interrupted', () => {
  test('goes on with what is on the disk, and hashes it again', async () => {
    const chunks = 40
    const content = await randomFile('film', chunks * CHUNK)
    const { manifestID } = await share('film')
    const abort = new AbortController()
    const reason = new Error('stop')
    const onProgress = ({ bytes }: FileProgress): void => {
      if (bytes > content.byteLength / 2) abort.abort(reason)
    }
    const slow = { limitDown: 20 * CHUNK, signal: abort.signal, onProgress }
    await expect(fetch(manifestID, 'copy', slow)).rejects.toBe(reason)
    expect((await readdir(folder)).sort()).toEqual([partOf(manifestID), 'film'])
    // A crash may leave a chunk half written.
    const part = await readFile(at(partOf(manifestID)))
    const before = chunksThatMatch(part, content)
    expect(before).toBeGreaterThanOrEqual(chunks / 2)
    spaces.sent.length = 0
    const seen: FileProgress[] = []
    await fetch(manifestID, 'copy', { onProgress: progress => seen.push(progress) })
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    const fetched = new Set(spaces.sent.map(({ index }) => index).filter(index => index > 1))
    expect(fetched.size).toBe(chunks - before)
    expect(seen.at(-1)).toMatchObject({
      state: 'complete',
      bytes: content.byteLength,
      fetchedBytes: (chunks - before) * CHUNK
    })
  })

  test('fetches again what is wrong on the disk, and takes off what is too much', async () => {
    const content = await randomFile('film', 4 * CHUNK + 10)
    const { manifestID } = await share('film')
    const damaged = Buffer.concat([content, Buffer.from('more')])
    damaged[CHUNK + 3] = (damaged[CHUNK + 3] ?? 0) ^ 1
    await writeFile(at(partOf(manifestID)), damaged)
    await fetch(manifestID, 'copy')
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    expect(spaces.sent.map(({ index }) => index).filter(index => index > 1)).toEqual([3])
  })

  test('does not follow a link that stands where its part should be', async () => {
    await randomFile('film', CHUNK)
    const { manifestID } = await share('film')
    await writeFile(at('precious'), 'mine')
    await symlink(at('precious'), at(partOf(manifestID)))
    await expect(fetch(manifestID, 'copy')).rejects.toThrow(/no file/)
    expect(await readFile(at('precious'), 'utf8')).toBe('mine')
  })
})

describe('fetches of two files to one place', () => {
  test('do not write into each other', async () => {
    const contents = [await randomFile('one', 20 * CHUNK), await randomFile('two', 20 * CHUNK)]
    const shared = [await share('one'), await share('two')]
    await Promise.allSettled(shared.map(({ manifestID }) => fetch(manifestID, 'copy')))
    expect(contents.map(sha256)).toContain(sha256(await readFile(at('copy'))))
  })
})

describe('fetches of one file to one place', () => {
  test('share what is under way, and both end', async () => {
    const content = await randomFile('film', 20 * CHUNK)
    const { manifestID } = await share('film')
    const copies = [fetch(manifestID, 'copy', {}, 1), fetch(manifestID, 'copy', {}, 2)]
    await Promise.all(copies)
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    expect((await readdir(folder)).sort()).toEqual(['copy', 'film'])
  })
})

describe('a full disk', () => {
  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'ends the fetch with its reason, and the next one goes on (needs Linux and root)',
    async ({ skip }) => {
      const content = await randomFile('film', 64 * CHUNK)
      const { manifestID } = await share('film')
      const small = at('small')
      await mkdir(small)
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small], { stdio: 'pipe' })
      } catch (error) {
        skip(`no disk can be made here: ${error}`)
      }
      try {
        const full = await fetch(manifestID, 'small/copy').catch(error => error)
        expect(full).toMatchObject({
          code: 'STORAGE_FAILED',
          message: expect.stringContaining('the disk is full (ENOSPC)'),
          detail: { path: join(small, 'copy'), systemCode: 'ENOSPC' },
          cause: expect.objectContaining({ code: 'ENOSPC' })
        })
        expect(await readdir(small)).toEqual([partOf(manifestID)])
        execFileSync('mount', ['-o', 'remount,size=8m', small])
        let fetchedBytes = 0
        const onProgress = (progress: FileProgress): void => {
          fetchedBytes = progress.fetchedBytes
        }
        await (await fetch(manifestID, 'small/copy', { onProgress })).close()
        expect(sha256(await readFile(join(small, 'copy')))).toBe(sha256(content))
        expect(fetchedBytes).toBeLessThan(50 * CHUNK)
      } finally {
        execFileSync('umount', ['-l', small])
      }
    }
  )
})

describe('a target that is there already', () => {
  test('is done at once when it is the same', async () => {
    const content = await randomFile('film', 3 * CHUNK)
    await writeFile(at('copy'), content)
    const { manifestID } = await share('film')
    await fetch(manifestID, 'copy')
    expect(spaces.sent.filter(({ index }) => index > 1)).toEqual([])
    spaces.drop(peerOf(0))
    await fetch(manifestID, 'second', {}, 2)
    expect(sha256(await readFile(at('second')))).toBe(sha256(content))
  })

  test('is refused when it is something else, and replaced when that is asked for', async () => {
    const content = await randomFile('film', CHUNK)
    await writeFile(at('copy'), Buffer.alloc(CHUNK))
    const { manifestID } = await share('film')
    await expect(fetch(manifestID, 'copy')).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      detail: { path: at('copy') }
    })
    expect((await readdir(folder)).sort()).toEqual(['copy', 'film'])
    await fetch(manifestID, 'copy', { overwrite: true })
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
  })

  test.each([
    ['a folder where a file is to be', 'film', 'copies/film'],
    ['a file where a folder is to be', 'album', 'copies/album'],
    ['a folder where a file of a folder is to be', 'album', 'copies/album/song']
  ])('is refused before anything comes when it is %s', async (_, name, taken) => {
    await randomFile('film', 3 * CHUNK)
    await mkdir(at('album'))
    await randomFile('album/song', 3 * CHUNK)
    if (taken.endsWith('album')) {
      await mkdir(at('copies'))
      await writeFile(at(taken), 'a file')
    } else await mkdir(at(taken), { recursive: true })
    const { manifestID } = await share(name)
    const fetching = fetch(manifestID, 'copies/', { overwrite: true })
    await expect(fetching).rejects.toThrow(`Cannot fetch to ${at(taken)}: what is there is no`)
    expect(spaces.sent.filter(({ index }) => index > 1)).toEqual([])
    expect((await readdir(at('copies'))).filter(name => name.endsWith('.part'))).toEqual([])
  })

  test('keeps the other files of a folder that is replaced', async () => {
    await mkdir(at('album'))
    await writeFile(at('album/song'), 'new')
    await mkdir(at('copy'))
    await writeFile(at('copy/song'), 'old')
    await writeFile(at('copy/mine'), 'mine')
    const { manifestID } = await share('album')
    await expect(fetch(manifestID, 'copy')).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await fetch(manifestID, 'copy', { overwrite: true })
    expect(await readFile(at('copy/song'), 'utf8')).toBe('new')
    expect(await readFile(at('copy/mine'), 'utf8')).toBe('mine')
    expect((await readdir(folder)).sort()).toEqual(['album', 'copy'])
  })
})

describe('wrong bytes', () => {
  test('are thrown away and fetched elsewhere, and their sender is cut off at the third', async () => {
    const content = await randomFile('film', 30 * CHUNK)
    const shared = await share('film', 0)
    await share('film', 2)
    spaces.lies(peerOf(0), (index, bytes) =>
      index % 5 === 0 && index > 0 ? bytes.map(byte => byte ^ 1) : bytes
    )
    const gone = group(1).statuses({ code: 'NetGroup.Neighbor.Disconnect' })
    const seen: FileProgress[] = []
    await fetch(shared.manifestID, 'copy', { onProgress: progress => seen.push(progress) })
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    expect(seen.at(-1)?.rejectedBytes).toBe(6 * CHUNK)
    expect(group(1).info.rejected['false chunk']).toBe(6)
    for await (const { peerID } of gone) {
      expect(peerID).toBe(peerOf(0))
      break
    }
  })

  test('in the place of a manifest are fetched elsewhere too', async () => {
    await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film', 0)
    await share('film', 2)
    spaces.lies(peerOf(0), (index, bytes) => (index < 2 ? bytes.slice(1) : bytes))
    await fetch(manifestID, 'copy')
    expect(group(1).info.rejected['false chunk']).toBe(2)
  })

  test('are not sent by who shares a file that has changed', async () => {
    await randomFile('film', 3 * CHUNK)
    const { manifestID } = await share('film')
    const changed = await readFile(at('film'))
    changed[CHUNK + 1] = (changed[CHUNK + 1] ?? 0) ^ 1
    await writeFile(at('film'), changed)
    await truncate(at('film'), 2 * CHUNK + 5)
    const abort = new AbortController()
    const onProgress = ({ bytes }: FileProgress): void => {
      if (bytes === CHUNK) setImmediate(() => abort.abort(new Error('no more comes')))
    }
    await expect(fetch(manifestID, 'copy', { onProgress, signal: abort.signal })).rejects.toThrow('no more')
    expect(spaces.sent.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(group(1).info.rejected).toEqual({})
  })
})

describe('limits and priorities', () => {
  test('let through what they say', async () => {
    await randomFile('film', 10 * CHUNK)
    const shared = await shareFile(group(0), { path: at('film') }, { limitUp: 20 * CHUNK })
    let startedAt = performance.now()
    await fetch(shared.manifestID, 'up')
    // A quarter of a second's at once, and what has begun goes to its end.
    expect(performance.now() - startedAt).toBeGreaterThan(250)
    await shared.close()
    await share('up', 1)
    startedAt = performance.now()
    await fetch(shared.manifestID, 'down', { limitDown: 20 * CHUNK }, 2)
    expect(performance.now() - startedAt).toBeGreaterThan(250)
  })

  test('let a fetch of a higher priority come first', async () => {
    await randomFile('film', 20 * CHUNK)
    await randomFile('song', 20 * CHUNK)
    const [film, song] = [await share('film'), await share('song')]
    const low = fetch(song.manifestID, 'low', { priority: 'low', limitDown: 40 * CHUNK })
    const high = fetch(film.manifestID, 'high', { priority: 'high', limitDown: 40 * CHUNK })
    await Promise.all([low, high])
    const order = spaces.sent.filter(({ index }) => index > 1).map(({ namespace }) => namespace)
    const lastHigh = order.lastIndexOf(film.manifestID)
    const lowBefore = order.slice(0, lastHigh).filter(id => id === song.manifestID).length
    expect(lowBefore).toBeLessThan(15)
    expect(order.at(-1)).toBe(song.manifestID)
  })
})

describe('progress', () => {
  test('rises to the whole, not too often, and tells the peers', async () => {
    await randomFile('film', 100 * CHUNK)
    const { manifestID } = await share('film')
    const seen: FileProgress[] = []
    const startedAt = performance.now()
    await fetch(manifestID, 'copy', {
      limitDown: 200 * CHUNK,
      onProgress: progress => {
        seen.push(progress)
        throw new Error('a listener that throws does no harm')
      }
    })
    const seconds = (performance.now() - startedAt) / 1_000
    expect(seen.length).toBeLessThanOrEqual(10 * seconds + 3)
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b))
    expect(seen.at(-1)).toMatchObject({ bytes: 100 * CHUNK, totalBytes: 100 * CHUNK, peers: 1, name: 'film' })
  })
})

describe('what cannot be', () => {
  test('is refused with its reason', async () => {
    const id = 'ab'.repeat(32)
    await expect(fetch('film', 'copy')).rejects.toThrow(TypeError)
    await expect(fetch('AB'.repeat(32), 'copy')).rejects.toThrow(TypeError)
    await expect(fetchFile(group(1), id, { path: '' })).rejects.toThrow(TypeError)
    await expect(fetch(id, 'copy', { limitDown: 0 })).rejects.toThrow(RangeError)
    await expect(fetch(id, 'copy', { priority: 'urgent' as 'high' })).rejects.toThrow(TypeError)
    await expect(fetch(id, 'copy', { order: 'last' as 'rarest' })).rejects.toThrow(TypeError)
    await expect(shareFile(group(0), 'film' as never)).rejects.toThrow(TypeError)
    await expect(shareFile(group(0), [])).rejects.toThrow(TypeError)
    await expect(shareFile(group(0), new Blob(['x']), { name: '../x' })).rejects.toThrow(RangeError)
    await expect(share('missing')).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      detail: { path: at('missing'), systemCode: 'ENOENT' }
    })
    await expect(
      fetchFile(group(0), id, { path: at('x') }, { signal: AbortSignal.abort(new Error('no')) })
    ).rejects.toThrow('no')
  })

  test('is refused in a group without object replication, and in one that is closed', async () => {
    const [connection] = network.connections
    const { NetGroup } = await import('netgroup')
    const chat = await NetGroup.join(
      connection as never,
      new GroupSpecifier('chat', { postingEnabled: true })
    )
    await expect(shareFile(chat, new Blob(['x']))).rejects.toMatchObject({ code: 'CAPABILITY_DISABLED' })
    const searching = fetch('ab'.repeat(32), 'copy')
    await randomFile('film', 10)
    await share('film', 1)
    await Promise.all([
      expect(searching).rejects.toSatisfy(error => isNetGroupError(error, 'CLOSED')),
      group(1).close()
    ])
    await expect(share('film', 1)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(await readdir(folder)).toEqual(['film'])
  })
})

describe('SharedFile.link', () => {
  test('carries the group and the file, and is a link to the group as well', async () => {
    await randomFile('film', 10)
    const { link, manifestID } = await share('film')
    const parsed = parseFileLink(link)
    expect(parsed.manifestID).toBe(manifestID)
    expect(GroupSpecifier.parse(parsed.groupspec).groupID).toBe(group(0).groupID)
    expect(GroupSpecifier.parse(link).groupID).toBe(group(0).groupID)
    const [page, upper] = [
      `https://example.com/app${link.slice('netgroup:'.length)}`,
      link.replace(manifestID, manifestID.toUpperCase())
    ]
    for (const other of [page, upper, `${link}&more=1`]) expect(parseFileLink(other)).toEqual(parsed)
    for (const none of ['', 'film', link.split('&')[0] as string, `${link}0`, link.replace('#G:', '#G:%')])
      expect(() => parseFileLink(none)).toThrow(expect.objectContaining({ code: 'GROUPSPEC_INVALID' }))
  })
})

function chunksThatMatch(a: Uint8Array, b: Uint8Array): number {
  let count = 0
  for (let start = 0; start < b.byteLength; start += CHUNK)
    if (Buffer.compare(a.subarray(start, start + CHUNK), b.subarray(start, start + CHUNK)) === 0) count += 1
  return count
}
