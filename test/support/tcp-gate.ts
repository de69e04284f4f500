import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A door before a TCP server: connections pass while it is open; shutting it ends them, and no new one gets an answer. */
export class TcpGate {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isOpen = true

  private constructor(server: Server, targetPort: number) {
    this.#server = server
    server.on('connection', socket => this.#pass(socket, targetPort))
  }

  /** Before a server on this machine. */
  static async before(targetPort: number): Promise<TcpGate> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpGate(server, targetPort)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  open(): void {
    this.#isOpen = true
  }

  shut(): void {
    this.#isOpen = false
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.shut()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #pass(socket: Socket, targetPort: number): void {
    if (!this.#isOpen) {
      socket.destroy()
      return
    }
    const target = connect(targetPort, '127.0.0.1')
    for (const [one, other] of [
      [socket, target],
      [target, socket]
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }
}
