// What a relay says over HTTP: that it lives, and its addresses, for those who were given nothing but its web address.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is asked for at each request. */
export interface RelayHttpInit {
  /** 0: one that is free. */
  port: number
  /** The relay's addresses, as they are now. */
  multiaddrs: () => readonly string[]
  /** Its figures, as they are now. */
  stats: () => object
}

/**
 * Serves `GET /.well-known/netgroup` → `{ "multiaddrs": […] }` and `GET /health` → `{ "ok": true, …stats }`, both readable from any web
 * page. Everything else is 404, other methods 405.
 */
export class RelayHttp {
  readonly #server: Server
  readonly #init: RelayHttpInit

  private constructor(init: RelayHttpInit) {
    this.#init = init
    this.#server = createServer((request, response) => this.#onRequest(request, response))
  }

  /** @throws Error when the port is taken or not allowed */
  static async start(init: RelayHttpInit): Promise<RelayHttp> {
    const http = new RelayHttp(init)
    await new Promise<void>((resolve, reject) => {
      http.#server.once('error', reject)
      http.#server.listen(init.port, () => {
        http.#server.off('error', reject)
        resolve()
      })
    })
    return http
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends what is open, at once. */
  async close(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const body = this.#bodyOf(request.url?.split('?')[0])
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const status = isRead ? (body === undefined ? 404 : 200) : 405
    const shown = status === 200 ? body : { error: status === 404 ? 'nothing here' : 'only GET' }
    const headers = {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'no-store'
    }
    response
      .writeHead(status, headers)
      .end(request.method === 'HEAD' ? undefined : `${JSON.stringify(shown)}\n`)
  }

  #bodyOf(path: string | undefined): object | undefined {
    if (path === '/.well-known/netgroup') return { multiaddrs: this.#init.multiaddrs() }
    if (path === '/health') return { ok: true, ...this.#init.stats() }
    return undefined
  }
}
