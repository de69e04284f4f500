// Who is registered where: the rendezvous server without its network. Time and randomness are arguments, so that every rule can be
// tested on a clock of its own.
//
// Every registration gets the next number of one counter. A namespace keeps its registrations in the order of these numbers, so "what
// came after number n" is its tail, and the cookie that a client holds is nothing but the life of this server and a number.
//
// Where it differs from the specification, on purpose: a discover without a namespace is refused (a namespace is known to members only,
// and listing them would tell every group that uses this relay); TTLs under 2 h are admitted; a registration ends soon after its peer's
// last connection, since an address behind a relay that holds no connection to the peer is of no use; and a first discover gets a random
// sample rather than the oldest registrations, so that the neighbors of newcomers spread over the group.
import {
  DEFAULT_TTL_SECONDS,
  MAX_DISCOVER_LIMIT,
  MAX_NAMESPACE_BYTES,
  MAX_TTL_SECONDS,
  ResponseStatus
} from '../wire/rendezvous-protocol.ts'
import { type RegistrationEntry, RegistrationTable } from './registration-table.ts'
import { RendezvousCookies } from './rendezvous-cookies.ts'

/**
 * Registrations of one peer. A member has one per group, so this is groups per connection. The specification recommends 1,000; guess:
 * few people are in more than a dozen groups.
 */
export const DEFAULT_MAX_REGISTRATIONS_PER_PEER = 64

/** Registrations in all. At 4 KiB each, the largest record, this is 256 MiB; at the usual 300 bytes some 20 MiB. */
export const DEFAULT_MAX_REGISTRATIONS = 65_536

/**
 * How long registrations outlive their peer's last connection, in ms: a change of networks ends nothing, and newcomers do not dial for long who is gone (guess: a phone that goes
 * from Wi-Fi to mobile data takes 2 to 5 s).
 */
export const DEFAULT_DISCONNECT_GRACE_MS = 10_000

/** How a {@link RendezvousRegistry} is made. */
export interface RendezvousRegistryInit {
  /** This server's life, {@link LIFE_BYTES} random bytes: cookies of another life are refused. */
  life: Uint8Array
  /** Uniform in [0, 1): chooses the samples. */
  random: () => number
  /** @default {@link DEFAULT_MAX_REGISTRATIONS_PER_PEER} */
  maxRegistrationsPerPeer?: number
  /** @default {@link DEFAULT_MAX_REGISTRATIONS} */
  maxRegistrations?: number
  /** @default {@link DEFAULT_DISCONNECT_GRACE_MS} */
  disconnectGraceMs?: number
}

/** A REGISTER whose record has been verified. */
export interface Registering {
  /** The peer's id as text. */
  peer: string
  namespace: string | undefined
  signedPeerRecord: Uint8Array
  /** What the record says about where the peer is, as one text: when it changes, those who poll are told. */
  addresses: string
  /** Seconds. Absent or 0: {@link DEFAULT_TTL_SECONDS}. */
  ttl: bigint | undefined
}

/** What a REGISTER led to. `ttlSeconds` only when `status` is OK. */
export interface Registered {
  status: ResponseStatus
  ttlSeconds?: number
}

/** A DISCOVER. */
export interface Discovering {
  namespace: string | undefined
  /** Absent or 0: {@link MAX_DISCOVER_LIMIT}, which is also the most. */
  limit: bigint | undefined
  /** From an earlier answer: asks for what came after it. */
  cookie: Uint8Array | undefined
}

/** One registration as a discover sees it. */
export interface Registration {
  readonly namespace: string
  readonly signedPeerRecord: Uint8Array
  /** What is left of it. */
  readonly ttlSeconds: number
}

/** What a DISCOVER led to. `cookie` only when `status` is OK. */
export interface Discovered {
  status: ResponseStatus
  registrations: Registration[]
  cookie?: Uint8Array
}

/** The registrations of one rendezvous server. Never throws for what a peer sends: it answers a status. */
export class RendezvousRegistry {
  readonly #table: RegistrationTable
  readonly #cookies: RendezvousCookies
  readonly #random: () => number
  readonly #maxPerPeer: number
  readonly #max: number
  #counter = 0

  constructor(init: RendezvousRegistryInit) {
    this.#table = new RegistrationTable(init.disconnectGraceMs ?? DEFAULT_DISCONNECT_GRACE_MS)
    this.#cookies = new RendezvousCookies(init.life)
    this.#random = init.random
    this.#maxPerPeer = init.maxRegistrationsPerPeer ?? DEFAULT_MAX_REGISTRATIONS_PER_PEER
    this.#max = init.maxRegistrations ?? DEFAULT_MAX_REGISTRATIONS
  }

  /** Registrations that take room, with those that ended since the last {@link expire}. */
  get size(): number {
    return this.#table.size
  }

