import { MAX_DIALS, MAX_DIALS_PER_REPORTER, MAX_DIALS_PER_SECOND } from '../../wire/limits.ts'
import type { KnownMember } from './known-member.ts'

/**
 * Dials that are young, and not over: how many there may be at once grows with each that is quick and is halved by each that is slow, as TCP does with what it has under way (RFC 5681). On a busy machine, or towards one,
 * more at once only make all of them late: without this thirty members on two processors kept each other from ever finishing. Dials older than two seconds wait for somebody who does not answer, and cost nothing.
 * Numbers: guess; a handshake takes a tenth of a second where nobody is busy.
 */
const FIRST_WINDOW = 2
const LAST_WINDOW = 8
const YOUNG_MS = 2_000
const QUICK_MS = 1_000
const SLOW_MS = 2_000

/**
 * The least of it for who needs a few neighbors at once, for so many ms; not for so many ms after a dial that was not quick, since the machine is busy then. Measured, 500 viewers of whom one in ten is
 * replaced per minute: the 95th percentile of who comes sees a picture after 1.7 to 2.1 s instead of 2.2 to 2.4.
 */
const HURRIED_WINDOW = 6
const HURRY_MS = 2_000
const CALM_MS = 10_000

/**
 * When the next dial may begin: however many members others tell of, no more than {@link MAX_DIALS_PER_SECOND} in any second, {@link MAX_DIALS} at once, and few of them on one neighbor's
 * word alone, so that a liar's inventions do not keep the others waiting.
 */
export class DialPace {
  /** When the last dials began. */
  readonly #begunAtMs: number[] = []
  /** Dials under way, with whose word alone each is on, and since when. */
  readonly #underWay = new Map<string, { readonly reporter: string | undefined; readonly atMs: number }>()

  /** Young dials that there may be at once. */
  #window = FIRST_WINDOW
  #hurriedUntilMs = Number.NEGATIVE_INFINITY
  #calmUntilMs = Number.NEGATIVE_INFINITY

  get underWay(): number {
    return this.#underWay.size
  }

  /** A few neighbors are needed as soon as can be. */
  hurry(nowMs: number): void {
    this.#hurriedUntilMs = nowMs + HURRY_MS
  }

  /** May this one be dialed now? */
  allows(member: KnownMember, nowMs: number): boolean {
    if (member.isWanted) return true
    if (this.#underWay.size >= MAX_DIALS || this.waitMs(nowMs) > 0) return false
    let young = 0
    for (const { atMs } of this.#underWay.values()) if (nowMs - atMs < YOUNG_MS) young += 1
    if (young >= this.#windowAt(nowMs)) return false
    return !this.isHeldBack(member)
  }

  /** Are as many being dialed as may be on the word of the neighbor who alone tells of this one? */
  isHeldBack(member: KnownMember): boolean {
    const reporter = member.onlyReporter
    if (reporter === undefined || this.#underWay.size < MAX_DIALS_PER_REPORTER) return false
    let count = 0
    for (const other of this.#underWay.values()) if (other.reporter === reporter) count += 1
    return count >= MAX_DIALS_PER_REPORTER
  }

  /** How long until the second of the last dials is over, in ms; 0 when one may begin. */
  waitMs(nowMs: number): number {
    if (this.#begunAtMs.length < MAX_DIALS_PER_SECOND) return 0
    return Math.max(0, (this.#begunAtMs[0] as number) + 1_000 - nowMs)
  }

  onBegun(member: KnownMember, nowMs: number): void {
    this.#underWay.set(member.peer, { reporter: member.onlyReporter, atMs: nowMs })
    if (member.isWanted) return
    this.#begunAtMs.push(nowMs)
    if (this.#begunAtMs.length > MAX_DIALS_PER_SECOND) this.#begunAtMs.shift()
  }

  onFailed(peer: string): void {
    this.#underWay.delete(peer)
  }

  /** There is a link, of this dial or of the other side's. */
  onLinked(peer: string, nowMs: number): void {
    const dial = this.#underWay.get(peer)
    if (dial === undefined) return
    this.#underWay.delete(peer)
    const tookMs = nowMs - dial.atMs
    if (tookMs < QUICK_MS) this.#window = Math.min(this.#window + 1, LAST_WINDOW)
    else this.#calmUntilMs = nowMs + CALM_MS
    if (tookMs > SLOW_MS) this.#window = Math.max(1, Math.floor(this.#window / 2))
  }

  #windowAt(nowMs: number): number {
    const isHurried = nowMs < this.#hurriedUntilMs && nowMs >= this.#calmUntilMs
    return isHurried ? Math.max(this.#window, HURRIED_WINDOW) : this.#window
  }
}
