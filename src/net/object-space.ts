import type { FetchFailure, ReplicationStrategy } from '../core/replication/replication-engine.ts'

/** Whoever opened a space hears this. State has changed before. */
export interface ObjectListener {
  /** A wanted object is about to be asked for. */
  onSendNotify?(index: number): void
  /** A request came to nothing. It is made again, while the object is wanted. */
  onFailed?(index: number, reason: FetchFailure): void
  /** A wanted object has come; it is wanted no more, and not offered until {@link ObjectSpace.addHave}. The bytes are the listener's own. */
  onResult?(index: number, bytes: Uint8Array, from: string): void
  /** A neighbor asks for an object that is offered here: to be answered once, with {@link ObjectSpace.answer} or {@link ObjectSpace.deny}, now or later. */
  onRequest?(index: number, requestID: number): void
  /** Other neighbors than before have something here, or want something. */
  onPeers?(): void
  /** The membership has ended, and the space with it. */
  onClosed?(): void
}

/** What became of an answer. `'unknown'`: no such request waits. `'tooLong'`: over 1 MiB; the request still waits. */
export type AnswerOutcome = 'taken' | 'unknown' | 'tooLong'

/**
 * Objects by index in one namespace of a group, as bytes: what is offered to neighbors and what is fetched from them. Several may be open for one namespace; neighbors see
 * them as one.
 */
export interface ObjectSpace {
  readonly namespace: string
  /** Offers these. Ends are included. Ranges have been checked before. @param isForAll everybody needs them before anything else, so a source gives them to all. @default false */
  addHave(start: number, end: number, isForAll?: boolean): void
  removeHave(start: number, end: number): void
  /** Fetches these, until each has come or is wanted no more. */
  addWant(start: number, end: number): void
  removeWant(start: number, end: number): void
  /** What came of these was good, and has been lost here. Without it, or {@link addHave}, whoever gave an object that is wanted again is asked for it last. */
  excuse(start: number, end: number): void
  /** The object for a request. */
  answer(requestID: number, bytes: Uint8Array): AnswerOutcome
  /** No object for a request; the asker may ask again while it is offered. False when no such request waits. */
  deny(requestID: number): boolean
  /** Of all that are open for a namespace the last one set counts. */
  strategy: ReplicationStrategy
  /**
   * How many more objects may be asked for: each request takes one. For limits of rate and memory, and 0 for a pause; what was asked for still comes. Of several open spaces the
   * smallest counts. @default Infinity
   */
  allow(requests: number): void
  /** Neighbors that have something here or want it. */
  readonly peers: number
  /** Nothing of this one is offered or wanted any more; its requests are denied. Idempotent. */
  close(): void
}
