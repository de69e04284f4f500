import type { Connection } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import { setMaxListeners } from 'main-event'
import type { Clock, Timer } from './clock.ts'
import type { DialStep } from './dial-plan.ts'
import { dialReason } from './dial-reason.ts'

/** One address that was dialed in vain. */
export interface DialAttempt {
  readonly address: string
  /** In words, for people. */
  readonly reason: string
}

/** No address of a plan could be reached. */
export class DialFailure extends Error {
  /** Each address with its own reason, in the order of the plan. */
  readonly attempts: readonly DialAttempt[]

  constructor(attempts: readonly DialAttempt[]) {
    super(
      attempts.map(({ address, reason }) => `${address}: ${reason}`).join('; ') ||
        'there is no address to dial'
    )
    this.name = 'DialFailure'
    this.attempts = attempts
  }
}

/**
 * How long the next address waits when something has answered at one before it, in ms: mostly that is the peer, whose handshake takes its time where machines are busy. Guess; thirty members on two processors
 * made ten dials for each connection without it.
 */
const ANSWERED_MS = 1_000

/**
 * A timer that is late by this, in ms, makes that twice as long, by twice this or more three times: this machine is so busy that it hears late what comes. Measured, thirty members beside a simulation on two processors:
 * they begin 1.7 handshakes for each connection.
 */
const LATE_MS = 500
const MAX_LATE_MS = 2 * LATE_MS

/** A timer that is later than this, in ms, has come before what was to be heard until then. Guess. */
const UNREAD_MS = 50

/** What libp2p's upgrader tells when there is a raw connection, and the handshake begins. Seen in libp2p 3.3.11. */
const ANSWERED_EVENT = 'upgrader:encrypt-outbound-connection'

/** How a {@link DialRace} is run. */
export interface DialRaceInit {
  readonly transports: Pick<TransportManager, 'dial'>
  readonly steps: readonly DialStep[]
  readonly clock: Clock
  /** How many times as long as planned to wait before the next address: more than once when this machine is busy with other dials. @default once */
  readonly patience?: () => number
  /** Gives up what is under way. */
  readonly signal: AbortSignal
}

/**
 * Dials the addresses of one peer side by side, each at its time or as soon as none before it is left; the first connection stands, the others are given up. libp2p's own dial queue takes
 * one address after the other, 6 s each, so that a dead one in front delays all behind it.
 */
export class DialRace {
  readonly #init: DialRaceInit
  /** One per dial: transports listen to it for as long as the connection lives, so the winner's is never aborted. */
  readonly #underWay = new Set<AbortController>()
  /** Of these, those at which something has answered, and since when. */
  readonly #answered = new Map<AbortController, number>()
  readonly #reasons = new Map<DialStep, string>()
  readonly #result = Promise.withResolvers<Connection>()
  readonly #waiting: DialStep[]
  readonly #startMs: number
  /** The dial that began last, and when. */
  #last: { readonly afterMs: number; readonly atMs: number }
  #timer: Timer | undefined
  /** By how much a timer of this race was late at most. */
  #lateMs = 0
  #isOver = false

  private constructor(init: DialRaceInit) {
    this.#init = init
    this.#waiting = [...init.steps].sort((a, b) => a.afterMs - b.afterMs)
    this.#startMs = init.clock.now()
    this.#last = { afterMs: 0, atMs: this.#startMs }
  }

  /** @throws DialFailure with each address and its reason; also when the signal aborts */
  static async run(init: DialRaceInit): Promise<Connection> {
    const race = new DialRace(init)
    const onAbort = (): void => race.#end(() => race.#result.reject(race.#failure()))
    init.signal.addEventListener('abort', onAbort)
    try {
      if (init.signal.aborted) onAbort()
      else race.#next()
      return await race.#result.promise
    } finally {
      init.signal.removeEventListener('abort', onAbort)
    }
  }

  /** Starts what is due. With nothing under way, the next one is. */
  #next(): void {
    if (this.#isOver) return
    this.#timer?.cancel()
    let waitMs = this.#waitMs()
    for (; waitMs !== undefined && waitMs <= 0; waitMs = this.#waitMs())
      void this.#dial(this.#waiting.shift() as DialStep)
    if (waitMs !== undefined) this.#wait(waitMs)
    else if (this.#underWay.size === 0) this.#end(() => this.#result.reject(this.#failure()))
  }

  #wait(ms: number): void {
    const { clock } = this.#init
    const dueMs = clock.now() + ms
    this.#timer = clock.setTimer(() => {
      const lateMs = clock.now() - dueMs
      this.#lateMs = Math.min(Math.max(this.#lateMs, lateMs), MAX_LATE_MS)
      // What has come meanwhile is to be heard first.
      if (lateMs > UNREAD_MS) this.#timer = clock.setTimer(() => this.#next(), 1)
      else this.#next()
    }, ms)
  }

  /** How long until the next dial, in ms; undefined when there is none left. */
  #waitMs(): number | undefined {
    const [next] = this.#waiting
    if (next === undefined) return undefined
    if (this.#underWay.size === 0) return 0
    const now = this.#init.clock.now()
    const patience = this.#init.patience?.() ?? 1
    const plannedMs = this.#startMs + next.afterMs * patience
    if (this.#answered.size === 0) return plannedMs - now
    // By then all the others are due: still one after the other.
    const afterLastMs = this.#last.atMs + (next.afterMs - this.#last.afterMs) * patience
    const answeredMs =
      Math.max(...this.#answered.values()) + ANSWERED_MS * (patience + this.#lateMs / LATE_MS)
    return Math.max(plannedMs, afterLastMs, answeredMs) - now
  }

  async #dial(step: DialStep): Promise<void> {
    const controller = new AbortController()
    this.#last = { afterMs: step.afterMs, atMs: this.#init.clock.now() }
    // libp2p listens to it at every step, and takes no listener away before the end.
    setMaxListeners(Number.POSITIVE_INFINITY, controller.signal)
    this.#underWay.add(controller)
    try {
      const connection = await this.#init.transports.dial(step.address, {
        signal: controller.signal,
        onProgress: event => {
          if (!hasBegun(event) || !this.#underWay.has(controller)) return
          this.#answered.set(controller, this.#init.clock.now())
          this.#next()
        }
      })
      this.#forget(controller)
      if (this.#isOver) connection.abort(faster())
      else this.#end(() => this.#result.resolve(connection))
    } catch (error) {
      this.#forget(controller)
      if (this.#isOver) return
      this.#reasons.set(step, dialReason(error))
      this.#next()
    }
  }

  #forget(controller: AbortController): void {
    this.#underWay.delete(controller)
    this.#answered.delete(controller)
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer?.cancel()
    settle()
    for (const controller of this.#underWay) controller.abort(faster())
  }

  #failure(): DialFailure {
    const { steps, signal } = this.#init
    const unanswered = signal.aborted ? dialReason(signal.reason) : 'not tried'
    return new DialFailure(
      steps.map(step => ({ address: step.address.toString(), reason: this.#reasons.get(step) ?? unanswered }))
    )
  }
}

/** Has something answered, so that the handshake begins? What the upgrader tells is not in the type of what the manager passes on. */
export function hasBegun({ type }: { readonly type: string }): boolean {
  return type === ANSWERED_EVENT
}

function faster(): Error {
  return new Error('Another path was faster, or none is wanted')
}
