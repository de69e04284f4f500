import { RingRoutingEngine } from '../../../src/core/routing/ring-routing-engine.ts'
import type {
  ReceiveMode,
  RoutedMessage,
  RoutingEffect,
  RoutingInput,
  RoutingReceipt
} from '../../../src/core/routing/routing-engine.ts'
import { clockwise, compareDistance, type Place, placeOf } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

/** One way over a link, in virtual ms. */
export const LATENCY_MS = 20

/** What passes a link. */
export type Frame = Extract<RoutingEffect, { type: 'sendRouted' | 'sendHopAck' | 'sendReceipt' }>

/** One member, and the shell around its engine. */
export interface Member {
  readonly peer: string
  readonly place: Place
  readonly engine: RingRoutingEngine
  readonly links: Set<string>
  /** A dead one answers nothing, and its links stay until somebody takes them down. */
  isDead: boolean
  timerAtMs: number
}

/** A network of engines with a virtual clock. All signatures are true, unless `isTrue` says otherwise. */
export class RingNetwork {
  readonly members: Member[] = []
  readonly delivered: { at: string; message: RoutedMessage; from: string; hops: number; atMs: number }[] = []
  readonly outcomes: { at: string; receipt: RoutingReceipt; atMs: number }[] = []
  readonly misbehavior: string[] = []
  readonly frames: { from: string; frame: Frame }[] = []
  /** Loses what it says true to. */
  loses: (from: string, frame: Frame) => boolean = () => false
  isTrue: (message: RoutedMessage) => boolean = () => true
  /** How long it takes to verify a signature. */
  verifyMs = 1
  nowMs = 0
  readonly random: () => number
  readonly #byPeer = new Map<string, Member>()
  readonly #hops = new Map<RoutedMessage, number>()
  #events: { atMs: number; run: () => void }[] = []
  #count = 0

