/** Names that strangers choose are kept for so many peers; the one heard from least recently is forgotten. */
const MAX_NAMES = 1_000

/** Who called itself what, for /who. */
export class NamesHeard {
  readonly #names = new Map<string, string>()

  /** This peer goes by this name now. */
  heard(peerID: string, name: string): void {
    this.#names.delete(peerID)
    this.#names.set(peerID, name)
    const [oldest] = this.#names.keys()
    if (this.#names.size > MAX_NAMES && oldest !== undefined) this.#names.delete(oldest)
  }

  /** The name this peer last used; undefined when it used none. */
  nameOf(peerID: string): string | undefined {
    return this.#names.get(peerID)
  }

  /** Everybody heard with a name, the least recent first. */
  get all(): ReadonlyMap<string, string> {
    return this.#names
  }
}
