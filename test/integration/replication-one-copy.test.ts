// A seeder that goes when it has given as many bytes as the file has, over links as they are, in a network in memory.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchFile, GroupSpecifier, type NetGroup, shareFile } from 'netgroup'
import { createTestNetwork, joinAll, type TestNetwork } from 'netgroup/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import type { ObjectListener, ObjectSpace } from '../../src/net/object-space.ts'

const CHUNK = 65_536
const CHUNKS = 256
/** Of a manifest of so few chunks: its root, and one piece of its body. */
const MANIFEST_OBJECTS = 2
const LEECHERS = 5

let folder: string
let network: TestNetwork
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-one-copy-'))
})
afterEach(async () => {
  await network.close()
  await rm(folder, { recursive: true, force: true })
})

/** Lets a member give so many chunks, and tells when it has; what is asked for then gets no answer. @returns the indices that were given, in order */
function giveAtMost(group: NetGroup, chunks: number, onAllGiven: () => void): number[] {
  const given: number[] = []
  const { replication } = memberOf(group)
  const open = replication.open.bind(replication)
  replication.open = (namespace: string, listener: ObjectListener): ObjectSpace => {
    const asked = new Map<number, number>()
    const space = open(namespace, {
      ...listener,
      onRequest: (index, requestID) => {
        asked.set(requestID, index)
        listener.onRequest?.(index, requestID)
      }
    })
    const answer = space.answer.bind(space)
    space.answer = (requestID, bytes) => {
      const index = asked.get(requestID) ?? 0
      if (index < MANIFEST_OBJECTS) return answer(requestID, bytes)
      if (given.length === chunks) return 'unknown'
      given.push(index)
      const outcome = answer(requestID, bytes)
      if (given.length === chunks) onAllGiven()
      return outcome
    }
    return space
  }
  return given
}

test('five leechers finish from each other when the seeder is gone after it gave one copy in total', {
  timeout: 60_000
}, async () => {
  network = await createTestNetwork(1 + LEECHERS)
  const [seeder, ...leechers] = await joinAll(
    network.connections,
    new GroupSpecifier('one copy', { objectReplicationEnabled: true })
  )
  if (seeder === undefined) throw new Error('There is no seeder')
  const content = randomBytes(CHUNKS * CHUNK)
  await writeFile(join(folder, 'seeded'), content)
  const isGiven = Promise.withResolvers<void>()
  const given = giveAtMost(seeder, CHUNKS, isGiven.resolve)
  const shared = await shareFile(seeder, { path: join(folder, 'seeded') })
  const fetches = leechers.map((leecher, i) =>
    fetchFile(leecher, shared.manifestID, { path: join(folder, `${i}`) })
  )
  await isGiven.promise
  // What it has given last still arrives.
  await seeder.connection.close()
  await Promise.all(fetches)
  for (const i of leechers.keys()) expect((await readFile(join(folder, `${i}`))).equals(content)).toBe(true)
  expect(new Set(given).size).toBe(CHUNKS)
})
