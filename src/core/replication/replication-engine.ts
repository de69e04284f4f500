// Who has what, who wants what, and whom to ask for what next? A replication engine answers it for one index space of a group (a namespace: '' is the
// application's own, a file's is its manifest's id). It does no I/O: time comes in, effects go out (docs/ARCHITECTURE.md, "Engines").
import type { RangeSet } from './range-set.ts'

/** Which of the wanted objects are asked for first. */
export type ReplicationStrategy = 'lowestFirst' | 'rarestFirst'

/**
 * Why there is no object for a request. `'denied'`: by the application there. `'absent'`: it does not have it. `'busy'`: too much is waiting there. `'elsewhere'`: others have it or are about
 * to, and there is something there that nobody has got.
 */
export type DenialReason = 'denied' | 'absent' | 'busy' | 'elsewhere'

/** Why a fetch has failed. `'timeout'`: nothing came. `'lost'`: the neighbor is one no more. `'broken'`: what came was cut off or too long. */
export type FetchFailure = DenialReason | 'timeout' | 'lost' | 'broken'

/** How one set of a neighbor has changed. */
export interface SetChange {
  /** These are all: what was told before no longer counts. */
  readonly isWhole: boolean
  /** At most {@link MAX_RANGES}. */
  readonly added: RangeSet
  /** The same; taken out before the others are added. */
  readonly removed: RangeSet
}

export type ReplicationInput =
  /**
   * A new neighbor, or a new link in the place of the one there was: what was on its way over that one is lost.
   *
   * @param isStanding the link was there before this engine: what the neighbor has told over it is lost, and is asked for
   */
  | { readonly type: 'linkUp'; readonly peer: string; readonly isStanding: boolean }
  | { readonly type: 'linkDown'; readonly peer: string }
  /** @param asks the sender knows nothing of this member and wants to be told all */
  | { readonly type: 'have'; readonly from: string; readonly change: SetChange; readonly asks: boolean }
  | { readonly type: 'want'; readonly from: string; readonly change: SetChange }
  | { readonly type: 'request'; readonly from: string; readonly index: number }
  /** What was asked for is no longer needed. */
  | { readonly type: 'cancel'; readonly from: string; readonly index: number }
  /** @param instead what nobody has got yet, with `'elsewhere'` */
  | {
      readonly type: 'denial'
      readonly from: string
      readonly index: number
      readonly reason: DenialReason
      readonly instead?: number | undefined
    }
  /** So many requests wait at this neighbor; told while some of this member's do, as a sign of life. */
  | { readonly type: 'queue'; readonly from: string; readonly waiting: number }
  /** An object has come, complete. `waiting` as it stands in its header. */
  | {
      readonly type: 'object'
      readonly from: string
      readonly index: number
      readonly bytes: Uint8Array
      readonly waiting: number
    }
  /** An object did not come to its end, or was refused for its length. */
  | { readonly type: 'broken'; readonly from: string; readonly index: number }
  /** The application's sets. Ranges have been checked ({@link isRange}). `isForAll`: everybody needs these before anything else. @default false */
  | { readonly type: 'addHave'; readonly start: number; readonly end: number; readonly isForAll?: boolean }
  | { readonly type: 'removeHave'; readonly start: number; readonly end: number }
  | { readonly type: 'addWant'; readonly start: number; readonly end: number }
  | { readonly type: 'removeWant'; readonly start: number; readonly end: number }
  /** What came of these was good, and has been lost here: who gave them is not at fault when they are wanted again. */
  | { readonly type: 'excuse'; readonly start: number; readonly end: number }
  | { readonly type: 'strategy'; readonly strategy: ReplicationStrategy }
  /** So many more requests may be made, each taking one; any number until it is first said. For limits of rate and memory. What was asked for still comes. */
  | { readonly type: 'allow'; readonly requests: number }
  /** The application's answer to `serve`: the object, or no. */
  | { readonly type: 'answer'; readonly requestID: number; readonly bytes: Uint8Array }
  | { readonly type: 'deny'; readonly requestID: number }
  /** What `sendObject` asked for has been handed to the network, or dropped: there is room for the next. */
  | { readonly type: 'sent'; readonly to: string; readonly index: number }
  /** The namespace is left: neighbors are told that nothing is offered or wanted here. What still waits is denied, what was asked for cancelled. */
  | { readonly type: 'close' }
  /** The timer that the last `setTimer` asked for. */
  | { readonly type: 'timer' }

export type ReplicationEffect =
  | { readonly type: 'sendHave'; readonly to: string; readonly change: SetChange; readonly asks: boolean }
  | { readonly type: 'sendWant'; readonly to: string; readonly change: SetChange }
  | { readonly type: 'sendRequest'; readonly to: string; readonly index: number }
  | { readonly type: 'sendCancel'; readonly to: string; readonly index: number }
  | {
      readonly type: 'sendDenial'
      readonly to: string
      readonly index: number
      readonly reason: DenialReason
      readonly instead?: number | undefined
    }
  | { readonly type: 'sendQueue'; readonly to: string; readonly waiting: number }
  /** Ask the application for an object, as `NetGroup.Replication.Request`. Each is to be answered once, with `answer` or `deny`. */
  | { readonly type: 'serve'; readonly index: number; readonly requestID: number }
  /** Send the object, and say `sent`. `waiting` goes into its header. */
  | {
      readonly type: 'sendObject'
      readonly to: string
      readonly index: number
      readonly bytes: Uint8Array
      readonly waiting: number
    }
  /** The neighbor no longer needs this object: what of it has not left may be dropped. `sent` is said all the same. */
  | { readonly type: 'dropObject'; readonly to: string; readonly index: number }
  /** `NetGroup.Replication.Fetch.SendNotify`: comes before each `sendRequest`. */
  | { readonly type: 'sendNotify'; readonly index: number }
  /** `NetGroup.Replication.Fetch.Result`. The index has left the wanted ones. */
  | { readonly type: 'result'; readonly index: number; readonly bytes: Uint8Array; readonly from: string }
  /** `NetGroup.Replication.Fetch.Failed`: a request came to nothing. It is made again, while wanted. */
  | { readonly type: 'failed'; readonly index: number; readonly reason: FetchFailure }
  /** An answer of the application that was not taken: the request is not known or has been answered; or the object is too long, then it still waits. */
  | { readonly type: 'badAnswer'; readonly requestID: number; readonly reason: 'unknown' | 'tooLong' }
  /** This neighbor did what no member does that keeps to the rules. */
  | { readonly type: 'misbehavior'; readonly peer: string; readonly reason: string }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** Where the parts of an engine put what is to be done. */
export type EmitReplication = (effect: ReplicationEffect) => void

/** One per membership and namespace. */
export interface ReplicationEngine {
  /** Takes one input and answers what is to be done, in order. @param nowMs never goes back */
  handle(input: ReplicationInput, nowMs: number): ReplicationEffect[]
  /** Would this object be of use, and was it asked for? To be asked before memory is taken for it. */
  expects(from: string, index: number): boolean
  /** Neighbors that have something here or want it. */
  readonly peers: number
}

/** How a replication engine is made. */
export interface ReplicationInit {
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** @default `'rarestFirst'` */
  readonly strategy?: ReplicationStrategy
}
