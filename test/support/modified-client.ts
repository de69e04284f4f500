// A client whose author took its checks out: what it does, others have to withstand.

import { groupspecOf } from '../../src/api/group-specifier.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { AUTHORITY_TYPE } from '../../src/core/groupspec/option.ts'
import { GroupSpecifier, type NetGroup, type Role } from '../../src/index.ts'
import { GroupHost } from '../../src/net/group-host.ts'
import { encodeValue } from '../../src/net/value.ts'

/** Posts without asking whether that is permitted, showing whatever grant is given. Answers the message id. */
export function postUnchecked(group: NetGroup, message: unknown, grant?: Uint8Array): string {
  const { messageID } = memberOf(group).post({
    payload: encodeValue(message),
    channel: '',
    filterIdentical: false,
    grant
  })
  return messageID
}

/** From now on hands its posts to every neighbor at once, instead of to a few who pass them on: nobody passes on a false one. */
export function postToAllNeighbors(group: NetGroup): void {
  const { pubsub } = group.connection.libp2p.services as { pubsub?: { opts: { floodPublish: boolean } } }
  if (pubsub === undefined) throw new Error('There is no pubsub')
  pubsub.opts.floodPublish = true
}

/** The grant that these appended words give, as it travels with a post. */
export function grantIn(groupspec: string): Uint8Array {
  const [grant] = groupspecOf(GroupSpecifier.parse(groupspec)).grants
  if (grant === undefined) throw new Error('There is no grant in the groupspec')
  return grant.bytes
}

/** The same grant with another role written in, its signature as it was. */
export function withRole(grant: Uint8Array, role: Role): Uint8Array {
  const forged = grant.slice()
  forged[0] = AUTHORITY_TYPE[role]
  return forged
}

/** Does this group's node refuse links with the other's? */
export function refuses(group: NetGroup, other: NetGroup): boolean {
  return hostOf(group).isRefused(other.connection.libp2p.peerId)
}

/** The host behind a group. */
export function hostOf(group: NetGroup): GroupHost {
  const host = GroupHost.of(group.connection.libp2p)
  if (host === undefined) throw new Error('There is no host')
  return host
}
