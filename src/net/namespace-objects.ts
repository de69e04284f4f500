import type { Logger } from '@libp2p/interface'
import { RangeSet } from '../core/replication/range-set.ts'
import type {
  ReplicationEffect,
  ReplicationEngine,
  ReplicationInput,
  ReplicationStrategy
} from '../core/replication/replication-engine.ts'
import { SwarmEngine } from '../core/replication/swarm-engine.ts'
import { MAX_OBJECT_BYTES } from '../wire/limits.ts'
import type { Frame } from '../wire/link.ts'
import { Request } from '../wire/replication.ts'
import type { Clock, Timer } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { OutgoingObject } from './object-sender.ts'
import type { AnswerOutcome, ObjectListener, ObjectSpace } from './object-space.ts'
import { frameOf } from './replication-frames.ts'
import { RequestBatches } from './request-batches.ts'

/** How {@link NamespaceObjects} is made. */
export interface NamespaceObjectsInit {
  readonly namespace: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly linkTo: (peer: string) => NeighborLink | undefined
  readonly send: (peer: string, object: OutgoingObject) => void
  /** The neighbor no longer needs it. */
  readonly drop: (peer: string, index: number) => void
  /** A neighbor did what nobody does who keeps to the rules. */
  readonly onFalse: (peer: string) => void
  /** Nobody holds it open any more. */
  readonly onEmpty: () => void
}

/** The objects of one namespace: runs its engine, for all who have opened it. */
export class NamespaceObjects {
  readonly #init: NamespaceObjectsInit
  readonly #engine: ReplicationEngine
  readonly #holders = new Set<Holder>()
  /** Who is to answer which request. */
  readonly #requests = new Map<number, Holder>()
  readonly #asking: RequestBatches
  readonly #inputs: ReplicationInput[] = []
  #timer: Timer | undefined
  #isRunning = false
  #isEnded = false
  #peers = 0
  #strategy: ReplicationStrategy = 'rarestFirst'

