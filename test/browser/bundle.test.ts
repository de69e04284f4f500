// What a page has to load for netgroup.
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleChatPage, libraryBytes, type PageChunk } from '../support/browser/page-bundle.ts'

/** libp2p with these transports alone is 160 KiB. */
const MAX_GZIP_BYTES = 200 * 1_024

/** Where names of Node would be used as if they were there. `globalThis.process`, which asks, is in order. */
const NODE_NAMES = /(?<![.\w$])(?:process\.|Buffer\.|require\(|__dirname\b|__filename\b)/g

describe('the chat page', () => {
  let chunks: PageChunk[] = []
  beforeAll(async () => {
    chunks = await bundleChatPage()
  })

  test('loads at most 200 KiB of library, gzipped, with everything that it may ever load', () => {
    const { total, initial } = libraryBytes(chunks)
    const kib = (bytes: number): string => (bytes / 1_024).toFixed(1)
    console.log(
      `library part of the chat page, gzip: ${kib(total)} KiB (${total} bytes), of it at once ${kib(initial)} KiB; bar 200 KiB`
    )
    expect(initial).toBeGreaterThan(0)
    expect(total).toBeLessThanOrEqual(MAX_GZIP_BYTES)
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
