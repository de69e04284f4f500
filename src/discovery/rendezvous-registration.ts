// One group at one relay: what we told it about us, and how far we have read what it knows.
import type { Libp2p, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { usefulFirst } from '../net/addresses.ts'
import type { Clock } from '../net/clock.ts'
import type { OnPeer } from '../net/discovery.ts'
import { openPeerRecord, signPeerRecord } from '../net/signed-peer-record.ts'
import { MAX_DISCOVER_LIMIT, MAX_SIGNED_RECORD_BYTES, ResponseStatus } from '../wire/rendezvous-protocol.ts'
import { RendezvousClient, RendezvousError } from './rendezvous-client.ts'

/** How often a new sample is taken instead of asking for what is new, in ms: joins parts of a group that lost each other (guess). */
const RESAMPLE_MS = 600_000

/** Pages read at once: 1,000 newcomers are enough, the rest comes with the next poll. */
const MAX_PAGES = 10

/** How a {@link RendezvousRegistration} is made: see RendezvousDiscoveryInit. */
export interface RendezvousRegistrationInit {
  libp2p: Pick<Libp2p, 'peerId' | 'dialProtocol' | 'getMultiaddrs' | 'getConnections'>
  /** What to dial. */
  relay: Multiaddr | PeerId
  /** Who answers there. */
  relayID: PeerId
  namespace: string
  privateKey: PrivateKey
  onPeer: OnPeer
  ttlSeconds?: number
  clock: Clock
  log: Logger
  /** After how many ms to ask again when the relay refused to register us. */
  retryAfterMs: number
}

/** Keeps us registered and tells who else is. It acts only when it is told to: the timing is RendezvousDiscovery's. */
export class RendezvousRegistration {
  readonly #init: RendezvousRegistrationInit
  readonly #client: RendezvousClient
  #held: { addresses: string; renewAtMs: number } | undefined
  #mayBeKnown = false
  #isAborted = false
  #cookie: Uint8Array | undefined
  #sampledAtMs = 0
  #sequence = 0

  constructor(init: RendezvousRegistrationInit) {
    this.#init = init
    this.#client = new RendezvousClient(init.libp2p, init.relay, init.clock)
  }

  /** Does the relay know us, with the addresses we have now? */
  get isCurrent(): boolean {
    return this.#held?.addresses === textOf(this.#init.libp2p.getMultiaddrs())
  }

  /** How long until it has to be renewed, in ms: half of its life. Infinite when there is nothing to renew. */
  get renewInMs(): number {
    if (this.#held === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#held.renewAtMs - this.#init.clock.now())
  }

  /**
   * Registers if there is reason to, then asks who is there and tells whom it has not told yet.
   *
   * @returns how many it told
   * @throws Error when the relay cannot be asked: then it has to be told of us again
   */
  async refresh(): Promise<number> {
    this.#isAborted = false
    try {
      await this.#register()
      return await this.#discover()
    } catch (error) {
      this.forget()
      const isOtherLife = error instanceof RendezvousError && error.status === ResponseStatus.E_INVALID_COOKIE
      if (!isOtherLife || this.#cookie === undefined) throw error
      // Another life of the server: it knows neither the cookie nor us.
      this.#cookie = undefined
      return this.refresh()
    }
  }

  /** The relay may have forgotten us: the next {@link refresh} registers again. */
  forget(): void {
    this.#held = undefined
  }

  /** Makes what is being asked reject, and tells nobody any more until the next {@link refresh}. */
  abort(): void {
    this.#isAborted = true
    this.#client.abort()
  }

  /** Unregisters, if there is a connection to do it on. Never rejects: the relay forgets us soon anyway. */
  async end(): Promise<void> {
    const { libp2p, relayID, namespace, log } = this.#init
    const isWorthwhile = this.#mayBeKnown && libp2p.getConnections(relayID).length > 0
    this.#held = undefined
    this.#cookie = undefined
    this.#mayBeKnown = false
    if (isWorthwhile)
      await this.#client.unregister(namespace).catch(error => log('left without a word - %e', error))
  }

  async #register(): Promise<void> {
    const { libp2p, clock, privateKey, namespace, ttlSeconds, log, retryAfterMs } = this.#init
    const multiaddrs = usefulFirst(libp2p.getMultiaddrs())
    if (multiaddrs.length === 0 || (this.isCurrent && this.renewInMs > 0)) return
    const addresses = textOf(multiaddrs)
    const nowMs = clock.now()
    this.#sequence = Math.max(this.#sequence + 1, nowMs)
    const sealing = { sequence: BigInt(this.#sequence), maxBytes: MAX_SIGNED_RECORD_BYTES }
    const record = await signPeerRecord(multiaddrs, privateKey, sealing)
    this.#throwIfAborted()
    try {
      this.#mayBeKnown = true
      const seconds = await this.#client.register(namespace, record, ttlSeconds)
      this.#held = { addresses, renewAtMs: nowMs + seconds * 500 }
    } catch (error) {
      if (!(error instanceof RendezvousError)) throw error
      // Others can still be found, and find us by being dialed.
      log.error('not registered - %e', error)
      this.#held = { addresses, renewAtMs: nowMs + retryAfterMs }
    }
  }

  async #discover(): Promise<number> {
    const nowMs = this.#init.clock.now()
    if (nowMs - this.#sampledAtMs >= RESAMPLE_MS) this.#cookie = undefined
    if (this.#cookie === undefined) this.#sampledAtMs = nowMs
    let told = 0
    for (let page = 0; page < MAX_PAGES; page++) {
      this.#throwIfAborted()
      const { records, cookie } = await this.#client.discover(this.#init.namespace, this.#cookie)
      this.#cookie = cookie
      for (const record of records) if (await this.#tell(record)) told++
      if (records.length < MAX_DISCOVER_LIMIT || cookie === undefined) break
    }
    return told
  }

  #throwIfAborted(): void {
    if (this.#isAborted) throw new Error('no longer wanted')
  }

  async #tell(bytes: Uint8Array): Promise<boolean> {
    try {
      const { peerID, multiaddrs } = await openPeerRecord(bytes)
      if (this.#isAborted || peerID.equals(this.#init.libp2p.peerId) || multiaddrs.length === 0) return false
      this.#init.onPeer({ peerID, multiaddrs, source: 'rendezvous' })
      return true
    } catch (error) {
      this.#init.log.error('a record that is not valid was passed on - %e', error)
      return false
    }
  }
}

function textOf(multiaddrs: Multiaddr[]): string {
  return multiaddrs.map(String).sort().join()
}
