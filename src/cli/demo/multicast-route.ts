import { createSocket } from 'node:dgram'

/** What to do on a machine whose network has no place to send multicast to. */
export const MULTICAST_REMEDY: string =
  process.platform === 'linux'
    ? 'no route for multicast: connect to a network, or "sudo ip route add 224.0.0.0/4 dev lo"'
    : 'no route for multicast: connect to a network, and allow local network access'

/** Is there a route to mDNS's multicast address? Asks the system's routing table; nothing is sent. */
export function hasMulticastRoute(): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    const answer = (has: boolean): void => {
      socket.close()
      resolve(has)
    }
    // Node tells a failure to whoever gave a callback, and to nobody else; its types do not know that.
    const connected = (error?: Error): void => answer(error === undefined || error === null)
    socket.once('error', () => answer(false))
    socket.connect(5353, '224.0.0.251', connected)
  })
}
