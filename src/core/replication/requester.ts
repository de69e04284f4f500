import type { FirstCopy } from './first-copy.ts'

/** A request that has seen so many rounds of all requesters go by is next, whoever has asked for what. Guess. */
const OVERDUE_ROUNDS = 4

/** Of one requester's requests, how many are looked at for one that was never sent. Guess: what a turn may cost. */
const LOOKED_AT = 8

/** A neighbor that asks for objects here. */
export class Requester {
  readonly peer: string
  /** What waits, and the turn at which it came; the oldest first. */
  readonly waiting: Map<number, number> = new Map()
  /** What the application was asked for or what is being sent, and its request's number. */
  readonly sending: Map<number, number> = new Map()
  /** How many were put to the application, are no longer needed, and are not answered yet: the application is at work on them all the same. */
  abandoned = 0
  /** What it was told to look for elsewhere, how often, and since when. */
  readonly sentElsewhere: Map<number, { readonly times: number; readonly sinceMs: number }> = new Map()
  /** Since when it is counted what it gets, and how many objects it had then; undefined before it first asks for one. */
  counted: { readonly sinceMs: number; readonly had: number } | undefined
  /** How many it was given since. */
  given = 0
  /** Objects that it has not taken for long: until it has, it gets no more. */
  stalled = 0
  servedAtTurn: number

  /** @param turn now: it comes after those that have waited longer */
  constructor(peer: string, turn: number) {
    this.peer = peer
    this.servedAtTurn = turn
  }

  /** Requests that it has here. Whoever cancels one cannot have another put to the application before that one is answered, or it could have any number under way. */
  get count(): number {
    return this.waiting.size + this.sending.size + this.abandoned
  }
}

/** A request, and whose it is. */
export interface NextRequest {
  readonly requester: Requester
  readonly index: number
}

/**
 * Whose turn it is. First what has waited for several rounds; then what was never sent to anybody (rule S2: whatever else goes out twice while there are such
 * delays the first copy of the whole); then anything. Among equals who was served longest ago.
 */
export function nextRequest(
  requesters: ReadonlyMap<string, Requester>,
  turn: number,
  firstCopy: FirstCopy
): NextRequest | undefined {
  let next: NextRequest | undefined
  let bestRank = Number.POSITIVE_INFINITY
  const overdueTurns = OVERDUE_ROUNDS * requesters.size
  for (const requester of requesters.values()) {
    const request = requester.stalled > 0 ? undefined : bestOf(requester, turn - overdueTurns, firstCopy)
    if (request === undefined || request.rank > bestRank) continue
    const isSooner = request.rank < bestRank || requester.servedAtTurn < (next?.requester.servedAtTurn ?? 0)
    if (!isSooner) continue
    bestRank = request.rank
    next = { requester, index: request.index }
  }
  return next
}

/** Of one's own requests: the oldest when it is overdue, else one that was never sent, else the oldest. The lower rank goes first. */
function bestOf(
  { waiting }: Requester,
  overdueTurn: number,
  firstCopy: FirstCopy
): { index: number; rank: number } | undefined {
  let oldest: number | undefined
  let looks = 0
  for (const [index, cameAtTurn] of waiting) {
    if (oldest === undefined && cameAtTurn < overdueTurn) return { index, rank: 0 }
    oldest ??= index
    if (firstCopy.has(index)) return { index, rank: 1 }
    looks += 1
    if (looks >= LOOKED_AT) break
  }
  return oldest === undefined ? undefined : { index: oldest, rank: 2 }
}
