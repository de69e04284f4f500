// A client whose author took its checks out: what it does, others have to withstand.

import { equals } from 'uint8arrays/equals'
import { groupspecOf } from '../../src/api/group-specifier.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { AUTHORITY_TYPE } from '../../src/core/groupspec/option.ts'
import { GroupSpecifier, type NetGroup, type Role } from '../../src/index.ts'
import { GroupHost } from '../../src/net/group-host.ts'
import { encodeValue } from '../../src/net/value.ts'
import type { Frame } from '../../src/wire/link.ts'
import { Routed } from '../../src/wire/routing.ts'
import { packed, type WholeFrame } from './whole-frame.ts'

/** Posts without asking whether that is permitted, showing whatever grant is given. Answers the message id. */
export function postUnchecked(group: NetGroup, message: unknown, grant?: Uint8Array): string {
  const { messageID } = memberOf(group).posts.post({
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

/** What of gossipsub a curious client gets hold of. */
interface Gossip {
  decodeRpc(bytes: Uint8Array): { messages: { from?: Uint8Array; data?: Uint8Array }[] }
  streamsOutbound: Map<string, { push(rpc: Uint8Array): void }>
}

/** Keeps what gossip brings to a member, byte for byte, and sends what it likes. */
export class PubsubTap {
  readonly #gossip: Gossip
  readonly #heard: { from: Uint8Array; data: Uint8Array; rpc: Uint8Array }[] = []

  constructor(group: NetGroup) {
    const { pubsub } = group.connection.libp2p.services as { pubsub?: Gossip }
    if (pubsub === undefined) throw new Error('There is no pubsub')
    this.#gossip = pubsub
    const decode = pubsub.decodeRpc.bind(pubsub)
    pubsub.decodeRpc = bytes => {
      const decoded = decode(bytes)
      for (const { from, data } of decoded.messages)
        if (from !== undefined && data !== undefined)
          this.#heard.push({ from: from.slice(), data: data.slice(), rpc: bytes.slice() })
      return decoded
    }
  }

  /** The RPC messages in which posts of this member came. */
  messagesFrom(author: NetGroup): Uint8Array[] {
    return this.#from(author).map(({ rpc }) => rpc)
  }

  /** What was published in them. */
  dataFrom(author: NetGroup): Uint8Array[] {
    return this.#from(author).map(({ data }) => data)
  }

  /** Sends an RPC message as it is. */
  send(to: NetGroup, rpc: Uint8Array): void {
    const stream = this.#gossip.streamsOutbound.get(to.connection.nearID)
    if (stream === undefined) throw new Error('There is no stream to that member')
    stream.push(rpc)
  }

  #from(author: NetGroup): { data: Uint8Array; rpc: Uint8Array }[] {
    const { peerIDBytes } = hostOf(author)
    return this.#heard.filter(({ from }) => equals(from, peerIDBytes))
  }
}

/** Looks at what comes to a member over its links, keeps it from the member if told to, and sends what it likes. */
export class LinkTap {
  /** Messages on their way that came here. */
  readonly routed: Routed[] = []
  /** How many hop acknowledgements came here. */
  acknowledged = 0
  readonly #group: NetGroup

  /** @param keep which frames the member is not to see */
  constructor(group: NetGroup, { keep = () => false }: { keep?: (frame: Frame) => boolean } = {}) {
    this.#group = group
    const { routing } = memberOf(group)
    const onFrame = routing.onFrame.bind(routing)
    routing.onFrame = (link, frame) => {
      if (frame.routed !== undefined) this.routed.push(Routed.decode(frame.routed))
      if (frame.hopAck !== undefined) this.acknowledged += 1
      if (!keep(frame)) onFrame(link, frame)
    }
  }

  /** Sends a frame as it is. */
  send(to: NetGroup, frame: WholeFrame): void {
    this.sendPacked(to, packed(frame))
  }

  /** Sends a frame as it is, with bytes in it that may be anything. */
  sendPacked(to: NetGroup, frame: Frame): void {
    memberOf(this.#group).links.get(to.connection.nearID)?.send(frame)
  }
}
