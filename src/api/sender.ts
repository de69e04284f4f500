// How messages are sent, beside posting: the original's names and values.
import type { PostOptions } from './messages.ts'
import type { GroupAddress, PeerID } from './names.ts'
import type { AbortOptions } from './status-target.ts'

/** Which neighbor {@link Sender.sendToNeighbor} means: the next one on the ring, in which direction. */
export const NetGroupSendMode = {
  NEXT_INCREASING: 'nextIncreasing',
  NEXT_DECREASING: 'nextDecreasing'
} as const
export type NetGroupSendMode = (typeof NetGroupSendMode)[keyof typeof NetGroupSendMode]

/** Which addresses a member takes messages for: its own only, or also those to which it is nearest. */
export const NetGroupReceiveMode = {
  EXACT: 'exact',
  NEAREST: 'nearest'
} as const
export type NetGroupReceiveMode = (typeof NetGroupReceiveMode)[keyof typeof NetGroupReceiveMode]

/** What came of sending. `ERROR` is the original's: here errors reject. */
export const NetGroupSendResult = {
  SENT: 'sent',
  NO_ROUTE: 'no route',
  ERROR: 'error'
} as const
export type NetGroupSendResult = Exclude<
  (typeof NetGroupSendResult)[keyof typeof NetGroupSendResult],
  'error'
>

/** How to send to an address or a peer. */
export interface RouteOptions extends AbortOptions {
  /** One hop only, as the original did: the application there forwards it. @default false */
  hop?: boolean
}

/** What became of a message. */
export interface Receipt {
  /** `'no route'`: nobody is there for it. */
  readonly result: NetGroupSendResult
  /** Who delivered it, proven by a signature or by its link. */
  readonly deliveredTo?: PeerID
  /** Links it passed; 0 when it was delivered here, or not at all. */
  readonly hops: number
}

/** What a {@link NetGroup} and a {@link Channel} can send. */
export interface Sender<Message> {
  /**
   * Posts to all other members (on a channel: to those who listen on it). Resolves with the message id, 64 hex digits, when the message is accepted here: valid,
   * permitted, small enough. Without a neighbor it is kept, 64 posts for 30 s at most; what reaches nobody raises `NetGroup.Posting.Failed`. The sender does not hear
   * itself.
   *
   * Differs from the original: errors reject where it answered null; each post is its own message, unless `filterIdentical`; `from` is proven.
   *
   * @throws Rejects NetGroupError CAPABILITY_DISABLED, NOT_AUTHORIZED, MESSAGE_TOO_LARGE (over 65,536 bytes encoded), VALUE_UNSUPPORTED with the path,
   *   CLOSED, NO_NEIGHBORS (only with `waitForNeighborMs`); TypeError when it fails `validate`
   */
  post(message: Message, options?: PostOptions): Promise<string>

  /**
   * Sends to the member nearest to an address, of those whose `receiveMode` is `'nearest'` or whose address it is; that may be oneself. It raises `NetGroup.SendTo.Notify`
   * there. Resolves with `'sent'` when it is on its way, `'no route'` when there is none; with `receipt` when it is known what became of it.
   *
   * Differs from the original: it goes all the way by itself, unless `hop`.
   *
   * @throws Rejects NetGroupError CAPABILITY_DISABLED, MESSAGE_TOO_LARGE (over 65,536 bytes encoded), VALUE_UNSUPPORTED with the path, CLOSED, TIMEOUT (no receipt
   *   within 10 s); TypeError for no group address, or when it fails `validate`; the signal's reason
   */
  sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options: RouteOptions & { receipt: true }
  ): Promise<Receipt>
  sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options?: RouteOptions
  ): Promise<NetGroupSendResult>

  /**
   * Sends to one member, whatever its `receiveMode`: straight over the link when it is a neighbor, else from member to member. One's own peer id is delivered here. Not in
   * the original.
   *
   * @throws as {@link Sender.sendToNearest}; TypeError for no peer id
   */
  sendToPeer(message: Message, peerID: PeerID, options: RouteOptions & { receipt: true }): Promise<Receipt>
  sendToPeer(message: Message, peerID: PeerID, options?: RouteOptions): Promise<NetGroupSendResult>

  /**
   * Sends to the next neighbor on the ring, which hears it with `fromLocal` false. `'no route'` without neighbors.
   *
   * @throws as {@link Sender.sendToNearest}; TypeError for an unknown mode
   */
  sendToNeighbor(
    message: Message,
    sendMode: NetGroupSendMode,
    options?: AbortOptions
  ): Promise<NetGroupSendResult>

  /** Sends to each neighbor, all of which hear it with `fromLocal` false. `'no route'` without neighbors. @throws as {@link Sender.sendToNearest} */
  sendToAllNeighbors(message: Message, options?: AbortOptions): Promise<NetGroupSendResult>
}
