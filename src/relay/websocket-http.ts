// HTTP on the ports of WebSocket listeners. @libp2p/websockets (10.1.21) has an HTTP server under each of its listeners, which answers 400 to whatever is no WebSocket, and no way
// to put anything in place of that. What is reached into of its listener (dist/src/listener.js) is named in `Inside`, and nowhere else.
import type { Server as HttpServer, IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import type { Listener } from '@libp2p/interface'
import { CODE_TCP } from '@multiformats/multiaddr'
import { FIRST_WORDS_TIMEOUT_MS } from './silent-sockets.ts'

/** How long a whole request may take, in ms: the relay's own have no body. */
const REQUEST_TIMEOUT_MS = 30_000

/** How often slow requests are looked for, in ms. */
const CHECK_INTERVAL_MS = 2_000

/** For the transport's option `http`. */
export const WEBSOCKET_HTTP_OPTIONS: Readonly<ServerOptions> = {
  headersTimeout: FIRST_WORDS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS
}

/** Answers an HTTP request. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

/** A listener's private parts. */
interface Inside {
  /** Takes the connections, and hands them to `http` at their first byte. */
  readonly server: Server
  /** There from `listen` on. */
  readonly http?: HttpServer
  /** Bound in `listen`. */
  httpRequestHandler: HttpHandler
}

/** Serves HTTP where a node takes WebSocket connections. */
export class WebSocketHttp {
  readonly #listeners: Listener[] = []
  #served: { port: number; handler: HttpHandler } | undefined

  /** Makes a factory of the WebSocket transport one whose listeners ask here for what is no WebSocket. */
  over<Components, Transport extends { createListener(...options: never[]): Listener }>(
    create: (components: Components) => Transport
  ): (components: Components) => Transport {
    return components => {
      const transport = create(components)
      const createListener = transport.createListener.bind(transport) as (...options: never[]) => Listener
      return Object.assign(transport, {
        createListener: (...options: never[]): Listener => this.#watch(createListener(...options))
      })
    }
  }

  /** The TCP ports on which WebSocket connections are taken, in the order in which the listeners were made. */
  get ports(): number[] {
    return this.#listeners
      .flatMap(listener => listener.getAddrs())
      .map(address => Number(address.getComponents().find(({ code }) => code === CODE_TCP)?.value))
  }

  /** From now on this handler answers on this port, in every listener that has it. */
  serve(port: number, handler: HttpHandler): void {
    this.#served = { port, handler }
  }

  #watch(listener: Listener): Listener {
    const inside = listener as unknown as Inside
    const refuse = inside.httpRequestHandler.bind(listener)
    inside.httpRequestHandler = (request, response) => {
      const isServed = request.socket.localPort === this.#served?.port
      const answer = isServed ? this.#served?.handler : undefined
      ;(answer ?? refuse)(request, response)
    }
    // Slow requests are looked for by Node only in a server that listens itself, and this one is handed its connections.
    inside.server.on('listening', () => inside.http?.emit('listening'))
    this.#listeners.push(listener)
    return listener
  }
}
