// A relay as a process of its own, on the built package, until the end of its input: node relay-process.js MULTIADDR…
// Environment: IDENTITY, the name under which it keeps who it is in NETGROUP_HOME; STUN_PORT, where it answers STUN.
import { once } from 'node:events'
import { loadIdentity } from 'netgroup'
import { RelayServer } from 'netgroup/relay'
import { closeAndTell, tell } from './process-rows.js'

const { IDENTITY, STUN_PORT } = process.env
const relay = await RelayServer.start({
  listen: process.argv.slice(2),
  httpPort: 0,
  ...(IDENTITY === undefined ? {} : { identity: await loadIdentity(IDENTITY) }),
  ...(STUN_PORT === undefined ? {} : { stunPort: Number(STUN_PORT) })
})
tell('Listening', { multiaddrs: relay.multiaddrs })
process.stdin.resume()
await once(process.stdin, 'end')
await closeAndTell(relay)