  constructor(init: NamespaceObjectsInit) {
    this.#init = init
    this.#asking = new RequestBatches(init.clock, (peer, indices) =>
      init.linkTo(peer)?.send({ request: Request.encode({ namespace: init.namespace, indices }) })
    )
    this.#engine = new SwarmEngine({ random: init.random, strategy: this.#strategy })
  }

  get namespace(): string {
    return this.#init.namespace
  }

  /** Neighbors that have something here or want it. */
  get peers(): number {
    return this.#engine.peers
  }

  get strategy(): ReplicationStrategy {
    return this.#strategy
  }

  set strategy(strategy: ReplicationStrategy) {
    this.#strategy = strategy
    this.run({ type: 'strategy', strategy })
  }

  open(listener: ObjectListener): ObjectSpace {
    const holder = new Holder(this, listener)
    this.#holders.add(holder)
    return holder
  }

  /** Would this object be of use, and was it asked for? */
  expects(peer: string, index: number): boolean {
    return this.#engine.expects(peer, index)
  }

  /** Tells the engine, and does what it says. */
  run(input: ReplicationInput): void {
    if (this.#isEnded) return
    // A new link, or none: what was to go over the old one need not.
    if (input.type === 'linkUp' || input.type === 'linkDown') this.#asking.forget(input.peer)
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      // What its effects bring about comes after them.
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
        for (const effect of this.#engine.handle(next, this.#init.clock.now())) this.#perform(effect)
    } finally {
      this.#isRunning = false
    }
    if (this.peers === this.#peers) return
    this.#peers = this.peers
    for (const { listener } of [...this.#holders]) listener.onPeers?.()
  }

  /** This holder's set of what is offered or wanted has shrunk: what no other holder has in its own is taken back. */
  shrink(set: 'have' | 'want', holder: Holder, range: readonly [start: number, end: number]): void {
    let gone = RangeSet.of(range)
    for (const other of this.#holders) if (other !== holder) gone = gone.minus(other[set])
    const type = set === 'have' ? 'removeHave' : 'removeWant'
    for (const [start, end] of gone) this.run({ type, start, end })
  }

  /** The smallest of what holders allow. */
  onAllow(): void {
    const requests = Math.min(...[...this.#holders].map(({ allowed }) => allowed))
    this.run({ type: 'allow', requests })
  }

  answer(holder: Holder, requestID: number, bytes: Uint8Array): AnswerOutcome {
    if (this.#requests.get(requestID) !== holder) return 'unknown'
    if (bytes.byteLength > MAX_OBJECT_BYTES) return 'tooLong'
    this.#requests.delete(requestID)
    this.run({ type: 'answer', requestID, bytes })
    return 'taken'
  }

  deny(holder: Holder, requestID: number): boolean {
    if (this.#requests.get(requestID) !== holder) return false
    this.#requests.delete(requestID)
    this.run({ type: 'deny', requestID })
    return true
  }

  /** A holder is one no more. */
  leave(holder: Holder): void {
    for (const set of ['want', 'have'] as const)
      for (const range of holder[set]) this.shrink(set, holder, range)
    for (const [requestID, other] of this.#requests) if (other === holder) this.deny(holder, requestID)
    this.#holders.delete(holder)
    if (this.#holders.size > 0) this.onAllow()
    else {
      this.run({ type: 'close' })
      this.#stop()
    }
  }

  /** The membership ends. What is still answered then goes nowhere. */
  end(): void {
    const holders = [...this.#holders]
    this.#isEnded = true
    this.#inputs.length = 0
    this.#requests.clear()
    this.#holders.clear()
    this.#stop()
    for (const holder of holders) holder.end()
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#asking.close()
    this.#init.onEmpty()
  }

  #perform(effect: ReplicationEffect): void {
    switch (effect.type) {
      case 'serve':
        this.#serve(effect.index, effect.requestID)
        break
      case 'sendObject':
        this.#sendObject(effect)
        break
      case 'dropObject':
        this.#init.drop(effect.to, effect.index)
        break
      case 'sendNotify':
        for (const { listener } of this.#wanting(effect.index)) listener.onSendNotify?.(effect.index)
        break
      case 'failed':
        for (const { listener } of this.#wanting(effect.index))
          listener.onFailed?.(effect.index, effect.reason)
        break
      case 'result':
        this.#onResult(effect)
        break
      case 'misbehavior':
        this.#init.log('%s: %s', effect.peer, effect.reason)
        this.#init.onFalse(effect.peer)
        break
      case 'badAnswer':
        throw new Error(`Answer ${effect.requestID} was not taken: ${effect.reason}`)
      case 'sendRequest':
        this.#asking.add(effect.to, effect.index)
        break
      case 'setTimer':
        this.#timer?.cancel()
        if (this.#isEnded) break
        this.#timer = this.#init.clock.setTimer(() => this.run({ type: 'timer' }), effect.afterMs)
        break
      case 'sendCancel':
        if (this.#asking.remove(effect.to, effect.index)) break
        this.#init.linkTo(effect.to)?.send(frameOf(this.namespace, effect))
        break
      default:
        this.#init.linkTo(effect.to)?.send(frameOf(this.namespace, effect))
    }
  }

  #sendObject({ to, index, bytes, waiting }: Extract<ReplicationEffect, { type: 'sendObject' }>): void {
    const { namespace } = this
    this.#init.send(to, {
      namespace,
      index,
      bytes,
      waiting,
      onDone: () => this.run({ type: 'sent', to, index }),
      // Whoever asked for it need not wait until it is clear that it does not come.
      onLost: () => this.#init.linkTo(to)?.send(denial(namespace, index))
    })
  }

  #serve(index: number, requestID: number): void {
    const holder = [...this.#holders].find(({ have, listener }) => have.has(index) && listener.onRequest)
    if (holder === undefined) this.run({ type: 'deny', requestID })
    else {
      this.#requests.set(requestID, holder)
      holder.listener.onRequest?.(index, requestID)
    }
  }

  #onResult({ index, bytes, from }: Extract<ReplicationEffect, { type: 'result' }>): void {
    for (const [i, holder] of this.#wanting(index).entries()) {
      holder.want.remove(index, index)
      // Each has its own.
      holder.listener.onResult?.(index, i === 0 ? bytes : bytes.slice(), from)
    }
  }

  #wanting(index: number): Holder[] {
    return [...this.#holders].filter(({ want }) => want.has(index))
  }
}

/** Ask again later. */
function denial(namespace: string, index: number): Frame {
  return frameOf(namespace, { type: 'sendDenial', to: '', index, reason: 'busy' })
}

/** What one who has opened a namespace offers and wants. */
class Holder implements ObjectSpace {
  readonly listener: ObjectListener
  readonly have: RangeSet = new RangeSet()
  readonly want: RangeSet = new RangeSet()
  allowed: number = Number.POSITIVE_INFINITY
  readonly #objects: NamespaceObjects
  #isClosed = false

  constructor(objects: NamespaceObjects, listener: ObjectListener) {
    this.#objects = objects
    this.listener = listener
  }

  get namespace(): string {
    return this.#objects.namespace
  }

  get peers(): number {
    return this.#isClosed ? 0 : this.#objects.peers
  }

  get strategy(): ReplicationStrategy {
    return this.#objects.strategy
  }

  set strategy(strategy: ReplicationStrategy) {
    if (!this.#isClosed) this.#objects.strategy = strategy
  }

  addHave(start: number, end: number, isForAll = false): void {
    if (this.#isClosed) return
    this.have.add(start, end)
    this.#objects.run({ type: 'addHave', start, end, isForAll })
  }

  removeHave(start: number, end: number): void {
    if (this.#isClosed) return
    this.have.remove(start, end)
    this.#objects.shrink('have', this, [start, end])
  }

  addWant(start: number, end: number): void {
    if (this.#isClosed) return
    this.want.add(start, end)
    this.#objects.run({ type: 'addWant', start, end })
  }

  removeWant(start: number, end: number): void {
    if (this.#isClosed) return
    this.want.remove(start, end)
    this.#objects.shrink('want', this, [start, end])
  }

  excuse(start: number, end: number): void {
    if (!this.#isClosed) this.#objects.run({ type: 'excuse', start, end })
  }

  answer(requestID: number, bytes: Uint8Array): AnswerOutcome {
    return this.#objects.answer(this, requestID, bytes)
  }

  deny(requestID: number): boolean {
    return this.#objects.deny(this, requestID)
  }

  allow(requests: number): void {
    this.allowed = requests
    if (!this.#isClosed) this.#objects.onAllow()
  }

  close(): void {
    if (this.#isClosed) return
    this.#objects.leave(this)
    this.#isClosed = true
  }

  end(): void {
    this.#isClosed = true
    this.listener.onClosed?.()
  }
}
