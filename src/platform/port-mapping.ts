import type { Libp2p, Startable } from '@libp2p/interface'
import { componentsOf } from './node-components.ts'

/**
 * Asks the router of this network by UPnP to let others in at the ports that a node listens on. The addresses that come of it are announced as they are: who cannot reach them comes through a relay. Its search
 * is multicast on the local link.
 *
 * @returns ends it, and takes the mappings away
 */
export function mapPorts(node: Libp2p): () => Promise<void> {
  const log = node.logger.forComponent('netgroup:port-mapping')
  const running = startService(componentsOf(node)).catch(error => {
    log.error('no ports are mapped - %e', error)
    return undefined
  })
  return async () => {
    await Promise.resolve((await running)?.stop()).catch(error => log.error('ports stay mapped - %e', error))
  }
}

async function startService(components: object): Promise<Startable> {
  // Loaded when needed: few networks need it, and it is large.
  const { uPnPNAT } = await import('@libp2p/upnp-nat')
  const service = uPnPNAT({ autoConfirmAddress: true })(
    components as Parameters<ReturnType<typeof uPnPNAT>>[0]
  ) as unknown as Startable
  await service.start()
  return service
}
