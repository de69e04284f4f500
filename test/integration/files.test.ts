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
})
