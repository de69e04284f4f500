// What happens, as data: every status code with its level and its fields. Types, events and documentation come from this one table. The
// original's codes have the original's names (docs/STATUS-CODES.md says which are ours).

import type { Member } from './members.ts'
import type { GroupAddress, PeerID } from './names.ts'
import type { ObjectStatus } from './object-set.ts'

/** How serious a status is. An `error` is something that the application asked for and that will not happen. */
export type StatusLevel = 'status' | 'warning' | 'error'

/** What one row of the table carries: its level and its own fields. */
export type StatusFields = { level: StatusLevel } & object

/** The info objects of a status map `T`, told apart by `code`. */
export type StatusInfo<T, C extends keyof T = keyof T> = {
  [K in C]: { readonly code: K } & Readonly<T[K]>
}[C]

/** What a {@link NetConnection} tells. */
export interface ConnectionStatus {
  /** The connection is there. */
  'NetConnection.Connect.Success': { level: 'status' }
  /** The connection was closed; nothing follows. */
  'NetConnection.Connect.Closed': { level: 'status' }
  /** Own addresses have changed. */
  'NetConnection.Connect.NetworkChange': { level: 'status' }
  /** A relay holds a reservation for us. */
  'NetConnection.Relay.Connect': { level: 'status'; address: string }
  /** A relay was lost or cannot be reached. It is tried again by itself. */
  'NetConnection.Relay.Disconnect': { level: 'warning'; address: string; reason: string; retryAt: Date }
}

/** What a {@link NetGroup} tells. */
export interface GroupStatus<Message> extends ObjectStatus {
  /** The group was left; nothing follows. */
  'NetGroup.Connect.Closed': { level: 'status' }
  /** A link with a neighbor is there. */
  'NetGroup.Neighbor.Connect': { level: 'status'; neighbor: GroupAddress; peerID: PeerID }
  /** A link with a neighbor is gone. */
  'NetGroup.Neighbor.Disconnect': { level: 'status'; neighbor: GroupAddress; peerID: PeerID }
  /** The addresses to which this member is nearest are others than before; both ends are included. */
  'NetGroup.LocalCoverage.Notify': { level: 'status'; from: GroupAddress; to: GroupAddress }
  /** Another member that wants to be seen is there. */
  'NetGroup.Member.Join': { level: 'status'; member: Member }
  /** It shows something else. */
  'NetGroup.Member.Update': { level: 'status'; member: Member }
  /** It has left, or does not answer any more. `member` is what it showed last. */
  'NetGroup.Member.Leave': { level: 'status'; member: Member }
  /** A post of another member. `from` is proven by its signature. */
  'NetGroup.Posting.Notify': {
    level: 'status'
    message: Message
    messageID: string
    from: PeerID
    sequence: number
    sentAt: Date
  }
  /** A post that was accepted will reach nobody. */
  'NetGroup.Posting.Failed': { level: 'warning'; messageID: string; reason: 'no neighbors' | 'closed' }
  /** A message that was sent here, or that a neighbor handed on. `sender` is proven. */
  'NetGroup.SendTo.Notify': {
    level: 'status'
    message: Message
    from: GroupAddress
    fromLocal: boolean
    sender: PeerID
    destination: GroupAddress
  }
  /** A member has begun to publish a stream. */
  'NetGroup.MulticastStream.PublishNotify': { level: 'status'; name: string; publisher: PeerID }
  /** It has ended it, or is gone. */
  'NetGroup.MulticastStream.UnpublishNotify': { level: 'status'; name: string; publisher: PeerID }
  /** This machine's clock differs from the neighbors' by this much; theirs is used. Told once. */
  'NetGroup.Clock.Skew': { level: 'warning'; offsetMs: number }
}

/** What `netgroup/media` tells of a {@link NetStream}. */
export interface MediaStatus {
  /** The camera or the microphone of this stream can no longer be encoded: nothing of it is sent any more. */
  'NetStream.Failed': { level: 'error'; kind: 'audio' | 'video'; reason: string }
  /** The pictures or the sound of this stream cannot be decoded here. */
  'NetStream.Play.NoSupportedTrackFound': { level: 'warning'; kind: 'audio' | 'video'; codec: string }
}

