// What a page has to load for netgroup.
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bundleChatPage,
  bundleEntry,
  libraryBytes,
  MOST_KIB,
  type PageChunk
} from '../support/browser/page-bundle.ts'

/** netgroup/media by itself; half of it is what every page of netgroup has. Growth is to be seen. */
const MAX_MEDIA_KIB = 17

/** Where names of Node would be used as if they were there. `globalThis.process`, which asks, is in order. */
const NODE_NAMES = /(?<![.\w$])(?:process\.|Buffer\.|require\(|__dirname\b|__filename\b)/g

describe('the chat page', () => {
  let chunks: PageChunk[] = []
  beforeAll(async () => {
    chunks = await bundleChatPage()
  })

  test(`loads at most ${MOST_KIB.initial} KiB of library at once, gzipped, ${MOST_KIB.inGroup} KiB with what every group takes, and ${MOST_KIB.total} KiB with everything that it may ever load`, () => {
    const { total, initial, inGroup } = libraryBytes(chunks)
    const kib = (bytes: number): string => (bytes / 1_024).toFixed(1)
    console.log(
      `library part of the chat page, gzip: at once ${kib(initial)} KiB (${initial} bytes), in a group ${kib(inGroup)} KiB, with all that it may ever load ${kib(total)} KiB`
    )
    expect(initial).toBeGreaterThan(0)
    expect(inGroup).toBeGreaterThan(initial)
    expect(initial).toBeLessThanOrEqual(MOST_KIB.initial * 1_024)
    expect(inGroup).toBeLessThanOrEqual(MOST_KIB.inGroup * 1_024)
    expect(total).toBeLessThanOrEqual(MOST_KIB.total * 1_024)
  })

  test('loads routing, presence, objects and scrypt when they are needed, and neither at once nor in every group', () => {
    const later = chunks.filter(({ isInitial, isOfEveryGroup }) => !isInitial && !isOfEveryGroup)
    const modules = later.flatMap(({ moduleIds }) => moduleIds)
    for (const name of [
      'ring-routing-engine',
      'routing-runner',
      'directed-messages',
      'api/calls',
      'wire/routing',
      'presence-engine',
      'wire/presence',
      'swarm-engine',
      'wire/replication',
      'scrypt'
    ])
      expect([name, modules.some(id => id.includes(name))]).toEqual([name, true])
  })

  test('imports nothing that is not in its own files: no node: module, no bare name', () => {
    const own = chunks.map(({ fileName }) => fileName)
    for (const { imports } of chunks) for (const name of imports) expect(own).toContain(name)
    // What Vite puts in the place of a node: module.
    const stubs = chunks.flatMap(({ moduleIds }) => moduleIds.filter(id => id.includes('browser-external')))
    expect(stubs).toEqual([])
  })

  test('takes no name of Node for granted', () => {
    for (const { code } of chunks) {
      const uses = [...code.matchAll(NODE_NAMES)].map(({ index }) =>
        code.slice(Math.max(0, index - 60), index + 60)
      )
      expect(uses).toEqual([])
    }
  })
})

describe('netgroup/media', () => {
  test(`is at most ${MAX_MEDIA_KIB} KiB, gzipped, and brings no libp2p of its own`, async () => {
    const { gzipBytes, moduleIds } = await bundleEntry('netgroup/media')
    console.log(`netgroup/media, gzip: ${(gzipBytes / 1_024).toFixed(1)} KiB`)
    expect(moduleIds.some(id => id.endsWith('/dist/media/attach.js'))).toBe(true)
    expect(moduleIds.filter(id => id.includes('libp2p') || /\/dist\/(api|net|platform)\//.test(id))).toEqual(
      []
    )
    expect(gzipBytes).toBeLessThanOrEqual(MAX_MEDIA_KIB * 1_024)
  })
})
