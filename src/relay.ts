// The entry 'netgroup/relay' (Node): a relay as a library. The polyfill comes first: libp2p must not be imported before it.
import './platform/polyfill.ts'

export type { RelayAction, RelayPermission } from './relay/relay-gater.ts'
export { DEFAULT_RELAY_LIMITS, type RelayLimits } from './relay/relay-limits.ts'
export {
  DEFAULT_RELAY_LISTEN,
  type RelayOptions,
  RelayServer,
  type RelayStats
} from './relay/relay-server.ts'
export type { HttpHandler } from './relay/websocket-http.ts'
