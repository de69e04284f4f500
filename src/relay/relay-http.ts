// What a relay says over HTTP: that it lives, and its addresses, for those who were given nothing but its web address.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '@libp2p/interface'
import type { HttpHandler, WebSocketHttp } from './websocket-http.ts'

/** What is asked for at each request. */
export interface RelayHttpInit {
  /** One of {@link webSockets}' is shared with them; 0: the first of those, or any free one when there is none. */
  port: number
  webSockets: WebSocketHttp
  peerID: string
  /** The relay's addresses, as they are now. */
  multiaddrs: () => readonly string[]
  /** Its figures, as they are now. */
  stats: () => object
  /** Answers what is not the relay's own. @default 404 */
  onRequest?: HttpHandler
  log: Logger
}

/**
 * Serves `GET /.well-known/netgroup` → `{ "peerID", "multiaddrs": […], "webSocket": is it taken on this very port? }` and `GET /health` → `{ "ok": true, …stats }`, both readable
 * from any web page. Other methods there are 405, everything else is `onRequest`'s.
 */
export class RelayHttp {
  readonly #init: RelayHttpInit
  #server: Server | undefined
  #port = 0

  private constructor(init: RelayHttpInit) {
    this.#init = init
  }

  /** @throws Error when the port is taken or not allowed */
  static async start(init: RelayHttpInit): Promise<RelayHttp> {
    const http = new RelayHttp(init)
    const { ports } = init.webSockets
    const shared = init.port === 0 ? ports[0] : ports.find(port => port === init.port)
    if (shared === undefined) await http.#listen()
    else {
      init.webSockets.serve(shared, http.#onRequest)
      http.#port = shared
    }
    return http
  }

  /** The port that it answers on. */
  get port(): number {
    return this.#port
  }

  /** Ends what is open on a port of its own, at once. A shared one ends with its listener. */
  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    await new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async #listen(): Promise<void> {
    const server = createServer(this.#onRequest)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#init.port, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const body = this.#bodyOf(request.url?.split('?')[0])
    if (body === undefined) this.#pass(request, response)
    else if (request.method === 'GET' || request.method === 'HEAD') answer(request, response, 200, body)
    else answer(request, response, 405, { error: 'only GET' })
  }

  #bodyOf(path: string | undefined): object | undefined {
    const { peerID, multiaddrs, stats } = this.#init
    if (path === '/.well-known/netgroup')
      return { peerID, multiaddrs: multiaddrs(), webSocket: this.#server === undefined }
    if (path === '/health') return { ok: true, ...stats() }
    return undefined
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { onRequest, log } = this.#init
    // It may be an async function: what it throws is no reason to end the relay.
    const call = async (): Promise<void> => (onRequest ?? answerNothing)(request, response)
    call().catch(error => {
      log.error('onRequest failed at %s - %e', request.url, error)
      if (response.headersSent) response.destroy()
      else answer(request, response, 500, { error: 'the page failed' })
    })
  }
}

function answerNothing(request: IncomingMessage, response: ServerResponse): void {
  answer(request, response, 404, { error: 'nothing here' })
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, shown: object): void {
  const headers = {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'cache-control': 'no-store'
  }
  response
    .writeHead(status, headers)
    .end(request.method === 'HEAD' ? undefined : `${JSON.stringify(shown)}\n`)
}