/** What a {@link NetStream} tells. */
export interface StreamStatus extends MediaStatus {
  /** Somebody plays this direct stream from now on. */
  'NetStream.Connect.Success': { level: 'status'; farID: PeerID }
  /** One who played this direct stream plays it no more; or the publisher of one that is played here is gone without a word. */
  'NetStream.Connect.Closed': { level: 'status'; farID: PeerID }
  /** The stream has begun to be played here. */
  'NetStream.Play.Start': { level: 'status' }
  /** Its publisher has ended it, or is gone. */
  'NetStream.Play.UnpublishNotify': { level: 'status' }
  /** Another stream of the same name is played from now on. */
  'NetStream.MulticastStream.Reset': { level: 'status' }
}

/** Every status code with its level and the names of its fields, beyond `code` and `level`. */
export const STATUS_TABLE: {
  readonly [C in keyof AllStatus]: {
    readonly level: AllStatus[C]['level']
    readonly fields: readonly Exclude<keyof AllStatus[C], 'level'>[]
  }
} = {
  'NetConnection.Connect.Success': { level: 'status', fields: [] },
  'NetConnection.Connect.Closed': { level: 'status', fields: [] },
  'NetConnection.Connect.NetworkChange': { level: 'status', fields: [] },
  'NetConnection.Relay.Connect': { level: 'status', fields: ['address'] },
  'NetConnection.Relay.Disconnect': { level: 'warning', fields: ['address', 'reason', 'retryAt'] },
  'NetGroup.Connect.Closed': { level: 'status', fields: [] },
  'NetGroup.Neighbor.Connect': { level: 'status', fields: ['neighbor', 'peerID'] },
  'NetGroup.Neighbor.Disconnect': { level: 'status', fields: ['neighbor', 'peerID'] },
  'NetGroup.LocalCoverage.Notify': { level: 'status', fields: ['from', 'to'] },
  'NetGroup.Member.Join': { level: 'status', fields: ['member'] },
  'NetGroup.Member.Update': { level: 'status', fields: ['member'] },
  'NetGroup.Member.Leave': { level: 'status', fields: ['member'] },
  'NetGroup.Posting.Notify': {
    level: 'status',
    fields: ['message', 'messageID', 'from', 'sequence', 'sentAt']
  },
  'NetGroup.Posting.Failed': { level: 'warning', fields: ['messageID', 'reason'] },
  'NetGroup.SendTo.Notify': {
    level: 'status',
    fields: ['message', 'from', 'fromLocal', 'sender', 'destination']
  },
  'NetGroup.Clock.Skew': { level: 'warning', fields: ['offsetMs'] },
  'NetGroup.MulticastStream.PublishNotify': { level: 'status', fields: ['name', 'publisher'] },
  'NetGroup.MulticastStream.UnpublishNotify': { level: 'status', fields: ['name', 'publisher'] },
  'NetStream.Connect.Success': { level: 'status', fields: ['farID'] },
  'NetStream.Connect.Closed': { level: 'status', fields: ['farID'] },
  'NetStream.Play.Start': { level: 'status', fields: [] },
  'NetStream.Play.UnpublishNotify': { level: 'status', fields: [] },
  'NetStream.MulticastStream.Reset': { level: 'status', fields: [] },
  'NetStream.Failed': { level: 'error', fields: ['kind', 'reason'] },
  'NetStream.Play.NoSupportedTrackFound': { level: 'warning', fields: ['kind', 'codec'] },
  'NetGroup.Replication.Fetch.SendNotify': { level: 'status', fields: ['index'] },
  'NetGroup.Replication.Fetch.Failed': { level: 'warning', fields: ['index', 'reason'] },
  'NetGroup.Replication.Fetch.Result': { level: 'status', fields: ['index', 'object', 'from'] },
  'NetGroup.Replication.Request': { level: 'status', fields: ['index', 'requestID'] }
}

/** All status maps together. */
export interface AllStatus extends ConnectionStatus, GroupStatus<unknown>, StreamStatus {}
