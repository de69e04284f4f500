// A page that joins the groups of the links behind its `#`, one after the other with a space between them, and writes down what happens. `?identity=NAME`: under a key
// that is kept. `?posts=TEXT`: posts it as soon as it has joined.
import { loadIdentity, NetConnection, NetGroup } from 'netgroup'
import type { GroupPageState, HeardPost } from './group-page-state.ts'
import './window.ts'

const query = new URLSearchParams(location.search)
const links = decodeURIComponent(location.hash.slice(1)).split(' ')
const identity = query.get('identity')
const firstWord = query.get('posts')

/** On one clock with the other pages of this machine. */
const nowMs = (): number => performance.timeOrigin + performance.now()

const state: GroupPageState = {
  openedAtMs: performance.timeOrigin,
  peerID: undefined,
  groups: [],
  heard: [],
  failed: [],
  relays: () => connection.relays.map(({ state }) => state),
  neighbors: (index = 0) =>
    (state.groups[index]?.neighbors ?? []).map(({ peerID, transport, relayed, rttMs }) => ({
      peerID,
      transport,
      relayed,
      rttMs
    })),
  post: async (text, index = 0) => {
    await state.groups[index]?.post(text)
  }
}

const connection = await NetConnection.connect(links, {
  requireRelay: false,
  ...(identity === null ? {} : { identity: await loadIdentity(identity) })
})
for (const [index, link] of links.entries()) {
  const group = await NetGroup.join<string>(connection, link, {
    onStatus: info => {
      if (info.code === 'NetGroup.Posting.Failed') state.failed.push(info.messageID)
      if (info.code !== 'NetGroup.Posting.Notify') return
      const { from, message } = info
      state.heard.push({ group: index, from, message, atMs: nowMs() } satisfies HeardPost)
    }
  })
  state.groups.push(group)
  if (firstWord !== null) void group.post(firstWord)
}
state.peerID = connection.nearID
window.groupPage = state
