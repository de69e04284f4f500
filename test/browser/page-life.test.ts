// What happens to a page in a browser as a user has it: it is hidden behind another tab, and put to sleep.
import { GroupSpecifier } from 'netgroup'
import { afterEach, describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { GROUP_PAGE, GroupPage } from '../support/browser/group-page.ts'
import { skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'
import { killCliProcesses } from '../support/cli-process.ts'
import { addressOf, newGroup, peerIDOf, startPeer, startRelay } from '../support/peer-process.ts'

afterEach(killCliProcesses)

describe.skipIf(skipsBrowser)('the life of a page', () => {
  const browser = useBrowser({ asUser: true })
  const pages = usePages(GROUP_PAGE)

  test('a page that is hidden still hears, and one that was put to sleep goes on when it is woken', {
    timeout: 90_000
  }, async () => {
    const address = await addressOf(startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] }))
    const spec = GroupSpecifier.parse(newGroup())
    spec.addRelay(address)
    const groups = [spec.toString()]
    const node = startPeer({ groupspec: spec.toString(), endpoints: [address] })
    const nodeID = await peerIDOf(node)
    const ada = await GroupPage.open(browser, { url: pages.url(GROUP_PAGE), groups, name: 'ada' })
    await ada.waitForNeighbors([nodeID])
    const visibility = (): Promise<string> => ada.tab.page.evaluate(() => document.visibilityState)

    const bob = await GroupPage.open(browser, { url: pages.url(GROUP_PAGE), groups, name: 'bob' })
    await bob.tab.page.bringToFront()
    await expect.poll(visibility).toBe('hidden')
    await ada.waitForNeighbors([nodeID, bob.peerID])
    await Promise.all([bob.post('are you there?'), ada.post('behind another tab')])
    await Promise.all([
      ada.waitForPost('are you there?'),
      bob.waitForPost('behind another tab'),
      node.waitForRow('Post', ({ message }) => message === 'behind another tab', 20_000)
    ])

    const devtools = await ada.tab.context.newCDPSession(ada.tab.page)
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await bob.post('while you sleep')
    await node.waitForRow('Post', ({ message }) => message === 'while you sleep', 20_000)
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await ada.tab.page.bringToFront()
    await expect.poll(visibility).toBe('visible')
    await ada.waitForPost('while you sleep')
    await ada.post('awake')
    await bob.waitForPost('awake')
    await node.waitForRow('Post', ({ message }) => message === 'awake', 20_000)
    expect([...ada.tab.log.uncaught, ...bob.tab.log.uncaught]).toEqual([])
  })
})
