/** One registration. */
export interface RegistrationEntry {
  readonly peer: string
  readonly namespace: string
  /** From the registry's counter: larger came later. */
  readonly number: number
  readonly signedPeerRecord: Uint8Array
  readonly addresses: string
  /** When its TTL is over. It ends earlier when its peer leaves. */
  readonly endsAtMs: number
}

interface PeerEntry {
  readonly namespaces: Set<string>
  /** When its last connection closed: infinite while there is one. */
  goneAtMs: number
}

/** Registrations by namespace and by peer, each namespace in the order of its numbers. What has ended is not shown, and freed by `expire`. */
export class RegistrationTable {
  readonly #namespaces = new Map<string, Map<string, RegistrationEntry>>()
  readonly #peers = new Map<string, PeerEntry>()
  readonly #graceMs: number
  #size = 0

  /** @param graceMs how long registrations outlive their peer's last connection */
  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** Registrations that take room, with those that ended since the last {@link expire}. */
  get size(): number {
    return this.#size
  }

  /** A peer's registration in a namespace. */
  get(namespace: string, peer: string, nowMs: number): RegistrationEntry | undefined {
    const entry = this.#namespaces.get(namespace)?.get(peer)
    return entry !== undefined && this.#isAlive(entry, nowMs) ? entry : undefined
  }

  /** A namespace's registrations, oldest number first, in an array of the caller's own. */
  in(namespace: string, nowMs: number): RegistrationEntry[] {
    const entries = this.#namespaces.get(namespace)
    return entries === undefined ? [] : [...entries.values()].filter(entry => this.#isAlive(entry, nowMs))
  }

  /** How many registrations a peer has. */
  countOf(peer: string, nowMs: number): number {
    const namespaces = this.#peers.get(peer)?.namespaces ?? new Set<string>()
    for (const namespace of namespaces)
      if (this.get(namespace, peer, nowMs) === undefined) this.remove(namespace, peer)
    return namespaces.size
  }

  /** Adds a registration, or replaces the one that the peer has in this namespace. */
  put(entry: RegistrationEntry): void {
    const peer = this.#peers.get(entry.peer) ?? { namespaces: new Set(), goneAtMs: Number.POSITIVE_INFINITY }
    this.#peers.set(entry.peer, peer)
    const entries = this.#namespaces.get(entry.namespace) ?? new Map<string, RegistrationEntry>()
    this.#namespaces.set(entry.namespace, entries)
    const before = entries.get(entry.peer)
    // A map keeps the place of a key that is set again: with a new number it has to go to the end.
    if (before !== undefined && before.number !== entry.number) entries.delete(entry.peer)
    if (before === undefined) this.#size++
    entries.set(entry.peer, entry)
    peer.namespaces.add(entry.namespace)
  }

  /** Ends a registration. None there: nothing happens. */
  remove(namespace: string, peer: string): void {
    const entries = this.#namespaces.get(namespace)
    if (entries?.delete(peer) !== true) return
    this.#size--
    if (entries.size === 0) this.#namespaces.delete(namespace)
    const owner = this.#peers.get(peer)
    owner?.namespaces.delete(namespace)
    if (owner?.namespaces.size === 0) this.#peers.delete(peer)
  }

  /** The peer's last connection closed: its registrations end after the grace, unless it comes back. */
  peerLeft(peer: string, nowMs: number): void {
    const entry = this.#peers.get(peer)
    if (entry !== undefined) entry.goneAtMs = Math.min(entry.goneAtMs, nowMs)
  }

  /** The peer has a connection again. What has ended meanwhile stays ended. */
  peerCame(peer: string, nowMs: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    if (nowMs < entry.goneAtMs + this.#graceMs) entry.goneAtMs = Number.POSITIVE_INFINITY
    else for (const namespace of entry.namespaces) this.remove(namespace, peer)
  }

  /** Seconds until a registration ends, rounded up. */
  secondsLeft(entry: RegistrationEntry, nowMs: number): number {
    return Math.ceil((this.#endOf(entry) - nowMs) / 1000)
  }

  /** Frees what has ended. */
  expire(nowMs: number): void {
    for (const entries of this.#namespaces.values())
      for (const entry of entries.values())
        if (!this.#isAlive(entry, nowMs)) this.remove(entry.namespace, entry.peer)
  }

  #isAlive(entry: RegistrationEntry, nowMs: number): boolean {
    return nowMs < this.#endOf(entry)
  }

  #endOf(entry: RegistrationEntry): number {
    const goneAtMs = this.#peers.get(entry.peer)?.goneAtMs ?? Number.POSITIVE_INFINITY
    return Math.min(entry.endsAtMs, goneAtMs + this.#graceMs)
  }
}
