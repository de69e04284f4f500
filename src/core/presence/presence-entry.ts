/** What a member says of itself, under its signature: I am here, and this is what you may see of me. */
export interface PresenceEntry {
  /** Its peer id as text. */
  readonly peer: string
  /** When it joined, ms since 1970: another time is another stay. */
  readonly sinceMs: number
  /** Larger is newer. About the ms since 1970 at which it was said; compared only with others of the same member. */
  readonly sequence: number
  /** Without a newer word it counts as gone after this. */
  readonly lifetimeMs: number
  /** Its last word: it has left. */
  readonly isLeft: boolean
  /** What others see of it, encoded by the application. Empty when it has left. */
  readonly value: Uint8Array
  readonly signature: Uint8Array
  /** Its public key, where its peer id does not hold it. */
  readonly key: Uint8Array | undefined
}

/** An entry that is still to be signed. */
export type PresenceDraft = Omit<PresenceEntry, 'signature' | 'key'>

/** Names an entry: whose (the first 53 bits of the group address, as a number), and which. */
export interface Mention {
  readonly place: number
  readonly sequence: number
}

/** Tells whether two lists are the same, without telling them. */
export interface PresenceDigest {
  /** How many members are in it. */
  readonly count: number
  /** The first 8 bytes of the hashes of all mentions, XOR. */
  readonly high: number
  readonly low: number
}

/** What one neighbor tells another at once. */
export interface PresenceWords {
  readonly entries: readonly PresenceEntry[]
  /** Members that seem to be gone, unless they say something newer. */
  readonly doubts: readonly Mention[]
  /** Entries that the sender has. */
  readonly mentions: readonly Mention[]
  /** Are the mentions all that it has? Then it wants what is missing among them. */
  readonly isWhole: boolean
  /** Places whose entries it wants. */
  readonly wanted: readonly number[]
  readonly digest: PresenceDigest | undefined
}
