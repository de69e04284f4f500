// Files over links, engines and streams as they are, in a network in memory.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileProgress, fetchFile, GroupSpecifier, type NetGroup, shareFile } from 'netgroup'
import { createTestNetwork, joinAll, type TestNetwork } from 'netgroup/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import type { ObjectSpace } from '../../src/net/object-space.ts'

const CHUNK = 65_536

let folder = ''
let network: TestNetwork
let groups: NetGroup[] = []

async function meet(size: number): Promise<void> {
  network = await createTestNetwork(size)
  groups = await joinAll(network.connections, new GroupSpecifier('files', { objectReplicationEnabled: true }))
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-swarm-'))
})

afterEach(async () => {
  await network.close()
  await rm(folder, { recursive: true, force: true })
})

const at = (name: string | number): string => join(folder, String(name))
const group = (index: number): NetGroup => groups[index] as NetGroup
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function randomFile(name: string, bytes: number): Promise<Buffer> {
  const content = randomBytes(bytes)
  await writeFile(at(name), content)
  return content
}

// Longer than joinAll() waits, so that it can say what it waited for.
describe('a file in a group', { timeout: 60_000 }, () => {
  test('comes whole to all who fetch it at once, and most of it from each other', async () => {
    await meet(5)
    const content = await randomFile('film', 8 * 16 * CHUNK + 5)
    let uploadedBytes = 0
    const shared = await shareFile(
      group(0),
      { path: at('film') },
      {
        // So that the others have the time to tell each other what they have.
        limitUp: 4 * 1_048_576,
        onProgress: progress => {
          uploadedBytes = progress.uploadedBytes
        }
      }
    )
    const last = new Map<number, FileProgress>()
    await Promise.all(
      [1, 2, 3, 4].map(index =>
        fetchFile(
          group(index),
          shared.manifestID,
          { path: at(index) },
          { onProgress: progress => void last.set(index, progress) }
        )
      )
    )
    for (const index of [1, 2, 3, 4]) {
      expect(sha256(await readFile(at(index)))).toBe(sha256(content))
      expect(last.get(index)).toMatchObject({ state: 'complete', bytes: content.byteLength, peers: 4 })
    }
    console.log(`the seeder's upload, in copies: ${(uploadedBytes / content.byteLength).toFixed(2)}`)
    expect(uploadedBytes).toBeLessThan(1.8 * content.byteLength)
  })

  test('arrives though a member sends wrong bytes for a fifth of it, and that one is cut off', async () => {
    await meet(3)
    const content = await randomFile('film', 200 * CHUNK)
    const { manifestID } = await shareFile(group(0), { path: at('film') })
    const liar = memberOf(group(2)).replication
    const space: ObjectSpace = liar.open(manifestID, {
      onRequest: (index, requestID) => {
        const bytes = Buffer.from(content.subarray((index - 2) * CHUNK, (index - 1) * CHUNK))
        if (index % 5 === 0) bytes[7] = (bytes[7] ?? 0) ^ 1
        space.answer(requestID, bytes)
      }
    })
    space.addHave(2, 201)
    const gone = group(1).statuses({ code: 'NetGroup.Neighbor.Disconnect' })
    let rejectedBytes = 0
    await fetchFile(
      group(1),
      manifestID,
      { path: at('copy') },
      {
        onProgress: progress => {
          rejectedBytes = progress.rejectedBytes
        }
      }
    )
    expect(sha256(await readFile(at('copy')))).toBe(sha256(content))
    for await (const { peerID } of gone) {
      expect(peerID).toBe(group(2).connection.nearID)
      break
    }
    expect(rejectedBytes).toBeGreaterThan(0)
    expect(rejectedBytes).toBeLessThan(0.3 * content.byteLength)
  })

  test('goes on when the first source has left, from those who have parts of it', async () => {
    await meet(4)
    const content = await randomFile('film', 64 * CHUNK)
    const shared = await shareFile(group(0), { path: at('film') })
    const all = [1, 2, 3].map(index => {
      const onProgress = ({ bytes }: FileProgress): void => {
        if (bytes === content.byteLength) void group(0).connection.close()
      }
      return fetchFile(group(index), shared.manifestID, { path: at(index) }, { onProgress })
    })
    await Promise.all(all)
    for (const index of [1, 2, 3]) expect(sha256(await readFile(at(index)))).toBe(sha256(content))
  })

  test('is read along, in order, from several', async () => {
    await meet(3)
    const content = await randomFile('film', 100 * CHUNK + 1)
    const { manifestID } = await shareFile(group(0), { path: at('film') })
    await fetchFile(group(1), manifestID, { path: at('copy') })
    const digest = createHash('sha256')
    const sink = new WritableStream<Uint8Array>({ write: bytes => void digest.update(bytes) })
    await fetchFile(group(2), manifestID, sink)
    expect(digest.digest('hex')).toBe(sha256(content))
  })
})
