import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import type { Clock, Timer } from './clock.ts'
import type { Platform } from './platform.ts'

/** Longest a relay may take to connect and reserve, in ms. */
const ATTEMPT_TIMEOUT_MS = 10_000

/** Pause before the next try: 1 s × 2ⁿ up to 60 s, with jitter, so that those who lost a relay do not all return at once. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000

/** How it stands with one relay. */
export interface RelayState {
  /** As it was given. */
  readonly address: string
  readonly state: 'connecting' | 'connected' | 'waiting'
  /** While waiting: when it is tried again. */
  readonly retryAt?: Date
  /** While waiting: why it failed or was lost. */
  readonly reason?: string
}

/** How {@link RelayKeeper} is made. */
export interface RelayKeeperInit {
  readonly address: Multiaddr
  readonly node: Libp2p
  readonly platform: Platform
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** After every change of {@link RelayKeeper.state}. */
  readonly onChange: (keeper: RelayKeeper) => void
}

/** Keeps a reservation at one relay: makes it, hears of its loss, and makes it again, until it is closed. */
export class RelayKeeper {
  readonly #init: RelayKeeperInit
  readonly #abort = new AbortController()
  #state: RelayState
  #peerID: PeerId | undefined
  #failures = 0
  #timer: Timer | undefined

  constructor(init: RelayKeeperInit) {
    this.#init = init
    this.#state = { address: init.address.toString(), state: 'connecting' }
  }

  get state(): RelayState {
    return this.#state
  }

  /** The relay's address with its peer id, once that is known. */
  get address(): Multiaddr | undefined {
    const { address } = this.#init
    if (address.getComponents().some(({ code }) => code === CODE_P2P)) return address
    return this.#peerID === undefined ? undefined : address.encapsulate(`/p2p/${this.#peerID}`)
  }

  start(): void {
    this.#init.node.addEventListener('connection:close', this.#onConnectionClose)
    void this.#attempt()
  }

  close(): void {
    this.#abort.abort(new Error('The connection was closed'))
    this.#timer?.cancel()
    this.#init.node.removeEventListener('connection:close', this.#onConnectionClose)
  }

  async #attempt(): Promise<void> {
    const { address, node, platform } = this.#init
    this.#set({ state: 'connecting' })
    try {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)])
      this.#peerID = await platform.reserve(node, address, signal)
      this.#failures = 0
      this.#set({ state: 'connected' })
    } catch (error) {
      this.#wait(error instanceof Error ? error.message : String(error))
    }
  }

  readonly #onConnectionClose = ({ detail }: CustomEvent<Connection>): void => {
    if (this.#state.state !== 'connected' || this.#peerID?.equals(detail.remotePeer) !== true) return
    if (this.#init.node.getConnections(detail.remotePeer).some(({ status }) => status === 'open')) return
    this.#wait('The connection to the relay was lost')
  }

  #wait(reason: string): void {
    if (this.#abort.signal.aborted) return
    const { clock, random } = this.#init
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LAST_RETRY_MS) * (0.5 + random())
    this.#failures += 1
    this.#timer = clock.setTimer(() => void this.#attempt(), pauseMs)
    this.#set({ state: 'waiting', reason, retryAt: new Date(clock.now() + pauseMs) })
  }

  #set(change: Omit<RelayState, 'address'>): void {
    if (this.#abort.signal.aborted) return
    this.#state = Object.freeze({ address: this.#state.address, ...change })
    this.#init.onChange(this)
  }
}
