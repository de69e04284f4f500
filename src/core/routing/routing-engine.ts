import type { Place } from '../../shared/ring.ts'

/** Which addresses a member takes messages for: its own only, or also those to which it is nearest. */
export type ReceiveMode = 'exact' | 'nearest'

/** What travels. The same from the originator to whoever delivers it; all of it is covered by the signature. */
export interface RoutedMessage {
  /** 16 random bytes: with the originator, which message this is. */
  readonly id: Uint8Array
  /** Peer id of who sent it. */
  readonly originator: string
  readonly target: Place
  /** `'exact'`: for the member with this very address. `'nearest'`: for the nearest of those that receive so. */
  readonly mode: ReceiveMode
  /** ms since 1970. */
  readonly sentAtMs: number
  readonly channel: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** The originator's public key, where its peer id does not hold it. */
  readonly key: Uint8Array | undefined
  readonly wantsReceipt: boolean
}

/** A message between two members: what it is, and where it has been. */
export interface Travel {
  readonly message: RoutedMessage
  /** Links passed. */
  readonly hops: number
  /** The first 8 bytes of the group addresses of all who have had it, in a row. */
  readonly visited: Uint8Array
  /** The same of those it came through, from the originator to the last one before this one: the way back. */
  readonly path: Uint8Array
}

/** What became of a message. */
export interface RoutingReceipt {
  readonly id: Uint8Array
  /** Peer id of who sent the message. */
  readonly originator: string
  /** Peer id of who delivered it; undefined: nobody is there for it. */
  readonly deliverer: string | undefined
  readonly hops: number
  /** By the deliverer. Empty when there is none. */
  readonly signature: Uint8Array
  readonly key: Uint8Array | undefined
}

export type RoutingInput =
  | { readonly type: 'linkUp'; readonly peer: string; readonly place: Place; readonly rttMs: number }
  | { readonly type: 'linkDown'; readonly peer: string }
  /** The link was replaced: what was sent over the old one may be lost. */
  | { readonly type: 'linkMoved'; readonly peer: string }
  | { readonly type: 'rtt'; readonly peer: string; readonly rttMs: number }
  | { readonly type: 'receiveMode'; readonly peer: string; readonly mode: ReceiveMode }
  | { readonly type: 'ownReceiveMode'; readonly mode: ReceiveMode }
  /** The application sends a message, signed by the shell. */
  | { readonly type: 'send'; readonly message: RoutedMessage }
  | { readonly type: 'routed'; readonly from: string; readonly travel: Travel }
  | { readonly type: 'hopAck'; readonly from: string; readonly id: Uint8Array }
  /** The answer to `verify`. */
  | { readonly type: 'verified'; readonly travel: Travel; readonly from: string; readonly isTrue: boolean }
  /** The answer to `signReceipt`: goes back along the path. */
  | { readonly type: 'receiptSigned'; readonly receipt: RoutingReceipt; readonly path: Uint8Array }
  | {
      readonly type: 'receipt'
      readonly from: string
      readonly receipt: RoutingReceipt
      readonly path: Uint8Array
    }
  | { readonly type: 'timer' }

export type RoutingEffect =
  | { readonly type: 'sendRouted'; readonly to: string; readonly travel: Travel }
  | { readonly type: 'sendHopAck'; readonly to: string; readonly id: Uint8Array }
  | {
      readonly type: 'sendReceipt'
      readonly to: string
      readonly receipt: RoutingReceipt
      readonly path: Uint8Array
    }
  /** Is the signature the originator's? Answer with `verified`. */
  | { readonly type: 'verify'; readonly travel: Travel; readonly from: string }
  /** For the application; `from` is the last hop, the own peer when it was sent here. Each message once. */
  | { readonly type: 'deliver'; readonly message: RoutedMessage; readonly from: string }
  /** Sign that it was delivered here. Answer with `receiptSigned`. */
  | {
      readonly type: 'signReceipt'
      readonly message: RoutedMessage
      readonly hops: number
      readonly path: Uint8Array
    }
  /** What became of a message that was sent here and wants a receipt. The shell verifies it. */
  | { readonly type: 'outcome'; readonly receipt: RoutingReceipt }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }
