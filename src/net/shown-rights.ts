import type { Role } from '../core/errors.ts'
import { decodeGrant, isExpired } from '../core/groupspec/grant.ts'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import { rightOf } from '../core/groupspec/right.ts'

/** A grant that one signs for oneself is signed anew after this, in ms: long before it ends, and seldom. */
const RENEWAL_MS = 24 * 60 * 60 * 1_000

/** The rights that a member shows with what it sends: none is signed anew each time, and the others verify the same one once. */
export class ShownRights {
  readonly #peerID: Uint8Array
  readonly #groupID: Uint8Array
  readonly #known = new WeakMap<Groupspec, { [R in Role]?: { grant: Uint8Array; atMs: number } }>()

  /** @param peerID the own one, as a multihash */
  constructor(peerID: Uint8Array, groupID: Uint8Array) {
    this.#peerID = peerID
    this.#groupID = groupID
  }

  /** The right for a role that a groupspec of the group gives this peer now, as it travels; undefined when none is needed or there is none. */
  in(groupspec: Groupspec, role: Role, nowMs: number): Uint8Array | undefined {
    const all = this.#known.get(groupspec)
    const known = all?.[role]
    if (known !== undefined && nowMs - known.atMs < RENEWAL_MS && !isExpired(decodeGrant(known.grant), nowMs))
      return known.grant
    const grant = rightOf(groupspec, role, this.#peerID, this.#groupID, nowMs)
    if (grant !== undefined) this.#known.set(groupspec, { ...all, [role]: { grant, atMs: nowMs } })
    return grant
  }
}