  /**
   * Registers a peer, or renews it. A renewal with the same addresses keeps its number, so those who poll do not hear of it again.
   * E_NOT_AUTHORIZED over the peer's limit, E_UNAVAILABLE over the server's.
   */
  register(request: Registering, nowMs: number): Registered {
    const { namespace, peer, signedPeerRecord, addresses } = request
    if (!isNamespace(namespace)) return { status: ResponseStatus.E_INVALID_NAMESPACE }
    const ttl = request.ttl === undefined || request.ttl === 0n ? BigInt(DEFAULT_TTL_SECONDS) : request.ttl
    if (ttl > MAX_TTL_SECONDS) return { status: ResponseStatus.E_INVALID_TTL }
    this.peerCame(peer, nowMs)
    const before = this.#table.get(namespace, peer, nowMs)
    const refused = before === undefined ? this.#refusal(peer, nowMs) : undefined
    if (refused !== undefined) return { status: refused }
    const number = before?.addresses === addresses ? before.number : ++this.#counter
    const ttlSeconds = Number(ttl)
    this.#table.put({
      peer,
      namespace,
      number,
      signedPeerRecord,
      addresses,
      endsAtMs: nowMs + ttlSeconds * 1000
    })
    return { status: ResponseStatus.OK, ttlSeconds }
  }

  /** Ends a registration at once. None there: nothing happens. */
  unregister(peer: string, namespace: string | undefined): void {
    if (namespace !== undefined) this.#table.remove(namespace, peer)
  }

  /**
   * Without a cookie a random sample of those registered; with one those registered after it, oldest first. The new cookie stands behind
   * what was answered, so that asking again goes on from there.
   */
  discover(request: Discovering, nowMs: number): Discovered {
    const { namespace, cookie } = request
    if (!isNamespace(namespace)) return { status: ResponseStatus.E_INVALID_NAMESPACE, registrations: [] }
    const limit = limitOf(request.limit)
    const entries = this.#table.in(namespace, nowMs)
    if (cookie === undefined || cookie.byteLength === 0)
      return this.#answer(this.#sample(entries, limit), this.#counter, nowMs)
    const after = this.#cookies.read(cookie)
    if (after === undefined || after > this.#counter)
      return { status: ResponseStatus.E_INVALID_COOKIE, registrations: [] }
    const news = entries.filter(entry => entry.number > after)
    const last = news.length > limit ? news[limit - 1]?.number : undefined
    return this.#answer(news.slice(0, limit), last ?? this.#counter, nowMs)
  }

  /** The peer's last connection closed: its registrations end after the grace, unless it comes back. */
  peerLeft(peer: string, nowMs: number): void {
    this.#table.peerLeft(peer, nowMs)
  }

  /** The peer has a connection again. What has ended meanwhile stays ended. */
  peerCame(peer: string, nowMs: number): void {
    this.#table.peerCame(peer, nowMs)
  }

  /** Frees what has ended. Call it now and then: nothing that has ended is ever answered, it only takes room. */
  expire(nowMs: number): void {
    this.#table.expire(nowMs)
  }

  #refusal(peer: string, nowMs: number): ResponseStatus | undefined {
    if (this.#table.countOf(peer, nowMs) >= this.#maxPerPeer) return ResponseStatus.E_NOT_AUTHORIZED
    return this.#table.size >= this.#max ? ResponseStatus.E_UNAVAILABLE : undefined
  }

  /** The first `count` of a shuffle (Fisher and Yates), without shuffling the rest. */
  #sample(entries: RegistrationEntry[], count: number): RegistrationEntry[] {
    const taken = Math.min(count, entries.length)
    for (let i = 0; i < taken; i++) {
      const j = i + Math.floor(this.#random() * (entries.length - i))
      const [a, b] = [entries[i] as RegistrationEntry, entries[j] as RegistrationEntry]
      entries[i] = b
      entries[j] = a
    }
    return entries.slice(0, taken)
  }

  #answer(entries: RegistrationEntry[], upTo: number, nowMs: number): Discovered {
    const registrations = entries.map(entry => ({
      namespace: entry.namespace,
      signedPeerRecord: entry.signedPeerRecord,
      ttlSeconds: this.#table.secondsLeft(entry, nowMs)
    }))
    return { status: ResponseStatus.OK, registrations, cookie: this.#cookies.write(upTo) }
  }
}

function isNamespace(namespace: string | undefined): namespace is string {
  return namespace !== undefined && namespace !== '' && byteLength(namespace) <= MAX_NAMESPACE_BYTES
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

function limitOf(limit: bigint | undefined): number {
  if (limit === undefined || limit === 0n || limit > MAX_DISCOVER_LIMIT) return MAX_DISCOVER_LIMIT
  return Number(limit)
}
