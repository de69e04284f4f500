import type { AbortOptions, Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { peerOf } from './addresses.ts'
import type { Clock, Timer } from './clock.ts'
import { inOrder } from './dial-plan.ts'
import { type DialAttempt, DialFailure } from './dial-race.ts'
import { dialReason } from './dial-reason.ts'
import type { PeerPaths } from './peer-paths.ts'
import type { IceServer, Platform } from './platform.ts'
import { readRelayInfo } from './relay-info.ts'
import type { RelaySource } from './relay-source.ts'

/** Longest a relay may take to connect and reserve, in ms. */
const ATTEMPT_TIMEOUT_MS = 10_000

/** Longest it may take to tell its servers, in ms: it is in use without them. */
const INFO_TIMEOUT_MS = 3_000

/** Longest a relay may take to answer when the network has changed, in ms. */
const CHECK_TIMEOUT_MS = 4_000

/**
 * Pause before the next try: 1 s × 2ⁿ up to 5 s, so that a group is whole again within 10 s of a relay's restart; after ten minutes without success up to 30 s. With jitter, so that those who
 * lost a relay do not all return at once.
 */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 5_000
const LONG_OUTAGE_MS = 600_000
const LONG_OUTAGE_RETRY_MS = 30_000

/** How it stands with one relay. */
export interface RelayState {
  /** As it was given. */
  readonly address: string
  readonly state: 'connecting' | 'connected' | 'waiting'
  /** While connected: until when others are let through to this peer. It is renewed before. */
  readonly reservedUntil?: Date
  /** While waiting: when it is tried again. */
  readonly retryAt?: Date
  /** While waiting: why it failed or was lost. */
  readonly reason?: string
}

/** How {@link RelayKeeper} is made. */
export interface RelayKeeperInit {
  readonly source: RelaySource
  readonly node: Libp2p
  readonly platform: Pick<Platform, 'reserve' | 'reservationOf'>
  readonly paths: Pick<PeerPaths, 'dial'>
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** After every change of {@link RelayKeeper.state}. */
  readonly onChange: (keeper: RelayKeeper) => void
  /** The relay's STUN and TURN servers. */
  readonly onIceServers: (keeper: RelayKeeper, servers: readonly IceServer[]) => void
}

/** Keeps a reservation at one relay: makes it, hears of its loss, and makes it again (libp2p does not: js-libp2p #3601), until it is closed. */
export class RelayKeeper {
  readonly #init: RelayKeeperInit
  readonly #abort = new AbortController()
  #state: RelayState
  #attempts: readonly DialAttempt[] = []
  #connection: Connection | undefined
  #address: Multiaddr | undefined
  #failures = 0
  #lostAtMs = 0
  #timer: Timer | undefined
  #underWay: { readonly abort: AbortController; readonly done: Promise<void> } | undefined

  constructor(init: RelayKeeperInit) {
    this.#init = init
    this.#state = { address: init.source.name, state: 'connecting' }
  }

  get state(): RelayState {
    return this.#state
  }

  /** Each address that was tried last in vain, with its own reason. */
  get attempts(): readonly DialAttempt[] {
    return this.#attempts
  }

  /** Where the relay was reached, with its peer id; undefined before it was. */
  get address(): Multiaddr | undefined {
    return this.#address
  }

  start(): void {
    const { node, clock } = this.#init
    this.#lostAtMs = clock.now()
    node.addEventListener('connection:close', this.#onConnectionClose)
    node.addEventListener('self:peer:update', this.#onAddresses)
    this.#begin()
  }

  /** Ends a try that is under way, as if its time were over: for whoever wants to know now how it stands. */
  async giveUpTry(): Promise<void> {
    this.#underWay?.abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    await this.#underWay?.done
  }

  close(): void {
    const { node } = this.#init
    this.#abort.abort(new Error('The connection was closed'))
    this.#timer?.cancel()
    node.removeEventListener('connection:close', this.#onConnectionClose)
    node.removeEventListener('self:peer:update', this.#onAddresses)
  }

  /** The network of this machine is another one: tries at once where it waited, and looks whether a relay that seems connected still answers. */
  hurry(): void {
    this.#failures = 0
    if (this.#state.state === 'waiting') this.#begin()
    else if (this.#connection !== undefined) void this.#check(this.#connection)
  }

  #begin(): void {
    this.#timer?.cancel()
    const abort = new AbortController()
    const done = this.#attempt(AbortSignal.any([abort.signal, this.#within(ATTEMPT_TIMEOUT_MS)]))
    this.#underWay = { abort, done }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { source } = this.#init
    this.#set({ state: 'connecting' })
    try {
      const connection = await this.#connect(await source.addresses(signal), signal)
      const { reservedUntil } = await this.#init.platform.reserve(this.#init.node, connection, signal)
      this.#connection = connection
      this.#address = connection.remoteAddr
      await this.#askForServers(connection, { signal: this.#within(INFO_TIMEOUT_MS) }).catch(() => {})
      // Lost already, before anybody could hear it.
      if (connection.status !== 'open') throw new Error('The connection to the relay was lost')
      this.#failures = 0
      this.#attempts = []
      this.#set({ state: 'connected', reservedUntil })
    } catch (error) {
      this.#connection = undefined
      const reason = dialReason(error)
      this.#attempts = error instanceof DialFailure ? error.attempts : [{ address: source.name, reason }]
      this.#wait(this.#attempts.length === 1 ? (this.#attempts[0]?.reason ?? reason) : reason)
    }
  }

  /** The connection to it that stands, or a new one. */
  async #connect(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
    const { node, paths } = this.#init
    const peers = new Set(addresses.map(peerOf))
    const standing = node
      .getConnections()
      .find(
        ({ remotePeer, limits, status }) =>
          status === 'open' && limits === undefined && peers.has(remotePeer.toString())
      )
    return standing ?? (await paths.dial(inOrder(addresses), signal))
  }

  async #askForServers(connection: Connection, options: Required<AbortOptions>): Promise<void> {
    const { iceServers } = await readRelayInfo(connection, options)
    this.#init.onIceServers(this, iceServers)
  }

  async #check(connection: Connection): Promise<void> {
    try {
      await this.#askForServers(connection, { signal: this.#within(CHECK_TIMEOUT_MS) })
    } catch (error) {
      if (!this.#abort.signal.aborted)
        connection.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  readonly #onConnectionClose = ({ detail }: CustomEvent<Connection>): void => {
    if (this.#state.state === 'connected' && detail.id === this.#connection?.id)
      this.#lose('The connection to the relay was lost')
  }

  /** The relay may have ended the reservation, or refused to renew it, with the connection still there. */
  readonly #onAddresses = (): void => {
    const { node, platform } = this.#init
    if (this.#state.state !== 'connected' || this.#connection === undefined) return
    const reservation = platform.reservationOf(node, this.#connection.remotePeer)
    if (reservation === undefined) this.#lose('The relay ended the reservation')
    else if (reservation.reservedUntil.getTime() !== this.#state.reservedUntil?.getTime())
      this.#set({ state: 'connected', ...reservation })
  }

  #lose(reason: string): void {
    this.#connection = undefined
    this.#lostAtMs = this.#init.clock.now()
    this.#wait(reason)
  }

  #wait(reason: string): void {
    if (this.#abort.signal.aborted) return
    const { clock, random } = this.#init
    const longestMs = clock.now() - this.#lostAtMs < LONG_OUTAGE_MS ? LAST_RETRY_MS : LONG_OUTAGE_RETRY_MS
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, longestMs) * (0.5 + random() / 2)
    this.#failures += 1
    this.#timer = clock.setTimer(() => this.#begin(), pauseMs)
    this.#set({ state: 'waiting', reason, retryAt: new Date(clock.now() + pauseMs) })
  }

  #set(change: Omit<RelayState, 'address'>): void {
    if (this.#abort.signal.aborted) return
    this.#state = Object.freeze({ address: this.#state.address, ...change })
    this.#init.onChange(this)
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ms)])
  }
}
