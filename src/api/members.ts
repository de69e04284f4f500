import { toString as bytesToText } from 'uint8arrays/to-string'
import { NetGroupError } from '../core/errors.ts'
import { groupAddressOf } from '../core/groupspec/keys.ts'
import type { PresenceEntry } from '../core/presence/presence-entry.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { PresenceNews } from '../net/presence-runner.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'
import { MAX_PRESENCE_BYTES } from '../wire/limits.ts'
import { type GroupAddress, type PeerID, parsePeerID } from './names.ts'

/** A member that wants to be seen, whether there is a link with it or not. */
export interface Member {
  readonly peerID: PeerID
  readonly groupAddress: GroupAddress
  /** What it shows: its own `presence`, or what it has set since. It comes from a stranger: look at it before using it. */
  readonly presence: unknown
  /** When it joined, by its own group clock. */
  readonly since: Date
}

/** Codes by what they tell. */
const CODES = {
  joined: 'NetGroup.Member.Join',
  updated: 'NetGroup.Member.Update',
  left: 'NetGroup.Member.Leave'
} as const

/** How {@link Members} is made. */
export interface MembersInit {
  readonly member: GroupMember
  readonly classes: ValueClasses
  /** The list has changed. */
  readonly onChange: () => void
  readonly onNews: (code: (typeof CODES)[PresenceNews], fields: { member: Member }) => void
}

/** A value to be shown, as bytes. @throws NetGroupError MESSAGE_TOO_LARGE, VALUE_UNSUPPORTED */
export function encodePresence(presence: unknown, classes: ValueClasses = {}): Uint8Array {
  const bytes = encodeValue(presence, classes)
  if (bytes.byteLength > MAX_PRESENCE_BYTES)
    throw new NetGroupError(
      'MESSAGE_TOO_LARGE',
      `Cannot show a presence of ${bytes.byteLength} bytes: at most ${MAX_PRESENCE_BYTES} are possible. Show a name and a state, and post what is longer`,
      { bytes: bytes.byteLength, maxBytes: MAX_PRESENCE_BYTES }
    )
  return bytes
}

/** The list of members as one face of a group sees it. It begins with the first presence that is shown, and every member on it was told. */
export class Members {
  readonly #init: MembersInit
  readonly #members = new Map<PeerID, Member>()
  #all: ReadonlyMap<PeerID, Member> | undefined
  #isShown = false

  constructor(init: MembersInit) {
    this.#init = init
  }

  /** A snapshot: the same until something changes. */
  get all(): ReadonlyMap<PeerID, Member> {
    this.#all ??= new Map(this.#members)
    return this.#all
  }

  /** Shows this, and others from now on. */
  present(value: Uint8Array): void {
    const { member } = this.#init
    if (!this.#isShown) {
      this.#isShown = true
      member.listeners.add(this.#listener)
      for (const entry of member.presence.members) this.#listener.onPresence('joined', entry)
    }
    member.presence.present(this, value)
  }

  /** Shows and sees nothing any more. */
  close(): void {
    const { member } = this.#init
    member.listeners.delete(this.#listener)
    member.presence.withdraw(this)
    this.#members.clear()
    this.#all = undefined
  }

  readonly #listener = {
    onPresence: (news: PresenceNews, entry: PresenceEntry): void => {
      const before = this.#members.get(entry.peer)
      // What could not be read was not told when it came, and is not when it goes; when it can be read at last, that is its coming.
      const member = news === 'left' ? before : this.#read(entry)
      if (member === undefined) return
      if (news === 'left') this.#members.delete(entry.peer)
      else this.#members.set(entry.peer, member)
      this.#all = undefined
      this.#init.onChange()
      this.#init.onNews(CODES[news === 'updated' && before === undefined ? 'joined' : news], { member })
    }
  }

  #read({ peer, value, sinceMs }: PresenceEntry): Member | undefined {
    const { member, classes } = this.#init
    try {
      const address = groupAddressOf(member.keys.groupID, parsePeerID(peer, 'list').toMultihash().bytes)
      return Object.freeze({
        peerID: peer,
        groupAddress: bytesToText(address, 'base16'),
        presence: decodeValue(value, classes),
        since: new Date(sinceMs)
      })
    } catch {
      member.reject('invalid presence')
      return undefined
    }
  }
}
