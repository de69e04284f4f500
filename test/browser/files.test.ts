import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchFile, GroupSpecifier, NetConnection, NetGroup, shareFile } from 'netgroup'
import { describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'
import './pages/window.ts'

/** A relay that is not there: a page needs one to be given, and none to be reached. */
const NO_RELAY = '/ip4/127.0.0.1/tcp/9/ws/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

describe.skipIf(skipsBrowser)('files in a page', () => {
  const browser = useBrowser()
  const pages = usePages('browser/pages/api.html')

  test('go from Node into a stream there, and from a Blob there to a path in Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netgroup-page-files-'))
    try {
      const content = randomBytes(3_000_001)
      await writeFile(join(folder, 'film'), content)
      await using connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
      const spec = new GroupSpecifier('films', { objectReplicationEnabled: true })
      spec.addBootstrapPeer(connection.multiaddrs[0] as string)
      const group = await NetGroup.join(connection, spec)
      const shared = await shareFile(group, { path: join(folder, 'film') })
      const { page } = await browser.open(pages.url('browser/pages/api.html'))
      const there = await page.evaluate(
        async ({ link, relay }) => {
          const { fetchFile, NetConnection, NetGroup, parseFileLink, shareFile } = window.netgroup
          const { groupspec, manifestID } = parseFileLink(link)
          const connection = await NetConnection.connect(relay, { requireRelay: false })
          const group = await NetGroup.join(connection, groupspec)
          const parts: Uint8Array<ArrayBuffer>[] = []
          const sink = new WritableStream<Uint8Array<ArrayBuffer>>({ write: part => void parts.push(part) })
          await fetchFile(group, manifestID, sink as WritableStream<Uint8Array>)
          const blob = new Blob([...parts, 'and more'])
          const path = await fetchFile(group, manifestID, { path: 'film' }).catch(error => error.code)
          const { manifestID: answer } = await shareFile(group, blob, { name: 'more' })
          return { answer, path, bytes: blob.size }
        },
        { link: shared.link, relay: NO_RELAY }
      )
      expect(there).toMatchObject({ path: 'PLATFORM_UNSUPPORTED', bytes: 3_000_009 })
      await fetchFile(group, there.answer, { path: `${folder}/` })
      const expected = Buffer.concat([content, Buffer.from('and more')])
      expect(sha256(await readFile(join(folder, 'more')))).toBe(sha256(expected))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
