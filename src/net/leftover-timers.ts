// libp2p 3.3 and gossipsub 17 stop without their timers: of the address manager (1 s), whose work starts that of identify push (1 s more), and of gossipsub's heartbeat. A
// process lived up to 2 s longer for them. They are private, so this is the only file that touches them; where they are not (another version), nothing happens.

/** How libp2p's debounced functions are ended. */
interface Debounced {
  stop?(): void
}

/** Makes a factory of libp2p's identify push one whose service ends its own timer and the address manager's when the node has stopped. */
export function withoutLeftoverTimers<Components extends { readonly addressManager: object }, Service>(
  create: (components: Components) => Service & object
): (components: Components) => Service {
  return components => {
    const service = create(components)
    const { addressManager } = components
    return Object.assign(service, {
      afterStop: () => {
        ;(addressManager as { _updatePeerStoreAddresses?: Debounced })._updatePeerStoreAddresses?.stop?.()
        ;(service as { _push?: Debounced })._push?.stop?.()
      }
    })
  }
}

/** Makes a stop of gossipsub one that ends the heartbeat's timer too. */
export function withoutHeartbeat(gossipsub: object, stop: () => Promise<void>): () => Promise<void> {
  return async () => {
    const { status } = gossipsub as { status?: { heartbeatTimeout?: ReturnType<typeof setTimeout> } }
    await stop()
    clearTimeout(status?.heartbeatTimeout)
  }
}
