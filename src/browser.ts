// netgroup in a browser. The same names as everywhere, bound to a page's transports.
import {
  type NetConnection as Connection,
  type NetConnectionClass,
  netConnectionFor
} from './api/net-connection.ts'
import { createBrowserPlatform } from './platform/browser.ts'
import { createServices, type NetgroupServices } from './platform/services.ts'

const platform = createBrowserPlatform()

/** A peer in the network, and the way to its groups. */
export const NetConnection: NetConnectionClass = netConnectionFor(platform)
export type NetConnection = Connection

/**
 * The services that a libp2p node of your own needs for netgroup: `createLibp2p({ …, services: { ...netgroupServices() } })`. Its pubsub speaks only with neighbors of
 * groups.
 */
export function netgroupServices(): NetgroupServices {
  return createServices(platform)
}

export {
  type AbortOptions,
  type AllStatus,
  type Capabilities,
  Channel,
  type ChannelOptions,
  type ChannelStatus,
  type ConnectionStatus,
  type ConnectOptions,
  type Endpoint,
  type ErrorCode,
  type ErrorDetails,
  type Events,
  type GroupAddress,
  type GroupDescription,
  type GroupRight,
  GroupSpecifier,
  type GroupStatus,
  GroupspecError,
  type IceServer,
  isNetGroupError,
  type JoinOptions,
  type LinkOptions,
  type Neighbor,
  type NetConnectionClass,
  NetGroup,
  NetGroupError,
  type NetGroupInfo,
  NetStatusEvent,
  type PeerID,
  type PostOptions,
  type RelayState,
  type Role,
  STATUS_TABLE,
  type StatusesOptions,
  type StatusFields,
  type StatusInfo,
  type StatusLevel,
  type StatusTarget,
  type ValueClasses
} from './index.ts'
