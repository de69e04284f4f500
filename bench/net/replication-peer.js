// A process of bench:replication, on the built package. Does what it is asked, one thing at a time, and answers; ends when its parent is gone.
import { subscribe } from 'node:diagnostics_channel'
import { stat } from 'node:fs/promises'
import * as netgroup from 'netgroup'

const { fetchFile, GroupSpecifier, NetConnection, NetGroup, shareFile } = netgroup

/** What a bare sender hands over at once. */
const SEND_BYTES = 64 * 1_024

const BARE = '/bench/bare/1.0.0'

/** Every TCP socket there was: what they have written is counted below all of libp2p. */
const sockets = []
for (const name of ['net.client.socket', 'net.server.socket'])
  subscribe(name, ({ socket }) => sockets.push(socket))

const connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
const bareBytes = Buffer.alloc(SEND_BYTES, 'a bare stream')
let group
let shared
/** Of what is shared. */
let uploadedBytes = 0
let onBareEnd = () => {}

// Counts what a bare stream brings, and does nothing else with it.
await connection.libp2p.handle(BARE, stream => {
  let received = 0
  stream.addEventListener('message', ({ data }) => {
    received += data.byteLength
  })
  stream.addEventListener('remoteCloseWrite', () => {
    void stream.close()
    onBareEnd(received)
  })
})

/** Processor time of all threads so far. */
function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const commands = {
  who: () => ({ peerID: connection.nearID, address: connection.multiaddrs[0] }),
  /** A new group whose members are found at these addresses. */
  makeGroup: ({ addresses }) => {
    const spec = new GroupSpecifier('bench', {
      objectReplicationEnabled: true,
      ipMulticastMemberUpdatesEnabled: false
    })
    for (const address of addresses) spec.addBootstrapPeer(address)
    return { groupspec: spec.toString() }
  },
  join: async ({ groupspec }) => {
    group = await NetGroup.join(connection, groupspec)
    return {}
  },
  neighbors: async ({ count }) => {
    await group.waitForNeighbors(count, { signal: AbortSignal.timeout(30_000) })
    return {}
  },
  share: async ({ path }) => {
    shared = await shareFile(
      group,
      { path },
      {
        onProgress: progress => {
          uploadedBytes = progress.uploadedBytes
        }
      }
    )
    return { manifestID: shared.manifestID }
  },
  fetch: async ({ manifestID, path }) => {
    const startMs = performance.now()
    shared = await fetchFile(group, manifestID, { path })
    const ms = performance.now() - startMs
    return { ms, bytes: (await stat(path)).size, endedAtMs: Date.now() }
  },
  /** Serves no more. */
  unshare: async () => {
    await shared?.close()
    return {}
  },
  bareSend: async ({ peerID, bytes }) => {
    const carrier = connection.libp2p.getConnections().find(each => each.remotePeer.toString() === peerID)
    const stream = await carrier.newStream(BARE)
    for (let sent = 0; sent < bytes; sent += SEND_BYTES)
      if (!stream.send(bareBytes))
        await new Promise(resolve => stream.addEventListener('drain', resolve, { once: true }))
    await stream.close()
    return {}
  },
  /** Until the other side has sent its last byte. The time is counted from here: ask for it just before `bareSend`. */
  bareReceive: async () => {
    const startMs = performance.now()
    const bytes = await new Promise(resolve => {
      onBareEnd = resolve
    })
    return { ms: performance.now() - startMs, bytes }
  },
  /** Offers objects of 1 KiB, and gives them to whoever asks. */
  have: ({ count, bytes }) => {
    group.addEventListener('NetGroup.Replication.Request', ({ info }) => {
      group.writeRequestedObject(info.requestID, new Uint8Array(bytes).fill(info.index))
    })
    group.addHaveObjects(0, count - 1)
    return {}
  },
  want: async ({ count, bytes }) => {
    const startMs = performance.now()
    const got = new Set()
    await new Promise(resolve => {
      group.addEventListener('NetGroup.Replication.Fetch.Result', ({ info }) => {
        if (info.object.byteLength === bytes && info.object[0] === info.index % 256) got.add(info.index)
        if (got.size === count) resolve()
      })
      group.addWantObjects(0, count - 1)
    })
    return { ms: performance.now() - startMs, objects: got.size }
  },
  figures: () => ({
    writtenBytes: sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    uploadedBytes,
    cpuMs: cpuMs(),
    // In KiB, says Node; as Linux counts.
    peakBytes: process.resourceUsage().maxRSS * 1_024
  })
}

process.on('message', async ({ id, command, ...given }) => {
  try {
    process.send({ id, answer: await commands[command](given) })
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) })
  }
})
process.once('disconnect', () => process.exit())
process.send({ id: 0, answer: {} })
