// Members found through a relay's rendezvous server.
//
// A newcomer registers, asks for a sample and dials: those who are there hear of it at once by being dialed. So polling only has to catch
// what that misses (two who came at the same moment, members whose dial failed), and may be slow. Everything is tried again for as long
// as it runs; a relay that forgot us, because it restarted or our connection was gone for long, is told of us again.
import type { Libp2p, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { type Clock, systemClock, type Timer } from '../net/clock.ts'
import type { Discovery, OnPeer } from '../net/discovery.ts'
import { peerOfAddress } from '../net/signed-peer-record.ts'
import { RendezvousRegistration } from './rendezvous-registration.ts'

/** Time to the second poll, in ms; each one that finds nobody makes it half as long again (guess). */
export const DEFAULT_MIN_POLL_MS = 5_000

/** Longest time between polls, in ms (guess: a newcomer whose dials all fail is found a minute late). */
export const DEFAULT_MAX_POLL_MS = 60_000

/** First wait after a failure, in ms, doubled by each further one up to {@link DEFAULT_MAX_POLL_MS} (guess). */
const MIN_BACKOFF_MS = 1_000

/** Addresses come one by one while transports start and relays accept us: one registration for all of them (guess). */
const ADDRESSES_SETTLE_MS = 100

/** What this discovery needs of a libp2p node. */
export type RendezvousNode = Pick<
  Libp2p,
  | 'peerId'
  | 'dialProtocol'
  | 'getMultiaddrs'
  | 'getConnections'
  | 'addEventListener'
  | 'removeEventListener'
  | 'logger'
>

/** How {@link rendezvousDiscovery} is made. */
export interface RendezvousDiscoveryInit {
  libp2p: RendezvousNode
  /** The relay: an address that ends with `/p2p/<peer id>`, or the id of a peer whose addresses libp2p knows. */
  relay: Multiaddr | PeerId
  /** The group's. */
  namespace: string
  /** The key of `libp2p.peerId`: signs the records. */
  privateKey: PrivateKey
  onPeer: OnPeer
  /** TTL asked for, in seconds. @default the server's, 2 h */
  ttlSeconds?: number
  /** @default {@link DEFAULT_MIN_POLL_MS} */
  minPollMs?: number
  /** @default {@link DEFAULT_MAX_POLL_MS} */
  maxPollMs?: number
  /** @default {@link systemClock} */
  clock?: Clock
  /** Uniform in [0, 1): spreads the polls of many. @default Math.random */
  random?: () => number
}

/**
 * Registers at one relay and finds those who are registered there. Tells only peers whose signed record was verified.
 *
 * @throws TypeError when the relay's address does not end with its peer id
 */
export function rendezvousDiscovery(init: RendezvousDiscoveryInit): Discovery {
  return new RendezvousDiscovery(init)
}

class RendezvousDiscovery implements Discovery {
  readonly #libp2p: RendezvousNode
  readonly #relay: PeerId
  readonly #registration: RendezvousRegistration
  readonly #minPollMs: number
  readonly #maxPollMs: number
  readonly #clock: Clock
  readonly #random: () => number
  readonly #log: Logger
  #running: Promise<void> | undefined
  #isStopped = true
  #settling: Timer | undefined
  #wake: (() => void) | undefined
  #isWoken = false

  constructor(init: RendezvousDiscoveryInit) {
    const relay = isMultiaddr(init.relay) ? peerOfAddress(init.relay) : init.relay
    if (relay === undefined)
      throw new TypeError(`A relay's address must end with /p2p/<peer id>: ${String(init.relay)}`)
    this.#libp2p = init.libp2p
    this.#relay = relay
    this.#minPollMs = init.minPollMs ?? DEFAULT_MIN_POLL_MS
    this.#maxPollMs = init.maxPollMs ?? DEFAULT_MAX_POLL_MS
    this.#clock = init.clock ?? systemClock
    this.#random = init.random ?? Math.random
    this.#log = init.libp2p.logger.forComponent('netgroup:rendezvous')
    this.#registration = new RendezvousRegistration({
      ...init,
      relayID: relay,
      clock: this.#clock,
      log: this.#log,
      retryAfterMs: this.#maxPollMs
    })
  }

  async start(): Promise<void> {
    await this.#running
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#isWoken = false
    for (const event of ADDRESS_EVENTS) this.#libp2p.addEventListener(event, this.#onAddresses)
    this.#libp2p.addEventListener('peer:connect', this.#onConnect)
    this.#libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const event of ADDRESS_EVENTS) this.#libp2p.removeEventListener(event, this.#onAddresses)
    this.#libp2p.removeEventListener('peer:connect', this.#onConnect)
    this.#libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#settling?.cancel()
    this.#registration.abort()
    this.#wakeUp()
    await this.#running
  }

  async #run(): Promise<void> {
    let pollMs = this.#minPollMs
    let backoffMs = MIN_BACKOFF_MS
    while (!this.#isStopped) {
      try {
        const found = await this.#registration.refresh()
        pollMs = found > 0 ? this.#minPollMs : Math.min(pollMs * 1.5, this.#maxPollMs)
        backoffMs = MIN_BACKOFF_MS
        await this.#sleep(Math.min(pollMs * (0.8 + 0.4 * this.#random()), this.#registration.renewInMs))
      } catch (error) {
        if (this.#isStopped) break
        this.#log('the relay %p could not be asked - %e', this.#relay, error)
        await this.#sleep(this.#jittered(backoffMs))
        backoffMs = Math.min(backoffMs * 2, this.#maxPollMs)
      }
    }
    await this.#registration.end()
    this.#running = undefined
  }

  async #sleep(ms: number): Promise<void> {
    if (!this.#isStopped && !this.#isWoken)
      await new Promise<void>(resolve => {
        const timer = this.#clock.setTimer(resolve, ms)
        this.#wake = () => {
          timer.cancel()
          resolve()
        }
      })
    this.#wake = undefined
    this.#isWoken = false
  }

  #wakeUp(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  #wakeLater(afterMs: number): void {
    this.#settling?.cancel()
    this.#settling = this.#clock.setTimer(() => {
      if (!this.#registration.isCurrent) this.#wakeUp()
    }, afterMs)
  }

  /** Between half of it and all of it, so that the members of a relay that restarts do not come all at once. */
  #jittered(ms: number): number {
    return ms * (0.5 + 0.5 * this.#random())
  }

  readonly #onAddresses = (): void => this.#wakeLater(ADDRESSES_SETTLE_MS)

  readonly #onConnect = (event: CustomEvent<PeerId>): void => {
    // While a round is under way it is this round that has connected.
    if (event.detail.equals(this.#relay) && this.#wake !== undefined) this.#wakeUp()
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    if (!event.detail.equals(this.#relay)) return
    this.#registration.forget()
    this.#wakeLater(this.#jittered(MIN_BACKOFF_MS))
  }
}

const ADDRESS_EVENTS = ['self:peer:update', 'transport:listening', 'transport:close'] as const
