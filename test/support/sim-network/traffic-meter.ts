import type { SimMember } from './sim-member.ts'

/** Bytes that members send, from when it is made. */
export class TrafficMeter {
  readonly #members: readonly SimMember[]
  readonly #before: number[][]
  readonly #sinceMs: number

  constructor(members: Iterable<SimMember>, nowMs: number) {
    this.#members = [...members]
    this.#before = this.#counts()
    this.#sinceMs = nowMs
  }

  /** Bytes per second, of each member that is still there, in one kind of frames or in all. Pings, Hello and Goodbye are in 'ping'. */
  perSecond(nowMs: number, kind?: number): number[] {
    const seconds = (nowMs - this.#sinceMs) / 1_000
    return this.#counts().flatMap((counts, index) => {
      if (this.#members[index]?.isAlive !== true) return []
      const before = this.#before[index] ?? []
      const grown = (at: number): number => (counts[at] ?? 0) - (before[at] ?? 0)
      const bytes = kind === undefined ? counts.reduce((sum, _, at) => sum + grown(at), 0) : grown(kind)
      return [bytes / seconds]
    })
  }

  #counts(): number[][] {
    // A ping of one is a pong of another: all are counted before any is read.
    for (const { links } of this.#members) for (const end of links.values()) end.countPings()
    return this.#members.map(({ node }) => [...node.sentBytes])
  }
}
