// Pages and Node peers in one group, through one relay.
import { GroupSpecifier } from 'netgroup'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import {
  countPeerConnections,
  GROUP_PAGE,
  GroupPage,
  type GroupPageOptions
} from '../support/browser/group-page.ts'
import { skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'
import { type CliProcess, killCliProcesses } from '../support/cli-process.ts'
import {
  addressOf,
  leave,
  newGroup,
  peerIDOf,
  rowsOf,
  startPeer,
  startRelay
} from '../support/peer-process.ts'
import { TcpGate } from '../support/tcp-gate.ts'

const EVERYBODY_TIMEOUT_MS = 30_000

/** A process that has left has nothing to wait for. */
const LEAVE_TIMEOUT_MS = 10_000

/** The bar: from the opening of the second page. */
const FIRST_POST_MS = 2_000

describe.skipIf(skipsBrowser)('pages in a group', () => {
  const browser = useBrowser()
  const pages = usePages(GROUP_PAGE)
  let relay: CliProcess
  let address = ''

  beforeEach(async () => {
    relay = startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    address = await addressOf(relay)
  })
  afterEach(killCliProcesses)

  const group = (): string => {
    const spec = GroupSpecifier.parse(newGroup())
    spec.addRelay(address)
    return spec.toString()
  }
  const open = (groups: string[], options: Partial<GroupPageOptions> = {}): Promise<GroupPage> =>
    GroupPage.open(browser, { url: pages.url(GROUP_PAGE), groups, ...options })

  test('four pages and two Node peers hear each other, all pages reach each other by WebRTC, and go on when the relay is killed', {
    timeout: 180_000
  }, async () => {
    const groupspec = group()
    const nodes = [1, 2].map(() => startPeer({ groupspec, endpoints: [address] }))
    const tabs = await Promise.all(['ada', 'bob', 'cyd', 'dan'].map(name => open([groupspec], { name })))
    const nodeIDs = await Promise.all(nodes.map(peerIDOf))
    const tabIDs = tabs.map(({ peerID }) => peerID)
    const ids = [...tabIDs, ...nodeIDs]

    await everybodyHasEverybody(tabs, nodes, ids)
    await everybodyPosts('first', tabs, nodes, ids)
    for (const tab of tabs) await tab.waitForWebRTC(tabIDs.filter(id => id !== tab.peerID))
    for (const tab of tabs) console.table(await tab.neighbors())

    relay.kill('SIGKILL')
    await relay.ended
    for (const tab of tabs)
      await expect
        .poll(() => tab.ask(state => state.relays()), { timeout: 10_000 })
        .not.toContain('connected')
    await everybodyPosts('without a relay', tabs, nodes, ids)
    for (const tab of tabs) {
      expect(tab.tab.log.uncaught).toEqual([])
      expect(await tab.ask(state => state.failed)).toEqual([])
    }
    await leaveInTime(nodes)
  })

  test('the first post arrives within 2 s of the opening of the second page, in 10 of 10 runs', {
    timeout: 180_000
  }, async () => {
    const runs: number[] = []
    for (let run = 0; run < 10; run++) {
      const groupspec = group()
      const first = await open([groupspec], { name: `first ${run}`, posts: 'from the first' })
      const second = await open([groupspec], { name: `second ${run}`, posts: 'from the second' })
      const heard = [await first.waitForPost('from the second'), await second.waitForPost('from the first')]
      const openedAtMs = await second.ask(state => state.openedAtMs)
      runs.push(Math.round(Math.max(...heard.map(({ atMs }) => atMs)) - openedAtMs))
      await Promise.all([first, second].map(({ tab }) => tab.context.close()))
    }
    console.log(`first posts both ways after the second page was opened, ms: ${runs.join(' ')}`)
    for (const afterMs of runs) expect(afterMs).toBeLessThanOrEqual(FIRST_POST_MS)
  })

  test('two pages with two groups in common have one RTCPeerConnection between them, and ask no STUN server but their relay', {
    timeout: 120_000
  }, async () => {
    const groups = [group(), group()]
    const tabs = [
      await open(groups, { init: countPeerConnections }),
      await open(groups, { init: countPeerConnections })
    ]
    for (const [index, tab] of tabs.entries()) {
      const other = tabs[1 - index]?.peerID ?? ''
      for (const each of [0, 1]) await tab.waitForWebRTC([other], each)
      const standing = (): Promise<number> =>
        tab.tab.page.evaluate(
          () => window.peerConnections.filter(({ connectionState }) => connectionState !== 'closed').length
        )
      // A try that came to nothing is closed when its time is over.
      await expect.poll(standing, { timeout: 15_000 }).toBe(1)
      const servers = await tab.tab.page.evaluate(() =>
        window.peerConnections.flatMap(
          made => made.getConfiguration().iceServers?.flatMap(({ urls }) => urls) ?? []
        )
      )
      for (const url of servers) expect(url).toContain('127.0.0.1')
    }
  })

  test('a page without network notices, and hears and is heard again when the network is back', {
    timeout: 90_000
  }, async () => {
    const gate = await TcpGate.before(Number(/\/tcp\/(\d+)\//.exec(address)?.[1]))
    const throughGate = address.replace(/\/tcp\/\d+\//, `/tcp/${gate.port}/`)
    const groupspec = newGroup()
    const link = (relay: string): string => {
      const spec = GroupSpecifier.parse(groupspec)
      spec.addRelay(relay)
      return spec.toString()
    }
    const node = startPeer({ groupspec, endpoints: [address] })
    const nodeID = await peerIDOf(node)
    const ada = await open([link(throughGate)], { name: 'ada' })
    const bob = await open([link(address)], { name: 'bob' })
    await ada.waitForNeighbors([bob.peerID, nodeID])

    // The browser's own switch stops new connections and tells the page; what stands is cut here.
    await ada.tab.context.setOffline(true)
    gate.shut()
    await expect.poll(() => ada.ask(state => state.relays()), { timeout: 20_000 }).not.toContain('connected')

    gate.open()
    await ada.tab.context.setOffline(false)
    await expect.poll(() => ada.ask(state => state.relays()), { timeout: 20_000 }).toEqual(['connected'])
    await ada.waitForNeighbors([bob.peerID, nodeID])
    await Promise.all([ada.post('ada is back'), bob.post('so she is')])
    await Promise.all([
      bob.waitForPost('ada is back'),
      ada.waitForPost('so she is'),
      node.waitForRow('Post', ({ message }) => message === 'ada is back', 20_000)
    ])
    await leaveInTime([node])
    await gate.close()
  })

  test('a page that is reloaded, with the same key, is in the group again, and nobody has it twice', {
    timeout: 90_000
  }, async () => {
    const groupspec = group()
    const node = startPeer({ groupspec, endpoints: [address] })
    const nodeID = await peerIDOf(node)
    const ada = await open([groupspec], { name: 'ada', identity: 'ada' })
    const bob = await open([groupspec], { name: 'bob' })
    const before = ada.peerID
    await ada.waitForNeighbors([bob.peerID, nodeID])
    await bob.waitForNeighbors([before, nodeID])
    for (const reload of [1, 2, 3]) {
      await ada.tab.page.reload()
      await ada.joined()
      expect(ada.peerID).toBe(before)
      await ada.waitForNeighbors([bob.peerID, nodeID])
      await bob.waitForNeighbors([before, nodeID])
      await ada.post(`reload ${reload}`)
      await Promise.all([
        bob.waitForPost(`reload ${reload}`),
        node.waitForRow('Post', ({ message }) => message === `reload ${reload}`, 20_000)
      ])
      await bob.post(`welcome back ${reload}`)
      await ada.waitForPost(`welcome back ${reload}`)
    }
    await leaveInTime([node])
  })
})

/** They leave and end by themselves. One that does not is told with what it printed, also what keeps it. */
async function leaveInTime(nodes: CliProcess[]): Promise<void> {
  for (const node of nodes) node.endInput()
  await Promise.all(nodes.map(node => node.waitForRow('Ending', () => true, LEAVE_TIMEOUT_MS)))
  await leave(...nodes)
}

async function everybodyHasEverybody(tabs: GroupPage[], nodes: CliProcess[], ids: string[]): Promise<void> {
  await Promise.all([
    ...tabs.map(tab => tab.waitForNeighbors(ids.filter(id => id !== tab.peerID))),
    ...nodes.map(async node => {
      const own = await peerIDOf(node)
      for (const id of ids.filter(id => id !== own))
        await node.waitForRow('Neighbor', ({ peerID }) => peerID === id, EVERYBODY_TIMEOUT_MS)
    })
  ])
}

/** Everybody posts, and everybody hears each of the others, once. */
async function everybodyPosts(
  word: string,
  tabs: GroupPage[],
  nodes: CliProcess[],
  ids: string[]
): Promise<void> {
  await Promise.all(tabs.map(tab => tab.post(`${word} from ${tab.peerID}`)))
  for (const node of nodes) node.type(`${word} from ${await peerIDOf(node)}`)
  const othersOf = (own: string): string[] => ids.filter(id => id !== own)
  for (const tab of tabs) {
    for (const id of othersOf(tab.peerID)) await tab.waitForPost(`${word} from ${id}`, EVERYBODY_TIMEOUT_MS)
    const heard = (await tab.heard()).filter(({ message }) => message.startsWith(word))
    expect(heard.map(({ from, message }) => [from, message]).sort()).toEqual(
      expected(othersOf(tab.peerID), word)
    )
  }
  for (const node of nodes) {
    const others = othersOf(await peerIDOf(node))
    for (const id of others)
      await node.waitForRow('Post', ({ message }) => message === `${word} from ${id}`, EVERYBODY_TIMEOUT_MS)
    const heard = rowsOf(node, 'Post').filter(({ message }) => String(message).startsWith(word))
    expect(heard.map(({ from, message }) => [from, message]).sort()).toEqual(expected(others, word))
  }
}

function expected(ids: readonly string[], word: string): string[][] {
  return ids.map(id => [id, `${word} from ${id}`]).sort()
}
