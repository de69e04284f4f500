// What the listeners of WebRTC-direct do not do by themselves (@libp2p/webrtc 6.0.33, dist/src/private-to-public/listener.js): end when they could not listen, or while a peer
// connection does not end, and bound what strangers make them begin.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Listener } from '@libp2p/interface'
import { getNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Connections whose handshake is under way, at a time. Each is a native peer connection that any datagram begins and that lasts for up to 10 s (guess). */
const MAX_PENDING = 64

/** How long closing one waits for its connections to end, in ms. */
const CLOSE_TIMEOUT_MS = 500

/** A listener's private part: called for the first datagram of each source. Whoever means it repeats the datagram. */
interface Inside {
  incomingConnection?(...how: unknown[]): Promise<void>
}

/** Makes a factory of the WebRTC-direct transport one whose listeners close whatever happens, and bear a flood. */
export function guardWebRTCDirect<
  Components,
  Transport extends { createListener(...options: never[]): Listener }
>(create: (components: Components) => Transport): (components: Components) => Transport {
  return components => {
    const transport = create(components)
    const createListener = transport.createListener.bind(transport) as (...options: never[]) => Listener
    return Object.assign(transport, {
      createListener: (...options: never[]): Listener => guarded(createListener(...options))
    })
  }
}

function guarded(listener: Listener): Listener {
  const [listen, close] = [listener.listen.bind(listener), listener.close.bind(listener)]
  const inside = listener as Inside
  const connect = inside.incomingConnection?.bind(listener)
  let pending = 0
  return Object.assign(listener, {
    listen: async (address: Multiaddr) => {
      await requireFree(address)
      await listen(address)
    },
    // It rejects with the reason why it could not listen, which has been told then.
    close: () => Promise.race([close().catch(() => {}), elapsed(CLOSE_TIMEOUT_MS)]),
    incomingConnection: async (...how: unknown[]) => {
      if (pending >= MAX_PENDING) return
      pending++
      try {
        await connect?.(...how)
      } finally {
        pending--
      }
    }
  })
}

/** One that is taken would be kept in a list of the module as listened on, and its native part would write to stderr. */
async function requireFree(address: Multiaddr): Promise<void> {
  const { host, port = 0, type } = getNetConfig(address)
  if (port === 0) return
  const socket = createSocket(type === 'ip6' ? 'udp6' : 'udp4')
  try {
    const listening = once(socket, 'listening')
    socket.bind(port, host)
    await listening
  } finally {
    socket.close()
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}
