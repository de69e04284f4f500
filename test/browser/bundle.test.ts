// What a page has to load for netgroup.
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleChatPage, libraryBytes, type PageChunk } from '../support/browser/page-bundle.ts'

/** The goal for what a page loads at once: libp2p with these transports alone is 160 KiB. */
const GOAL_KIB = 200

/** What is reached, with the ring, presence, routing and calls; docs/KNOWN-GAPS.md says what stands in the way. Growth beyond it is to be seen. */
const MAX_INITIAL_KIB = 213

/** With what is loaded only when it is needed: presence, routing, scrypt. */
const MAX_TOTAL_KIB = 225

/** Where names of Node would be used as if they were there. `globalThis.process`, which asks, is in order. */
const NODE_NAMES = /(?<![.\w$])(?:process\.|Buffer\.|require\(|__dirname\b|__filename\b)/g

describe('the chat page', () => {
  let chunks: PageChunk[] = []
  beforeAll(async () => {
    chunks = await bundleChatPage()
  })

  test(`loads at most ${MAX_INITIAL_KIB} KiB of library at once, gzipped, and ${MAX_TOTAL_KIB} KiB with everything that it may ever load`, () => {
    const { total, initial } = libraryBytes(chunks)
    const kib = (bytes: number): string => (bytes / 1_024).toFixed(1)
    console.log(
      `library part of the chat page, gzip: at once ${kib(initial)} KiB (${initial} bytes; goal ${GOAL_KIB} KiB), with all that it may ever load ${kib(total)} KiB`
    )
    expect(initial).toBeGreaterThan(0)
    expect(initial).toBeLessThanOrEqual(MAX_INITIAL_KIB * 1_024)
    expect(total).toBeLessThanOrEqual(MAX_TOTAL_KIB * 1_024)
  })

  test('loads presence, routing and scrypt when they are needed, and not at once', () => {
    const later = chunks.filter(({ isInitial }) => !isInitial).flatMap(({ moduleIds }) => moduleIds)
    for (const name of ['presence-engine', 'ring-routing-engine', 'scrypt'])
      expect(later.some(id => id.includes(name))).toBe(true)
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