  constructor(count: number, seed: number) {
    this.random = seededRandom(seed)
    for (let i = 0; i < count; i++) this.add(placeOf(this.bytes(32)))
    this.members.sort((a, b) => a.place.fraction - b.place.fraction)
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.random() * 256))
  }

  add(place: Place): Member {
    const peer = `p${this.members.length}`
    const engine = new RingRoutingEngine({ peer, place, placeOf: other => this.member(other).place })
    const member = { peer, place, engine, links: new Set<string>(), isDead: false, timerAtMs: Infinity }
    this.members.push(member)
    this.#byPeer.set(peer, member)
    return member
  }

  member(peer: string): Member {
    const member = this.#byPeer.get(peer)
    if (member === undefined) throw new Error(`No member ${peer}`)
    return member
  }

  /** By its position on the ring, in increasing direction. */
  at(index: number): Member {
    const { members } = this
    return members[((index % members.length) + members.length) % members.length] as Member
  }

  link(a: Member, b: Member): void {
    if (a === b || a.links.has(b.peer)) return
    a.links.add(b.peer)
    b.links.add(a.peer)
    for (const [own, other] of [
      [a, b],
      [b, a]
    ] as const)
      this.tell(own, { type: 'linkUp', peer: other.peer, place: other.place, rttMs: 2 * LATENCY_MS })
  }

  unlink(a: Member, b: Member): void {
    a.links.delete(b.peer)
    b.links.delete(a.peer)
    this.tell(a, { type: 'linkDown', peer: b.peer })
    this.tell(b, { type: 'linkDown', peer: a.peer })
  }

  /** Links to so many on either side, and a member at random in each octave. */
  linkRing(span = 3, hasFingers = true): this {
    this.members.forEach((member, index) => {
      for (let i = 1; i <= span; i++) this.link(member, this.at(index + i))
      for (let low = 0.25; hasFingers && low > 1 / this.members.length; low /= 2) {
        const octave = this.members.filter(other => {
          const distance = clockwise(member.place, other.place)
          return distance >= low && distance < 2 * low
        })
        const finger = octave[Math.floor(this.random() * octave.length)]
        if (finger !== undefined) this.link(member, finger)
      }
    })
    return this
  }

  receive(member: Member, mode: ReceiveMode): void {
    this.tell(member, { type: 'ownReceiveMode', mode })
    for (const peer of member.links)
      this.tell(this.member(peer), { type: 'receiveMode', peer: member.peer, mode })
  }

  kill(member: Member): void {
    member.isDead = true
  }

  message(originator: Member, parts: Partial<RoutedMessage> & { target: Place }): RoutedMessage {
    const id = new Uint8Array(16)
    new DataView(id.buffer).setUint32(0, ++this.#count)
    return {
      id,
      originator: originator.peer,
      mode: 'exact',
      sentAtMs: this.nowMs,
      channel: '',
      payload: new Uint8Array(4),
      signature: new Uint8Array(64),
      key: undefined,
      wantsReceipt: true,
      ...parts
    }
  }

  /** Sends one, and lets all happen that follows. */
  send(originator: Member, parts: Partial<RoutedMessage> & { target: Place }): RoutedMessage {
    const message = this.message(originator, parts)
    this.tell(originator, { type: 'send', message })
    this.run()
    return message
  }

  tell(member: Member, input: RoutingInput): RoutingEffect[] {
    if (member.isDead) return []
    if (input.type === 'routed') this.#hops.set(input.travel.message, input.travel.hops)
    const effects = member.engine.handle(input, this.nowMs)
    for (const effect of effects) this.#carryOut(member, effect)
    return effects
  }

  after(ms: number, run: () => void): void {
    const atMs = this.nowMs + ms
    let index = this.#events.length
    while (index > 0 && (this.#events[index - 1]?.atMs ?? 0) > atMs) index--
    this.#events.splice(index, 0, { atMs, run })
  }

  /** Lets time pass until nothing is left to happen, or to this time. */
  run(untilMs: number = Infinity): void {
    for (let next = this.#events[0]; next !== undefined && next.atMs <= untilMs; next = this.#events[0]) {
      this.#events.shift()
      this.nowMs = next.atMs
      next.run()
    }
    if (untilMs < Infinity) this.nowMs = untilMs
  }

  /** Of all members, or some, the one nearest to a place. */
  nearest(target: Place, among: readonly Member[] = this.members): Member {
    return among.reduce((best, member) =>
      compareDistance(target, member.place, best.place) < 0 ? member : best
    )
  }

  #carryOut(member: Member, effect: RoutingEffect): void {
    switch (effect.type) {
      case 'sendRouted':
      case 'sendHopAck':
      case 'sendReceipt':
        this.#pass(member, effect)
        break
      case 'verify': {
        const { travel, from } = effect
        const isTrue = this.isTrue(travel.message)
        this.after(this.verifyMs, () => this.tell(member, { type: 'verified', travel, from, isTrue }))
        break
      }
      case 'deliver': {
        const { message, from } = effect
        const hops = this.#hops.get(message) ?? 0
        this.delivered.push({ at: member.peer, message, from, hops, atMs: this.nowMs })
        break
      }
      case 'signReceipt': {
        const { message, hops, path } = effect
        const { id, originator } = message
        const signature = new Uint8Array(64)
        const receipt = { id, originator, deliverer: member.peer, hops, signature, key: undefined }
        this.after(1, () => this.tell(member, { type: 'receiptSigned', receipt, path }))
        break
      }
      case 'outcome':
        this.outcomes.push({ at: member.peer, receipt: effect.receipt, atMs: this.nowMs })
        break
      case 'misbehavior':
        this.misbehavior.push(`${effect.peer}: ${effect.reason}`)
        break
      case 'setTimer': {
        const atMs = this.nowMs + effect.afterMs
        member.timerAtMs = atMs
        this.after(effect.afterMs, () => {
          if (member.timerAtMs === atMs) this.tell(member, { type: 'timer' })
        })
      }
    }
  }

  #pass(from: Member, frame: Frame): void {
    this.frames.push({ from: from.peer, frame })
    if (this.loses(from.peer, frame) || !from.links.has(frame.to)) return
    this.after(LATENCY_MS, () => {
      const to = this.member(frame.to)
      if (!to.links.has(from.peer)) return
      if (frame.type === 'sendRouted')
        this.tell(to, { type: 'routed', from: from.peer, travel: { ...frame.travel } })
      else if (frame.type === 'sendHopAck') this.tell(to, { type: 'hopAck', from: from.peer, id: frame.id })
      else this.tell(to, { type: 'receipt', from: from.peer, receipt: frame.receipt, path: frame.path })
    })
  }
}
