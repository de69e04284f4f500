// netgroup in Node. The same names as everywhere, bound to Node's transports.
import './platform/polyfill.ts'
import {
  type NetConnection as Connection,
  type NetConnectionClass,
  netConnectionFor
} from './api/net-connection.ts'
import { createNodePlatform } from './platform/node.ts'
import { createServices, type NetgroupServices } from './platform/services.ts'

const platform = createNodePlatform()

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

// The list of names stands once, in index.ts.
export * from './index.ts'
export { FileObjectStore, type FileObjectStoreOptions } from './platform/file-object-store.ts'
export { loadIdentity } from './platform/identity-file.ts'
