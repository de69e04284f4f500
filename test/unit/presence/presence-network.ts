import { sha256 } from '@noble/hashes/sha2.js'
import type { PresenceEffect, PresenceInput } from '../../../src/core/presence/presence-contract.ts'
import { PresenceEngine } from '../../../src/core/presence/presence-engine.ts'
import type {
  PresenceDraft,
  PresenceEntry,
  PresenceWords
} from '../../../src/core/presence/presence-entry.ts'
import { type Place, placeOf } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

/** How long a signature or its verification takes, in ms. */
const CRYPTO_MS = 1

/** How long a frame is under way, in ms. */
const MIN_DELAY_MS = 10
const MAX_DELAY_MS = 50

const TRUE = Uint8Array.of(1)
const FALSE = Uint8Array.of(0)

/** An entry as its member would sign it. */
export function signed(draft: PresenceDraft, isTrue = true): PresenceEntry {
  return { ...draft, signature: isTrue ? TRUE : FALSE, key: undefined }
}

/** What one member was told of others. */
export interface Told {
  readonly type: 'joined' | 'updated' | 'left'
  readonly peer: string
  readonly atMs: number
}

/** A member: an engine with a shell around it. */
export interface Member {
  readonly peer: string
  readonly place: Place
  readonly engine: PresenceEngine
  readonly links: Set<string>
  readonly heardAtMs: Map<string, number>
  readonly told: Told[]
  /** Frames and bytes sent, as they are on the wire, about. */
  sentFrames: number
  sentBytes: number
  verified: number
  signed: number
  /** No frame leaves it, and none is read. */
  isDead: boolean
  timer: number
}

/** Members of one group and the links between them, in virtual time. */
export class PresenceNetwork {
  readonly members: Map<string, Member> = new Map()
  readonly random: () => number
  /** Of all frames, how many vanish. */
  loss = 0
  nowMs = 2_000_000_000_000
  /** Nothing happens there. */
  asleep: Member | undefined
  readonly #queue = new EventQueue()

  constructor(seed = 1) {
    this.random = seededRandom(seed)
  }

  /** A further member, without links. */
  add(peer = `peer${this.members.size}`): Member {
    const member: Member = {
      peer,
      place: placeOfPeer(peer),
      engine: new PresenceEngine({
        peer,
        placeOf: placeOfPeer,
        heardAtMs: other => member.heardAtMs.get(other) ?? 0,
        groupNow: () => this.nowMs,
        random: this.random
      }),
      links: new Set(),
      heardAtMs: new Map(),
      told: [],
      sentFrames: 0,
      sentBytes: 0,
      verified: 0,
      signed: 0,
      isDead: false,
      timer: 0
    }
    this.members.set(peer, member)
    return member
  }

  /** So many members that are there, each linked with its three nearest on each side and some at random. */
  addGroup(size: number, randomLinks = 5): Member[] {
    const added = Array.from({ length: size }, () => this.add())
    const ring = [...added].sort((a, b) => a.place.fraction - b.place.fraction)
    for (const [i, member] of ring.entries()) {
      for (const step of [1, 2, 3]) this.link(member, ring[(i + step) % size] as Member)
      for (let n = 0; n < randomLinks; n++)
        this.link(member, ring[Math.floor(this.random() * size)] as Member)
    }
    return added
  }

  link(a: Member, b: Member): void {
    if (a === b || a.links.has(b.peer)) return
    for (const [x, y] of [
      [a, b],
      [b, a]
    ] as const) {
      x.links.add(y.peer)
      x.heardAtMs.set(y.peer, this.nowMs)
      this.tell(x, { type: 'linkUp', peer: y.peer })
    }
  }

  /** Ends a link in good order, or cuts it. */
  unlink(a: Member, b: Member, isCut = false): void {
    for (const [x, y] of [
      [a, b],
      [b, a]
    ] as const) {
      if (!x.links.delete(y.peer) || x.isDead) continue
      if (isCut) this.tell(x, { type: 'linkCut', peer: y.peer })
      this.tell(x, { type: 'linkDown', peer: y.peer })
    }
  }

  /** Shows itself. */
  present(member: Member, value: string): void {
    this.tell(member, { type: 'present', value: new TextEncoder().encode(value) })
  }

  /** Falls silent; nobody is told. */
  silence(member: Member): void {
    member.isDead = true
  }

  /** Its process ends: all its links are cut. */
  kill(member: Member): void {
    member.isDead = true
    for (const peer of [...member.links]) this.unlink(this.get(peer), member, true)
  }

