// @libp2p/websockets 10 listens for no `error` of the WebSockets that its listener accepts. In Node these are event emitters, and an error that nobody listens for ends the
// process: one malformed frame of a stranger was enough. The `close` that follows each error is heard, so there is nothing else to do about them.

/** Of a WebSocket as the package ws has it. */
interface ErrorSource {
  on(event: 'error', listener: () => void): void
}

type Accepted = new (...args: unknown[]) => ErrorSource

/** What is used of the WebSocket server that the listener keeps to itself; where it does not have it (another version), nothing happens. */
interface ServerInside {
  wsServer?: { options: { WebSocket: Accepted } }
}

/** Makes a factory of the WebSocket transport one whose listeners outlive what strangers send. */
export function surviveWebSocketErrors<
  Components,
  Transport extends { createListener(...options: never[]): object }
>(create: (components: Components) => Transport): (components: Components) => Transport {
  return components => {
    const transport = create(components)
    const createListener = transport.createListener.bind(transport) as (...options: never[]) => object
    return Object.assign(transport, {
      createListener: (...options: never[]): object => {
        const listener = createListener(...options)
        const { wsServer } = listener as ServerInside
        if (wsServer !== undefined) wsServer.options.WebSocket = heard(wsServer.options.WebSocket)
        return listener
      }
    })
  }
}

function heard(Socket: Accepted): Accepted {
  return class extends Socket {
    constructor(...args: unknown[]) {
      super(...args)
      this.on('error', () => {})
    }
  }
}
