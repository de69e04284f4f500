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

// The list of names stands once, in index.ts.
export * from './index.ts'
export { IndexedDBObjectStore, type IndexedDBObjectStoreOptions } from './platform/idb-object-store.ts'
export { loadIdentity } from './platform/identity-idb.ts'
