import { RingRoutingEngine } from '../../../src/core/routing/ring-routing-engine.ts'
import type {
  RoutedMessage,
  RoutingEffect,
  RoutingEngine,
  RoutingInput,
  RoutingReceipt,
  Travel
} from '../../../src/core/routing/routing-engine.ts'
import { frameBytes, PEER_ID_BYTES } from './frame-sizes.ts'
import type { SimProtocol, SimShell } from './sim-protocol.ts'

/** Of an Ed25519 signature. */
const SIGNATURE_BYTES = 64

const PEER_ID = new Uint8Array(PEER_ID_BYTES)

/** What goes back: a receipt, and the way. */
interface Returning {
  readonly receipt: RoutingReceipt
  readonly path: Uint8Array
}

/** What happens to messages. */
export interface SimRoutingListener {
  /** @param travelled links that it passed on the shortest of the ways it has taken: those of the copy that was delivered; undefined when it was sent here */
  onDelivered?(peer: string, message: RoutedMessage, travelled: Travel | undefined): void
  /** What the originator hears in the end, when it asked for a receipt. */
  onOutcome?(peer: string, receipt: RoutingReceipt): void
}

/** Directed routing of one member. All signatures are taken for true. */
export class SimRouting implements SimProtocol {
  readonly kinds: readonly string[] = ['routed', 'hopAck', 'receipt']
  readonly engine: RoutingEngine
  readonly #shell: SimShell
  readonly #listener: SimRoutingListener
  /** The travel that is being verified. */
  #arriving: Travel | undefined

  constructor(shell: SimShell, listener: SimRoutingListener) {
    const { peer, placeOf } = shell
    this.#shell = shell
    this.#listener = listener
    this.engine = new RingRoutingEngine({ peer, placeOf, place: placeOf(peer) })
  }

  /** Sends a message to the member with this name; it is on its way, or delivered, when this returns. */
  send(to: string, payload: Uint8Array, wantsReceipt = false): RoutedMessage {
    const { peer, placeOf, random, now } = this.#shell
    const message: RoutedMessage = {
      id: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)),
      originator: peer,
      target: placeOf(to),
      mode: 'exact',
      sentAtMs: now(),
      channel: '',
      payload,
      signature: new Uint8Array(SIGNATURE_BYTES),
      key: undefined,
      wantsReceipt
    }
    this.#run({ type: 'send', message })
    return message
  }

  onLinkUp(peer: string, rttMs: number): void {
    this.#run({ type: 'linkUp', peer, place: this.#shell.placeOf(peer), rttMs })
  }

  onLinkMoved(peer: string): void {
    this.#run({ type: 'linkMoved', peer })
  }

  onLinkDown(peer: string): void {
    this.#run({ type: 'linkDown', peer })
  }

  onFrame(from: string, kind: string, payload: unknown): void {
    if (kind === 'routed') this.#run({ type: 'routed', from, travel: payload as Travel })
    else if (kind === 'hopAck') this.#run({ type: 'hopAck', from, id: payload as Uint8Array })
    else this.#run({ type: 'receipt', from, ...(payload as Returning) })
  }

  onTimer(): void {
    this.#run({ type: 'timer' })
  }

  #run(input: RoutingInput): void {
    for (const effect of this.engine.handle(input, this.#shell.now())) this.#perform(effect)
  }

  #perform(effect: RoutingEffect): void {
    switch (effect.type) {
      case 'sendRouted':
        this.#shell.send(effect.to, 'routed', effect.travel, routedBytes(effect.travel))
        break
      case 'sendHopAck':
        this.#shell.send(effect.to, 'hopAck', effect.id, frameBytes({ hopAck: { id: effect.id } }))
        break
      case 'sendReceipt': {
        const { receipt, path } = effect
        this.#shell.send(effect.to, 'receipt', { receipt, path }, receiptBytes(receipt, path))
        break
      }
      case 'verify':
        this.#arriving = effect.travel
        this.#run({ type: 'verified', travel: effect.travel, from: effect.from, isTrue: true })
        this.#arriving = undefined
        break
      case 'deliver':
        this.#listener.onDelivered?.(this.#shell.peer, effect.message, this.#arriving)
        break
      case 'signReceipt':
        this.#sign(effect.message, effect.hops, effect.path)
        break
      case 'outcome':
        this.#listener.onOutcome?.(this.#shell.peer, effect.receipt)
        break
      case 'misbehavior':
        throw new Error(`${effect.peer} is said to misbehave: ${effect.reason}`)
      case 'setTimer':
        this.#shell.setTimer(effect.afterMs)
        break
    }
  }

  #sign({ id, originator }: RoutedMessage, hops: number, path: Uint8Array): void {
    const signature = new Uint8Array(SIGNATURE_BYTES)
    const receipt = { id, originator, deliverer: this.#shell.peer, hops, signature, key: undefined }
    this.#run({ type: 'receiptSigned', receipt, path })
  }
}

function routedBytes({ message, hops, visited, path }: Travel): number {
  const { id, target, mode, sentAtMs, channel, payload, signature, wantsReceipt } = message
  return frameBytes({
    routed: {
      id,
      originator: PEER_ID,
      target: target.address,
      mode: mode === 'exact' ? 0 : 1,
      sentAt: sentAtMs,
      channel,
      payload,
      signature,
      wantsReceipt,
      hops,
      visited,
      path
    }
  })
}

function receiptBytes({ id, deliverer, hops, signature }: RoutingReceipt, path: Uint8Array): number {
  const isDelivered = deliverer !== undefined
  return frameBytes({
    receipt: { id, originator: PEER_ID, isDelivered, deliverer: PEER_ID, hops, signature, path }
  })
}