  /** Leaves in good order. */
  leave(member: Member): void {
    this.tell(member, { type: 'withdraw' })
    this.#after(MAX_DELAY_MS, () => {
      member.isDead = true
      for (const peer of [...member.links]) this.unlink(this.get(peer), member)
    })
  }

  tell(member: Member, input: PresenceInput): void {
    if (member.isDead) return
    for (const effect of member.engine.handle(input, this.nowMs)) this.#run(member, effect)
  }

  /** Sends words as if this member had said them. */
  send(from: Member, to: string, words: Partial<PresenceWords>): void {
    this.#frame(from, to, receiver =>
      this.tell(receiver, { type: 'words', from: from.peer, words: { ...NOTHING, ...words } })
    )
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let next = this.#queue.next(untilMs); next !== undefined; next = this.#queue.next(untilMs)) {
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = untilMs
  }

  /** Advances until it holds, looking every 50 ms; how long that took. @throws Error after `withinMs` */
  until(what: string, holds: () => boolean, withinMs: number): number {
    const startMs = this.nowMs
    while (!holds()) {
      if (this.nowMs - startMs > withinMs) throw new Error(`Not within ${withinMs} ms: ${what}`)
      this.advance(50)
    }
    return this.nowMs - startMs
  }

  #run(member: Member, effect: PresenceEffect): void {
    switch (effect.type) {
      case 'send': {
        const { to, words } = effect
        member.sentBytes += bytesOf(words)
        this.#frame(member, to, receiver => this.tell(receiver, { type: 'words', from: member.peer, words }))
        break
      }
      case 'sign':
        member.signed += 1
        this.#after(CRYPTO_MS, () =>
          this.tell(member, {
            type: 'signed',
            entry: signed(effect.entry),
            farewell: signed(effect.farewell)
          })
        )
        break
      case 'verify': {
        const { entry, from } = effect
        member.verified += 1
        const isTrue = entry.signature === TRUE
        this.#after(CRYPTO_MS, () => this.tell(member, { type: 'verified', entry, from, isTrue }))
        break
      }
      case 'ping':
        this.#frame(member, effect.to, other => this.#frame(other, member.peer, () => {}))
        break
      case 'setTimer': {
        this.#setTimer(member, effect.afterMs)
        break
      }
      default:
        member.told.push({ type: effect.type, peer: effect.entry.peer, atMs: this.nowMs })
    }
  }

  #setTimer(member: Member, afterMs: number): void {
    const timer = ++member.timer
    const fire = (): void => {
      if (member === this.asleep) this.#after(1_000, fire)
      else if (member.timer === timer) this.tell(member, { type: 'timer' })
    }
    this.#after(afterMs, fire)
  }

  #frame(from: Member, to: string, arrive: (receiver: Member) => void): void {
    if (from.isDead || !from.links.has(to)) return
    from.sentFrames += 1
    if (this.random() < this.loss) return
    this.#after(MIN_DELAY_MS + this.random() * (MAX_DELAY_MS - MIN_DELAY_MS), () => {
      const receiver = this.get(to)
      if (receiver.isDead || receiver === this.asleep || !receiver.links.has(from.peer)) return
      receiver.heardAtMs.set(from.peer, this.nowMs)
      arrive(receiver)
    })
  }

  #after(ms: number, run: () => void): void {
    this.#queue.add(this.nowMs + ms, run)
  }

  /** @throws Error when there is none */
  get(peer: string): Member {
    const member = this.members.get(peer)
    if (member === undefined) throw new Error(`There is no ${peer}`)
    return member
  }
}

const places = new Map<string, Place>()

/** The place of any peer, also one that is not there. */
function placeOfPeer(peer: string): Place {
  const place = places.get(peer) ?? placeOf(sha256(new TextEncoder().encode(peer)))
  places.set(peer, place)
  return place
}

const NOTHING: PresenceWords = {
  entries: [],
  doubts: [],
  mentions: [],
  isWhole: false,
  wanted: [],
  digest: undefined
}

function bytesOf({ entries, doubts, mentions, wanted }: PresenceWords): number {
  const values = entries.reduce((sum, { value }) => sum + value.byteLength, 0)
  return 10 + values + entries.length * 130 + (doubts.length + mentions.length) * 16 + wanted.length * 8
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** A binary heap. */
class EventQueue {
  readonly #heap: Event[] = []
  #count = 0

  add(atMs: number, run: () => void): void {
    const event: Event = { atMs, order: this.#count++, run }
    let at = this.#heap.length
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1] as Event
      if (!isBefore(event, parent)) break
      this.#heap[at] = parent
      at = (at - 1) >> 1
    }
    this.#heap[at] = event
  }

  /** Takes the first, if it is not later than this. */
  next(untilMs: number): Event | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.atMs > untilMs) return undefined
    const last = this.#heap.pop() as Event
    if (this.#heap.length > 0) this.#sink(last)
    return first
  }

  #sink(event: Event): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      const [left, right] = [this.#heap[child], this.#heap[child + 1]]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) child += 1
      const smaller = this.#heap[child] as Event
      if (!isBefore(smaller, event)) break
      this.#heap[at] = smaller
      at = child
    }
    this.#heap[at] = event
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
