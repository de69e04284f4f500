import { clockwise, type Place } from '../../shared/ring.ts'

/** Links watched on each side of one's place: those that the ring keeps, so that everybody is watched by about six. */
const WATCHED_PER_SIDE = 3

/** A watched neighbor that was silent for this long is pinged, in ms, and again while it stays silent. So five pings and their answers may be lost before it is doubted. */
const PING_AFTER_MS = 1_500
const PING_AGAIN_MS = 1_000

/** A watched neighbor that was silent for this long is doubted, in ms. With {@link PresenceEngine}'s wait for its answer well under 15 s. */
const DOUBT_AFTER_MS = 6_000

/** The same neighbor is doubted again for its silence after this, in ms: it answers others, so it is the link that is dead. */
const DOUBT_AGAIN_MS = 20_000

/** A neighbor, as far as it is watched. */
interface Link {
  readonly peer: string
  readonly place: Place
  pingedAtMs: number
  doubtedAtMs: number
}

/** How {@link PresenceWatch} is made. */
export interface PresenceWatchInit {
  readonly own: Place
  /** When the neighbor was last heard, in ms of the engine's time. */
  readonly heardAtMs: (peer: string) => number
  /** Is the neighbor on the list? Who does not say that it is there is not missed. */
  readonly isPresent: (peer: string) => boolean
}

/** Watches the nearest neighbors on either side: whom to ping, whom to doubt. */
export class PresenceWatch {
  readonly #init: PresenceWatchInit
  readonly #links = new Map<string, Link>()
  #watched: readonly Link[] | undefined
  /** Silence before this does not count. */
  #sinceMs = 0

  constructor(init: PresenceWatchInit) {
    this.#init = init
  }

  addLink(peer: string, place: Place): void {
    this.#links.set(peer, {
      peer,
      place,
      pingedAtMs: Number.NEGATIVE_INFINITY,
      doubtedAtMs: Number.NEGATIVE_INFINITY
    })
    this.#watched = undefined
  }

  removeLink(peer: string): void {
    this.#links.delete(peer)
    this.#watched = undefined
  }

  /** Somebody has come onto the list, or left it. */
  onListChange(peer: string): void {
    if (this.#links.has(peer)) this.#watched = undefined
  }

  /** This machine was asleep: the silence meanwhile says nothing. */
  forgive(nowMs: number): void {
    this.#sinceMs = nowMs
  }

  check(nowMs: number): { pings: string[]; doubted: string[] } {
    this.#watched ??= this.#nearest()
    const [pings, doubted]: [string[], string[]] = [[], []]
    for (const link of this.#watched) {
      const silentMs = nowMs - Math.max(this.#init.heardAtMs(link.peer), this.#sinceMs)
      if (silentMs < PING_AFTER_MS) continue
      if (nowMs - link.pingedAtMs >= PING_AGAIN_MS) {
        link.pingedAtMs = nowMs
        pings.push(link.peer)
      }
      if (silentMs < DOUBT_AFTER_MS || nowMs - link.doubtedAtMs < DOUBT_AGAIN_MS) continue
      link.doubtedAtMs = nowMs
      doubted.push(link.peer)
    }
    return { pings, doubted }
  }

  #nearest(): Link[] {
    const { own, isPresent } = this.#init
    const around = [...this.#links.values()]
      .filter(({ peer }) => isPresent(peer))
      .sort((a, b) => clockwise(own, a.place) - clockwise(own, b.place))
    if (around.length <= 2 * WATCHED_PER_SIDE) return around
    return [...around.slice(0, WATCHED_PER_SIDE), ...around.slice(-WATCHED_PER_SIDE)]
  }
}
