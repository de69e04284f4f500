import type { ControlEffect, ControlInput } from '../../../src/core/multicast/control-codec.ts'
import type { Fragment } from '../../../src/core/multicast/fragment.ts'
import type {
  MulticastEffect,
  MulticastInit,
  MulticastInput
} from '../../../src/core/multicast/multicast-engine.ts'
import { StripeEngine } from '../../../src/core/multicast/stripe-engine.ts'
import { controlBytes, FRAGMENT_LENGTH_BYTES } from './multicast-sizes.ts'
import type { SimProtocol, SimShell } from './sim-protocol.ts'

/** Frames of control; fragments are a kind of their own. */
export const STREAM_CONTROL_KINDS: readonly string[] = [
  'stream-info',
  'stream-map',
  'stream-stripes',
  'stream-pull',
  'stream-denial',
  'stream-peers'
]
export const FRAGMENT_KIND = 'fragment'

/** What happens to a viewer. */
export interface SimMulticastListener {
  /** A fragment has come for the first time. */
  onDeliver?(peer: string, fragment: Fragment): void
  /** A fragment has come, for the first time or not. */
  onReceived?(peer: string, fragment: Fragment): void
  onStart?(peer: string, number: number): void
  onEffect?(peer: string, effect: MulticastEffect): void
}

/** What of an engine each member decides for itself. */
export type SimStreamInit = Omit<MulticastInit, 'peer' | 'random'>

/** One stream at one member, which carries it once it plays or publishes it. */
export class SimMulticast implements SimProtocol {
  readonly kinds: readonly string[] = [...STREAM_CONTROL_KINDS, FRAGMENT_KIND]
  engine: StripeEngine | undefined
  readonly #shell: SimShell
  readonly #listener: SimMulticastListener
  readonly #rttMs = new Map<string, number>()
  readonly #inputs: MulticastInput[] = []
  #isRunning = false

  constructor(shell: SimShell, listener: SimMulticastListener = {}) {
    this.#shell = shell
    this.#listener = listener
  }

  /** Carries the stream from now on. */
  carry(init: SimStreamInit): void {
    const { peer, random } = this.#shell
    if (peer !== init.publisher) this.#shell.hurry()
    this.engine = new StripeEngine({ ...init, peer, random })
    for (const [neighbor, rttMs] of this.#rttMs) this.run({ type: 'linkUp', peer: neighbor, rttMs })
    if (this.#rttMs.size === 0) this.run({ type: 'parameters', parameters: {} })
  }

  publish(fragment: Fragment): void {
    this.run({ type: 'publish', fragment })
  }

  /** Tells the engine, and does what it says. */
  run(input: MulticastInput): void {
    const { engine } = this
    if (engine === undefined) return
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    // What its effects bring about comes after them.
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
      for (const effect of engine.handle(next, this.#shell.now())) this.#perform(effect)
    this.#isRunning = false
  }

  onLinkUp(peer: string, rttMs: number): void {
    this.#rttMs.set(peer, rttMs)
    this.run({ type: 'linkUp', peer, rttMs })
  }

  onLinkMoved(peer: string, rttMs: number): void {
    this.onLinkUp(peer, rttMs)
  }

  onLinkDown(peer: string): void {
    this.#rttMs.delete(peer)
    this.run({ type: 'linkDown', peer })
  }

  onFrame(from: string, kind: string, payload: unknown): void {
    if (this.engine === undefined) return
    if (kind === FRAGMENT_KIND) {
      const fragment = payload as Fragment
      this.#listener.onReceived?.(this.#shell.peer, fragment)
      this.run({ type: 'fragment', from, fragment })
    } else this.run(inputOf(from, payload as ControlEffect))
  }

  uses(peer: string): boolean {
    return this.engine?.uses(peer) === true
  }

  onTimer(): void {
    this.run({ type: 'timer' })
  }

  #perform(effect: MulticastEffect): void {
    const { peer } = this.#shell
    this.#listener.onEffect?.(peer, effect)
    switch (effect.type) {
      case 'sendFragment':
        this.#sendFragment(effect.to, effect.fragment)
        break
      case 'start':
        this.#listener.onStart?.(peer, effect.number)
        break
      case 'deliver':
        this.#listener.onDeliver?.(peer, effect.fragment)
        break
      case 'setTimer':
        this.#shell.setTimer(effect.afterMs)
        break
      case 'link':
        this.#shell.want(effect.peer)
        break
      case 'misbehavior':
        throw new Error(`${effect.peer} is said to misbehave: ${effect.reason}`)
      case 'skip':
      case 'ended':
        break
      default:
        this.#shell.send(effect.to, KINDS[effect.type], effect, controlBytes(effect))
    }
  }

  #sendFragment(to: string, fragment: Fragment): void {
    const bytes = fragment.bytes.byteLength + FRAGMENT_LENGTH_BYTES
    const { number } = fragment
    this.#shell.sendBulk(to, FRAGMENT_KIND, fragment, bytes, () => this.run({ type: 'sent', to, number }))
  }
}

const KINDS: Readonly<Record<ControlEffect['type'], string>> = {
  sendInfo: 'stream-info',
  sendMap: 'stream-map',
  sendStripes: 'stream-stripes',
  sendPull: 'stream-pull',
  sendDenial: 'stream-denial',
  sendPeers: 'stream-peers'
}

function inputOf(from: string, effect: ControlEffect): ControlInput {
  switch (effect.type) {
    case 'sendInfo':
      return { type: 'info', from, info: effect.info }
    case 'sendMap':
      return { type: 'map', from, map: effect.map, queueMs: effect.queueMs }
    case 'sendStripes':
      return { type: 'stripes', from, masks: effect.masks }
    case 'sendPull':
      return { type: 'pull', from, numbers: effect.numbers }
    case 'sendDenial':
      return { type: 'denial', from, numbers: effect.numbers, reason: effect.reason }
    case 'sendPeers':
      return { type: 'peers', from, asks: effect.asks, peers: effect.peers }
  }
}
