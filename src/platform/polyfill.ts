// libp2p 3 expects `Promise.withResolvers` and a global `WebSocket`. Node 20 has neither. Import this before anything of libp2p.
// It can go when Node 20 is no longer supported (Node 22 has both).
import { WebSocket } from 'ws'

if (typeof Promise.withResolvers !== 'function') {
  Promise.withResolvers = function withResolvers<T>(): PromiseWithResolvers<T> {
    let resolve!: PromiseWithResolvers<T>['resolve']
    let reject!: PromiseWithResolvers<T>['reject']
    const promise = new Promise<T>((accept, refuse) => {
      resolve = accept
      reject = refuse
    })
    return { promise, resolve, reject }
  }
}

/** As in a browser: an error that nobody listens for ends a WebSocket, not the process. libp2p stops listening when it gives a dial up. */
class QuietWebSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    this.on('error', () => {})
  }
}

if (typeof globalThis.WebSocket !== 'function') {
  Object.defineProperty(globalThis, 'WebSocket', {
    value: QuietWebSocket,
    configurable: true,
    writable: true
  })
}
