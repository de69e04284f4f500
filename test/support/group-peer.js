// A peer as a process of its own, on the built package: node group-peer.js GROUPSPEC ENDPOINT…
// Joins, tells on stdout in rows of JSON what happens, posts each line that it reads, and leaves at the end of its input.
// A line that begins with / is a command, see there.
// Environment: CONNECT_TIMEOUT_MS; ICE_SERVERS, as JSON.
import { subscribe } from 'node:diagnostics_channel'
import { createInterface } from 'node:readline'
import { NetConnection, NetGroup } from 'netgroup'
import { closeAndTell, tell } from './process-rows.js'

const [groupspec, ...endpoints] = process.argv.slice(2)
const { CONNECT_TIMEOUT_MS, ICE_SERVERS } = process.env

/** What a row of the process says of a status of the library. */
const rows = {
  'NetGroup.Neighbor.Connect': ({ peerID }) => tell('Neighbor', { peerID }),
  'NetGroup.Neighbor.Disconnect': ({ peerID }) => tell('NeighborLost', { peerID }),
  'NetGroup.Posting.Notify': ({ from, message }) => tell('Post', { from, message }),
  'NetGroup.Posting.Failed': ({ reason }) => tell('PostFailed', { reason }),
  'NetConnection.Connect.NetworkChange': () => tell('NetworkChange'),
  'NetConnection.Relay.Connect': ({ address }) => tell('Relay', { address }),
  'NetConnection.Relay.Disconnect': ({ address, reason }) => tell('RelayLost', { address, reason })
}
const onStatus = info => rows[info.code]?.(info)

// Every TCP connection that comes in or is dialed, also one that never becomes a libp2p connection.
subscribe('net.server.socket', ({ socket }) =>
  tell('Socket', { dialed: false, remotePort: socket.remotePort })
)
subscribe('net.client.socket', () => tell('Socket', { dialed: true }))

const connection = await NetConnection.connect(endpoints, {
  connectTimeoutMs: Number(CONNECT_TIMEOUT_MS ?? 10_000),
  ...(ICE_SERVERS === undefined ? {} : { iceServers: JSON.parse(ICE_SERVERS) }),
  onStatus
})
for (const code of ['open', 'close'])
  connection.libp2p.addEventListener(`connection:${code}`, ({ detail }) =>
    tell(code === 'open' ? 'Connection' : 'ConnectionClosed', describe(detail))
  )
const group = await NetGroup.join(connection, groupspec, { onStatus })
group.subscribe(tellNeighbors)
tell('Joined', { peerID: connection.nearID, multiaddrs: connection.multiaddrs })
tellNeighbors()

const commands = {
  '/neighbors': tellNeighbors,
  '/relays': () => tell('Relays', { relays: connection.relays }),
  '/addresses': () => tell('Addresses', { multiaddrs: connection.multiaddrs }),
  '/connections': () =>
    tell('Connections', { connections: connection.libp2p.getConnections().map(describe) }),
  // Connections to peers through a relay, not those to the relay.
  '/close-relayed': async () => {
    const relayed = connection.libp2p.getConnections().filter(isRelayed)
    await Promise.all(relayed.map(each => each.close()))
    tell('RelayedClosed', { count: relayed.length })
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('/')) await commands[line]()
  else await group.post(line)
}

await closeAndTell(connection)

function tellNeighbors() {
  tell('Neighbors', {
    neighbors: group.neighbors.map(({ peerID, transport, relayed, rttMs }) => ({
      peerID,
      transport,
      relayed,
      rttMs
    }))
  })
}

function describe(libp2pConnection) {
  const { remotePeer, remoteAddr } = libp2pConnection
  return { peerID: remotePeer.toString(), address: remoteAddr.toString() }
}

function isRelayed({ remoteAddr }) {
  const names = remoteAddr.getComponents().map(({ name }) => name)
  return names.includes('p2p-circuit') && !names.includes('webrtc')
}
