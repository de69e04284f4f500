// How does a message find the member that it is for? A routing engine answers it, one hop at a time. It does no I/O: time comes in, effects go out
// (docs/ARCHITECTURE.md, "Engines"); signatures are made and verified outside.
import type { Place } from '../../shared/ring.ts'

/** Modes by the numbers as which they travel. */
export const MODES = ['exact', 'nearest'] as const

/** Which addresses a member takes messages for: its own only, or also those to which it is nearest. */
export type ReceiveMode = (typeof MODES)[number]

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
  /** Links passed, the one to the receiver included. */
  readonly hops: number
  /** Those who have had it, and those who did not answer: the first 8 bytes of their group addresses, in a row. */
  readonly visited: Uint8Array
  /**
   * The same of those it came through, the way back: the originator first. Forward, the sender is the last one; what comes back from a dead end has the receiver
   * itself last.
   */
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
  /** By the deliverer. Empty when there is none, and when a message was delivered where it was sent: the engine takes no such receipt from others. */
  readonly signature: Uint8Array
  readonly key: Uint8Array | undefined
}

export type RoutingInput =
  /** A new neighbor, or a new link in the place of the one there was. `rttMs` 0: not known yet. Until told otherwise it receives `'exact'`. */
  | { readonly type: 'linkUp'; readonly peer: string; readonly place: Place; readonly rttMs: number }
  | { readonly type: 'linkDown'; readonly peer: string }
  /** The link was replaced: what was sent over the old one may be lost, and what was not acknowledged is sent again. */
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
  /** The timer that the last `setTimer` asked for. */
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
  /** This neighbor sent what no member sends that keeps to the rules. It was dropped and not acknowledged. */
  | { readonly type: 'misbehavior'; readonly peer: string; readonly reason: string }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** One per membership. */
export interface RoutingEngine {
  /**
   * Takes one input and answers what is to be done, in order. What `send` answers tells whether there was a way: without `sendRouted` and `deliver` there was none.
   *
   * @param nowMs never goes back
   */
  handle(input: RoutingInput, nowMs: number): RoutingEffect[]
}

/** How a routing engine is made. */
export interface RoutingInit {
  /** The own peer id. */
  readonly peer: string
  /** The own place on the group's ring. */
  readonly place: Place
  /** The place of any peer on the group's ring. Asked for receipts only. */
  readonly placeOf: (peer: string) => Place
}
