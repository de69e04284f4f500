// A peer as a process of its own, on the built package: node group-peer.js GROUPSPEC ENDPOINT…
// Joins, tells on stdout in rows of JSON what happens, posts each line that it reads, and leaves at the end of its input.
import { subscribe } from 'node:diagnostics_channel'
import { createInterface } from 'node:readline'
import { NetConnection, NetGroup } from 'netgroup'
import { closeAndTell, tell } from './process-rows.js'

const [groupspec, ...endpoints] = process.argv.slice(2)
const connectTimeoutMs = Number(process.env.CONNECT_TIMEOUT_MS ?? 10_000)

// Every TCP connection that comes in or is dialed, also one that never becomes a libp2p connection.
subscribe('net.server.socket', ({ socket }) =>
  tell('Socket', { dialed: false, remotePort: socket.remotePort })
)
subscribe('net.client.socket', () => tell('Socket', { dialed: true }))

const connection = await NetConnection.connect(endpoints, { connectTimeoutMs })
connection.libp2p.addEventListener('connection:open', ({ detail }) =>
  tell('Connection', { peerID: detail.remotePeer.toString(), address: detail.remoteAddr.toString() })
)
const group = await NetGroup.join(connection, groupspec, {
  onStatus: info => {
    if (info.code === 'NetGroup.Neighbor.Connect') tell('Neighbor', { peerID: info.peerID })
    if (info.code === 'NetGroup.Neighbor.Disconnect') tell('NeighborLost', { peerID: info.peerID })
    if (info.code === 'NetGroup.Posting.Notify') tell('Post', { from: info.from, message: info.message })
  }
})
tell('Joined', { peerID: connection.nearID, multiaddrs: connection.multiaddrs })

const input = createInterface({ input: process.stdin })
for await (const line of input) await group.post(line)

await closeAndTell(connection)
