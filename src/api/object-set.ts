// What can be done with objects: the original's names and values.

/** In which order wanted objects are asked for. */
export const NetGroupReplicationStrategy = {
  /** The lowest index first, for what is used from its beginning. Not quite: one of the 32 lowest at random, so that neighbors do not all have the same. */
  LOWEST_FIRST: 'lowestFirst',
  /** What the fewest neighbors have first, so that nothing gets lost when some leave. */
  RAREST_FIRST: 'rarestFirst'
} as const
export type NetGroupReplicationStrategy =
  (typeof NetGroupReplicationStrategy)[keyof typeof NetGroupReplicationStrategy]

/**
 * Objects by index, which members offer and fetch from each other. An index is a whole number from 0 to 2^53 - 1 (the original's went to 2^53, which two numbers cannot tell
 * apart); ranges include both ends. What an index means is the application's. A range of a million objects costs as much as one of one.
 *
 * All throw NetGroupError CLOSED, CAPABILITY_DISABLED; RangeError for ranges that are none.
 */
export interface ObjectSet {
  /** Offers these: neighbors may ask for them from now on, as `NetGroup.Replication.Request`. Having is a promise. */
  addHaveObjects(start: number, end: number): void
  /** Offers these no more. Requests that were told already may still be answered. */
  removeHaveObjects(start: number, end: number): void
  /** Fetches these from neighbors, until each has come (`NetGroup.Replication.Fetch.Result`: it leaves the wanted ones by itself) or is wanted no more. Failures are tried again. */
  addWantObjects(start: number, end: number): void
  removeWantObjects(start: number, end: number): void
  /**
   * Answers a request. Each is to be answered, with this or {@link denyRequestedObject}, now or later, once.
   *
   * @param object any value that can be sent; up to 1 MiB encoded, best 16 to 64 KiB
   * @throws RangeError for a request that is not known or has been answered, NetGroupError MESSAGE_TOO_LARGE, VALUE_UNSUPPORTED: then it still waits
   */
  writeRequestedObject(requestID: number, object: unknown): void
  /** Refuses a request. Whoever asked may ask again, while the object is offered. @throws RangeError for a request that is not known or has been answered */
  denyRequestedObject(requestID: number): void
  /** Which of the wanted objects are asked for first. The same for all faces of a membership. @default `'rarestFirst'` */
  replicationStrategy: NetGroupReplicationStrategy
}

/** What a set of objects has to tell. */
export interface ObjectStatus {
  /** An object is about to be asked for. */
  'NetGroup.Replication.Fetch.SendNotify': { level: 'status'; index: number }
  /** A request came to nothing. It is made again while the object is wanted. */
  'NetGroup.Replication.Fetch.Failed': { level: 'warning'; index: number; reason: string }
  /** An object has come. It is wanted no more, and not offered until `addHaveObjects`. Want it again when it is not what it should be: then others are asked. */
  'NetGroup.Replication.Fetch.Result': { level: 'status'; index: number; object: unknown; from: string }
  /** A neighbor asks for an object that is offered here: to be answered with `writeRequestedObject` or `denyRequestedObject`. */
  'NetGroup.Replication.Request': { level: 'status'; index: number; requestID: number }
}
