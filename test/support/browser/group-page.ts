import { expect } from 'vitest'
import type { GroupPageState, HeardPost, SeenNeighbor } from '../../browser/pages/group-page-state.ts'
import '../../browser/pages/window.ts'
import type { OpenOptions, TestBrowser, TestPage } from './test-browser.ts'

/** Path of the page below test/. */
export const GROUP_PAGE = 'browser/pages/group.html'

/** How long a page may take to load and join. */
const JOIN_TIMEOUT_MS = 20_000

/** Three tries for WebRTC with their pauses (5, 1, 10, 5 and 10 s, docs/PROTOCOL.md, section 4), in ms: between four pages on a busy machine the first is often given up. */
const WEBRTC_TIMEOUT_MS = 40_000

/** How often a page is asked, in ms. Playwright's own choice, each animation frame, never comes in a page that is hidden. */
const POLL_EVERY_MS = 20

/** How a page joins. */
export interface GroupPageOptions extends OpenOptions {
  /** Where {@link GROUP_PAGE} is served. */
  url: string
  /** One group or more, as links or groupspecs that name a relay. */
  groups: readonly string[]
  /** Under a key that the page keeps. */
  identity?: string
  /** Posted as soon as it has joined. */
  posts?: string
}

/** A page that is a member of groups, seen from a test. */
export class GroupPage {
  readonly tab: TestPage
  #peerID = ''

  private constructor(tab: TestPage) {
    this.tab = tab
  }

  /** Opens a page. Resolves when it has joined; nobody else need be there. */
  static async open(browser: { open: TestBrowser['open'] }, options: GroupPageOptions): Promise<GroupPage> {
    const { url, groups, identity, posts, ...open } = options
    const address = new URL(url)
    if (identity !== undefined) address.searchParams.set('identity', identity)
    if (posts !== undefined) address.searchParams.set('posts', posts)
    address.hash = encodeURIComponent(groups.join(' '))
    const page = new GroupPage(await browser.open(address.href, open))
    await page.joined()
    return page
  }

  /** Resolves when it has joined: after a reload, again. */
  async joined(): Promise<void> {
    await this.tab.page.waitForFunction(() => window.groupPage !== undefined, undefined, {
      timeout: JOIN_TIMEOUT_MS,
      polling: POLL_EVERY_MS
    })
    this.#peerID = await this.ask(state => state.peerID ?? '')
  }

  get peerID(): string {
    return this.#peerID
  }

  /** Runs in the page, which knows nothing of the test around it. */
  async ask<T>(question: (state: GroupPageState) => T): Promise<T> {
    return (await this.tab.page.evaluate(`(${question})(window.groupPage)`)) as T
  }

  async neighbors(group = 0): Promise<SeenNeighbor[]> {
    return await this.tab.page.evaluate(group => window.groupPage.neighbors(group), group)
  }

  async heard(): Promise<HeardPost[]> {
    return await this.ask(state => state.heard)
  }

  async post(text: string, group = 0): Promise<void> {
    await this.tab.page.evaluate(([text, group]) => window.groupPage.post(text, group), [
      text,
      group
    ] as const)
  }

  /** The first post with this text, past or to come. */
  async waitForPost(text: string, withinMs = 20_000): Promise<HeardPost> {
    const handle = await this.tab.page.waitForFunction(
      text => window.groupPage.heard.find(({ message }) => message === text),
      text,
      { timeout: withinMs, polling: POLL_EVERY_MS }
    )
    return (await handle.jsonValue()) as HeardPost
  }

  /** Resolves when it has just these neighbors, in any order. */
  async waitForNeighbors(peerIDs: readonly string[], group = 0, withinMs = 30_000): Promise<void> {
    await expect
      .poll(async () => (await this.neighbors(group)).map(({ peerID }) => peerID).sort(), {
        timeout: withinMs
      })
      .toEqual([...peerIDs].sort())
  }

  /** Resolves when each of these is reached by WebRTC, and not through a relay. */
  async waitForWebRTC(
    peerIDs: readonly string[],
    group = 0,
    withinMs: number = WEBRTC_TIMEOUT_MS
  ): Promise<void> {
    const wanted = peerIDs.map(peerID => `${peerID} webrtc`).sort()
    const paths = async (): Promise<string[]> =>
      (await this.neighbors(group))
        .filter(({ peerID }) => peerIDs.includes(peerID))
        .map(({ peerID, transport, relayed }) => `${peerID} ${transport}${relayed ? ' relayed' : ''}`)
        .sort()
    await expect.poll(paths, { timeout: withinMs }).toEqual(wanted)
  }
}

/** For `init`: keeps every RTCPeerConnection that the page makes in `window.peerConnections`. */
export function countPeerConnections(): void {
  window.peerConnections = []
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as RTCPeerConnection
      window.peerConnections.push(made)
      return made
    }
  })
}
