// Members of bench:relay, many in one process: real nodes that hold a reservation and a registration, and then do nothing. Arguments: the relay's address, the first member's number,
// how many, members of one group.
import '../../src/platform/polyfill.ts'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { rendezvousDiscovery } from '../../src/discovery/rendezvous.ts'

/** Members that come at the same time: below the relay's bound of new connections per second. */
const AT_ONCE = 8

const [relay = '', first = '0', count = '0', groupSize = '1'] = process.argv.slice(2)
let errors = 0
let isEnding = false
const ends: (() => Promise<unknown>)[] = []

async function join(number: number): Promise<void> {
  const privateKey = await generateKeyPair('Ed25519')
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen: [`${relay}/p2p-circuit`] },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
  })
  libp2p.addEventListener('peer:disconnect', () => {
    if (!isEnding) errors++
  })
  const namespace = namespaceOf(Math.floor(number / Number(groupSize)))
  const found = { onPeer: (): void => {} }
  const discovery = rendezvousDiscovery({ libp2p, relay: multiaddr(relay), namespace, privateKey, ...found })
  ends.push(async () => {
    await discovery.stop()
    await libp2p.stop()
  })
  await discovery.start()
  if (libp2p.getMultiaddrs().length === 0) throw new Error('no reservation')
}

/** As long as those of groups. */
function namespaceOf(group: number): string {
  return `netgroup/3/${String(group).padStart(32, 'a')}`
}

let next = Number(first)
const last = next + Number(count)
async function joinOneAfterTheOther(): Promise<void> {
  while (next < last) {
    await join(next++).catch(error => {
      errors++
      console.error('a member failed:', error)
    })
  }
}

process.on('message', message => {
  if (message === 'errors') process.send?.({ errors })
  isEnding ||= message === 'end'
  if (message === 'end') void Promise.all(ends.map(end => end())).then(() => process.exit())
})
await Promise.all(Array.from({ length: AT_ONCE }, joinOneAfterTheOther))
process.send?.({ joined: ends.length })
