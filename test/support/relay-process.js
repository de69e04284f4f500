// A relay as a process of its own, on the built package, until the end of its input: node relay-process.js MULTIADDR…
import { once } from 'node:events'
import { RelayServer } from 'netgroup/relay'
import { closeAndTell, tell } from './process-rows.js'

const relay = await RelayServer.start({ listen: process.argv.slice(2), httpPort: 0 })
tell('Listening', { multiaddrs: relay.multiaddrs })
process.stdin.resume()
await once(process.stdin, 'end')
await closeAndTell(relay)
