import { encodeRanges } from '../../../src/core/replication/range-codec.ts'
import { RangeSet } from '../../../src/core/replication/range-set.ts'
import type {
  ReplicationEffect,
  ReplicationEngine,
  ReplicationInput,
  ReplicationStrategy,
  SetChange
} from '../../../src/core/replication/replication-engine.ts'
import { SwarmEngine } from '../../../src/core/replication/swarm-engine.ts'
import { frameBytes } from './frame-sizes.ts'
import type { SimProtocol, SimShell } from './sim-protocol.ts'

/** What goes before an object on its stream. Guess: namespace, index, length, how many wait. */
const HEADER_BYTES = 32

/** The frames in which members speak of an index. */
const INDEX_KINDS = ['request', 'cancel', 'denial'] as const

/** What happens to objects. */
export interface SimReplicationListener {
  /** An object has come that was wanted. */
  onResult?(peer: string, index: number): void
  /** An object has come, wanted or not. */
  onObject?(peer: string, index: number): void
  onFailed?(peer: string, index: number, reason: string): void
}

/** What all members share. */
export interface SimReplicationInit {
  /** How long each object is. Its content need not be. */
  readonly objectBytes: number
  readonly strategy?: ReplicationStrategy
  readonly listener?: SimReplicationListener
}

/** Objects of one member, in one namespace; its application answers each request at once and offers what it has got. */
export class SimReplication implements SimProtocol {
  readonly kinds: readonly string[] = ['have', 'want', ...INDEX_KINDS, 'queue', 'object']
  readonly engine: ReplicationEngine
  /** What it has. */
  readonly have: RangeSet = new RangeSet()
  readonly #shell: SimShell
  readonly #listener: SimReplicationListener
  readonly #bytes: Uint8Array
  readonly #inputs: ReplicationInput[] = []
  #isRunning = false

  constructor(shell: SimShell, init: SimReplicationInit) {
    this.#shell = shell
    this.#listener = init.listener ?? {}
    this.#bytes = objectOf(init.objectBytes)
    const { random } = shell
    this.engine = new SwarmEngine({ random, strategy: init.strategy ?? 'rarestFirst' })
  }

  /** The application has these objects. */
  offer(start: number, end: number): void {
    this.have.add(start, end)
    this.run({ type: 'addHave', start, end })
  }

  /** The application wants these objects. */
  fetch(start: number, end: number): void {
    this.run({ type: 'addWant', start, end })
  }

  /** Tells the engine, and does what it says. */
  run(input: ReplicationInput): void {
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    // What its effects bring about comes after them.
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
      for (const effect of this.engine.handle(next, this.#shell.now())) this.#perform(effect)
    this.#isRunning = false
  }

  onLinkUp(peer: string): void {
    this.run({ type: 'linkUp', peer, isStanding: false })
  }

  onLinkMoved(peer: string): void {
    this.run({ type: 'linkUp', peer, isStanding: false })
  }

  onLinkDown(peer: string): void {
    this.run({ type: 'linkDown', peer })
  }

  onFrame(from: string, kind: string, payload: unknown): void {
    const input = { ...(payload as object), type: kind, from } as ReplicationInput
    if (input.type === 'object') this.#listener.onObject?.(this.#shell.peer, input.index)
    this.run(input)
  }

  onTimer(): void {
    this.run({ type: 'timer' })
  }

  #perform(effect: ReplicationEffect): void {
    switch (effect.type) {
      case 'serve':
        this.run({ type: 'answer', requestID: effect.requestID, bytes: this.#bytes })
        break
      case 'result':
        this.#listener.onResult?.(this.#shell.peer, effect.index)
        this.offer(effect.index, effect.index)
        break
      case 'failed':
        this.#listener.onFailed?.(this.#shell.peer, effect.index, effect.reason)
        break
      case 'setTimer':
        this.#shell.setTimer(effect.afterMs)
        break
      case 'misbehavior':
        throw new Error(`${effect.peer} is said to misbehave: ${effect.reason}`)
      case 'badAnswer':
        throw new Error(`Request ${effect.requestID}: ${effect.reason}`)
      case 'sendNotify':
      case 'dropObject':
        break
      default:
        this.#send(effect)
    }
  }

  #send(effect: Extract<ReplicationEffect, { readonly to: string }>): void {
    const { to } = effect
    const { send, sendBulk } = this.#shell
    switch (effect.type) {
      case 'sendHave':
        send(to, 'have', effect, changeBytes('have', effect.change))
        break
      case 'sendWant':
        send(to, 'want', effect, changeBytes('want', effect.change))
        break
      case 'sendRequest':
        send(to, 'request', effect, indexBytes(effect.index))
        break
      case 'sendCancel':
        send(to, 'cancel', effect, indexBytes(effect.index))
        break
      case 'sendDenial':
        send(to, 'denial', effect, indexBytes(effect.index))
        break
      case 'sendQueue':
        send(to, 'queue', effect, indexBytes(effect.waiting))
        break
      case 'sendObject': {
        const { index, bytes } = effect
        sendBulk(to, 'object', effect, bytes.byteLength + HEADER_BYTES, () =>
          this.run({ type: 'sent', to, index })
        )
      }
    }
  }
}

const objects = new Map<number, Uint8Array>()

/** One for all members. */
function objectOf(bytes: number): Uint8Array {
  const object = objects.get(bytes) ?? new Uint8Array(bytes)
  objects.set(bytes, object)
  return object
}

const sizes = new WeakMap<SetChange, number>()

/** As the codec has it; once, for all that it is sent to. */
function changeBytes(kind: 'have' | 'want', change: SetChange): number {
  let bytes = sizes.get(change)
  if (bytes === undefined) {
    const { isWhole, added, removed } = change
    const sets = { namespace: '', isWhole, added: encodeRanges(added), removed: encodeRanges(removed) }
    bytes = frameBytes(kind === 'have' ? { have: { ...sets, asks: false } } : { want: sets })
    sizes.set(change, bytes)
  }
  return bytes
}

const SMALL_BYTES = frameBytes({ request: { namespace: '', indices: [1] } })
const LARGER_BYTES = frameBytes({ request: { namespace: '', indices: [200] } })

/** A frame that holds one number below 2^14. */
function indexBytes(index: number): number {
  return index < 128 ? SMALL_BYTES : LARGER_BYTES
}
