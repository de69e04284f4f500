import type { Channel, NetGroup, PeerID } from 'netgroup'
import { cleanName } from './names.ts'

/** Names are remembered for so many; the one heard from least recently is forgotten. */
const MAX_REMEMBERED = 500

/** Our name is told again this long after somebody came, in ms: several who come together hear it once. */
const TELL_AFTER_MS = 200

/** Somebody who is here, or was heard. */
export interface Person {
  readonly peerID: PeerID
  readonly name: string | undefined
}

/** Says our name on a channel of the group whenever somebody comes, and remembers the others'. */
export class People {
  readonly #names = new Map<PeerID, string>()
  readonly #channel: Channel<{ name: string }>
  readonly #onChange: () => void
  #ownName: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(group: NetGroup, ownName: string | undefined, onChange: () => void) {
    this.#onChange = onChange
    this.#ownName = ownName
    this.#channel = group.channel('names', { validate: isNaming })
    this.#channel.addEventListener('NetGroup.Posting.Notify', ({ info }) =>
      this.heard(info.from, info.message.name)
    )
    group.addEventListener('NetGroup.Neighbor.Connect', () => this.#tellSoon())
    this.#tellSoon()
  }

  get ownName(): string | undefined {
    return this.#ownName
  }

  set ownName(name: string | undefined) {
    this.#ownName = name
    this.#tellSoon()
  }

  nameOf(peerID: PeerID): string | undefined {
    return this.#names.get(peerID)
  }

  /** This peer goes by this name now. */
  heard(peerID: PeerID, claimed: string): void {
    const name = cleanName(claimed)
    const before = this.#names.get(peerID)
    this.#names.delete(peerID)
    if (name !== undefined) this.#names.set(peerID, name)
    const [oldest] = this.#names.keys()
    if (this.#names.size > MAX_REMEMBERED && oldest !== undefined) this.#names.delete(oldest)
    if (name !== before) this.#onChange()
  }

  #tellSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      // Who may not post stays without a name; who is alone says it when somebody comes.
      this.#channel.post({ name: this.#ownName ?? '' }).catch(() => {})
    }, TELL_AFTER_MS)
  }
}

function isNaming(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string'
}
