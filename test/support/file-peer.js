// A peer that has files and chats, as a process of its own, on the built package: node file-peer.js GROUPSPEC. Tells on stdout in rows of JSON what happens; commands on stdin:
//   share PATH               tells Shared, with the manifest's id
//   fetch MANIFEST_ID PATH   tells Fetched, with how long it took
//   chat COUNT EVERY_MS      posts so many messages, each with the time at which it was posted
import { createInterface } from 'node:readline'
import { fetchFile, NetConnection, NetGroup, shareFile } from 'netgroup'
import { closeAndTell, tell } from './process-rows.js'

const [groupspec] = process.argv.slice(2)
const connection = await NetConnection.connect('lan:')
const group = await NetGroup.join(connection, groupspec, {
  onStatus: ({ code, message, peerID }) => {
    if (code === 'NetGroup.Posting.Notify') tell('Heard', { delayMs: now() - message })
    if (code === 'NetGroup.Neighbor.Connect') tell('Neighbor', { peerID })
  }
})
tell('Joined', { peerID: connection.nearID })

const commands = {
  share: async path => {
    const { manifestID } = await shareFile(group, { path })
    tell('Shared', { manifestID })
  },
  fetch: async (manifestID, path) => {
    const startMs = now()
    const onProgress = ({ bytes, totalBytes, state }) => tell('Progress', { bytes, totalBytes, state })
    await fetchFile(group, manifestID, { path }, { onProgress })
    tell('Fetched', { ms: now() - startMs })
  },
  chat: async (count, everyMs) => {
    for (let i = 0; i < Number(count); i++) {
      await group.post(now())
      await new Promise(resolve => setTimeout(resolve, Number(everyMs)))
    }
    tell('Chatted')
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ')
  // The next one may come while this one is at work.
  commands[command](...words).catch(error => tell('Failed', { command, error: String(error) }))
}

await closeAndTell(connection)

/** On a clock that all processes of this machine have. */
function now() {
  return performance.timeOrigin + performance.now()
}
