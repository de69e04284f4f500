import type { AnswerOutcome, ObjectListener, ObjectSpace } from '../../src/net/object-space.ts'

/** What a member of a {@link StandInSpaces} sends in the place of an object; the object itself when it is honest. */
export type Lie = (index: number, bytes: Uint8Array) => Uint8Array

/** Objects among members in this process, without links or an engine: whoever wants one asks a member that has it, at once, and everything arrives. */
export class StandInSpaces {
  readonly #spaces = new Set<StandInSpace>()
  readonly #lies = new Map<string, Lie>()
  /** Objects that went from one to another, and bytes. */
  readonly sent: { from: string; to: string; namespace: string; index: number; bytes: number }[] = []

  /** A member's door. */
  member(peer: string): { open(namespace: string, listener: ObjectListener): ObjectSpace } {
    return {
      open: (namespace, listener) => {
        const space = new StandInSpace(this, peer, namespace, listener)
        this.#spaces.add(space)
        return space
      }
    }
  }

  /** From now on this member sends something else. */
  lies(peer: string, lie: Lie): void {
    this.#lies.set(peer, lie)
  }

  /** It is as if this member had gone. */
  drop(peer: string): void {
    for (const space of [...this.#spaces]) if (space.peer === peer) space.close()
  }

  /** @internal */
  remove(space: StandInSpace): void {
    this.#spaces.delete(space)
  }

  /** @internal */
  whatOf(peer: string, index: number, bytes: Uint8Array): Uint8Array {
    return this.#lies.get(peer)?.(index, bytes) ?? bytes
  }

  /** @internal */
  others(space: StandInSpace): StandInSpace[] {
    return [...this.#spaces].filter(other => other.namespace === space.namespace && other.peer !== space.peer)
  }

  /** @internal Others look again: something is to be had. */
  wake(space: StandInSpace): void {
    for (const other of this.others(space)) other.look()
  }
}

/** A space of {@link StandInSpaces}. */
class StandInSpace implements ObjectSpace {
  readonly namespace: string
  readonly peer: string
  readonly have: Set<number> = new Set()
  readonly want: Set<number> = new Set()
  strategy: ObjectSpace['strategy'] = 'rarestFirst'
  readonly #all: StandInSpaces
  readonly #listener: ObjectListener
  readonly #asked = new Set<number>()
  readonly #requests = new Map<number, { asker: StandInSpace; index: number }>()
  /** Who gave what is wanted again: not asked again while another has it. */
  readonly #gave = new Map<number, Set<string>>()
  #requestID = 0
  #credit = Number.POSITIVE_INFINITY
  #isLooking = false
  #isClosed = false

  constructor(all: StandInSpaces, peer: string, namespace: string, listener: ObjectListener) {
    this.#all = all
    this.peer = peer
    this.namespace = namespace
    this.#listener = listener
  }

  get peers(): number {
    return this.#all.others(this).length
  }

  addHave(start: number, end: number): void {
    for (let index = start; index <= end; index++) this.have.add(index)
    this.#all.wake(this)
  }

  removeHave(start: number, end: number): void {
    for (let index = start; index <= end; index++) this.have.delete(index)
  }

  addWant(start: number, end: number): void {
    for (let index = start; index <= end; index++) this.want.add(index)
    this.look()
  }

  removeWant(start: number, end: number): void {
    for (let index = start; index <= end; index++) this.want.delete(index)
  }

  excuse(start: number, end: number): void {
    for (let index = start; index <= end; index++) this.#gave.delete(index)
  }

  allow(requests: number): void {
    this.#credit = requests
    this.look()
  }

  answer(requestID: number, bytes: Uint8Array): AnswerOutcome {
    const request = this.#requests.get(requestID)
    if (request === undefined) return 'unknown'
    this.#requests.delete(requestID)
    const { asker, index } = request
    const said = this.#all.whatOf(this.peer, index, bytes).slice()
    this.#all.sent.push({
      from: this.peer,
      to: asker.peer,
      namespace: this.namespace,
      index,
      bytes: said.byteLength
    })
    setImmediate(() => asker.take(index, said, this.peer))
    return 'taken'
  }

  deny(requestID: number): boolean {
    const request = this.#requests.get(requestID)
    if (request === undefined) return false
    this.#requests.delete(requestID)
    setImmediate(() => request.asker.fail(request.index))
    return true
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#all.remove(this)
    for (const { asker, index } of this.#requests.values()) asker.fail(index)
    this.#requests.clear()
  }

  take(index: number, bytes: Uint8Array, from: string): void {
    this.#asked.delete(index)
    if (this.#isClosed || !this.want.delete(index)) return
    this.#gave.set(index, (this.#gave.get(index) ?? new Set()).add(from))
    this.#listener.onResult?.(index, bytes, from)
    this.look()
  }

  fail(index: number): void {
    if (this.#isClosed || !this.#asked.delete(index)) return
    this.#listener.onFailed?.(index, 'denied')
    this.look()
  }

  look(): void {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    setImmediate(() => {
      this.#isLooking = false
      this.#ask()
    })
  }

  #ask(): void {
    if (this.#isClosed) return
    const others = this.#all.others(this)
    for (const index of [...this.want].sort((a, b) => a - b)) {
      if (this.#credit < 1) return
      if (this.#asked.has(index)) continue
      const sources = others.filter(other => other.have.has(index))
      const gave = this.#gave.get(index)
      const source = sources.find(({ peer }) => gave?.has(peer) !== true) ?? sources[0]
      if (source === undefined) continue
      this.#credit -= 1
      this.#asked.add(index)
      this.#listener.onSendNotify?.(index)
      source.serve(this, index)
    }
  }

  serve(asker: StandInSpace, index: number): void {
    this.#requestID += 1
    this.#requests.set(this.#requestID, { asker, index })
    this.#listener.onRequest?.(index, this.#requestID)
  }
}
