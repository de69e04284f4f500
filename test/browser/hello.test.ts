// Program 2 of the plan, as it is written, in pages.
import { GroupSpecifier } from 'netgroup'
import { afterEach, describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'
import { killCliProcesses } from '../support/cli-process.ts'
import { addressOf, leave, newGroup, peerIDOf, startPeer, startRelay } from '../support/peer-process.ts'

const DEADLINE = { timeout: 20_000 }

afterEach(killCliProcesses)

describe.skipIf(skipsBrowser)('program 2', () => {
  const browser = useBrowser()
  const pages = usePages('browser/pages/hello.html')

  test('two pages and a Node peer with one link hear each other, and no page has an error', {
    timeout: 60_000
  }, async () => {
    const relay = startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    const address = await addressOf(relay)
    const spec = GroupSpecifier.parse(newGroup())
    spec.addRelay(address)
    const link = spec.toLink(pages.url('browser/pages/hello.html'))
    const node = startPeer({ groupspec: spec.toString(), endpoints: [address] })
    const nodeID = await peerIDOf(node)
    const ada = await browser.open(link, { name: 'ada' })
    const bob = await browser.open(link, { name: 'bob' })

    await node.waitForRow('Neighbor', ({ peerID }) => peerID !== nodeID, 20_000)
    for (const [{ page }, text] of [
      [ada, 'hello from ada'],
      [bob, 'hello from bob']
    ] as const) {
      await page.fill('input', text)
      await page.press('input', 'Enter')
    }
    node.type('hello from node')

    await node.waitForRow('Post', ({ message }) => message === 'hello from ada', 20_000)
    await node.waitForRow('Post', ({ message }) => message === 'hello from bob', 20_000)
    const logOf = async ({ page }: typeof ada): Promise<string> => (await page.textContent('#log')) ?? ''
    await expect.poll(() => logOf(ada), DEADLINE).toContain('hello from bob')
    await expect.poll(() => logOf(bob), DEADLINE).toContain('hello from ada')
    for (const page of [ada, bob])
      await expect.poll(() => logOf(page), DEADLINE).toContain(`${nodeID}: hello from node`)
    expect(await logOf(ada)).toContain('me: hello from ada')
    expect([...ada.log.uncaught, ...bob.log.uncaught]).toEqual([])
    await leave(node, relay)
  })
})
