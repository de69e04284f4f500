import type { NetGroup } from 'netgroup'

/** A post that a page heard. */
export interface HeardPost {
  /** In which of its groups. */
  readonly group: number
  readonly from: string
  readonly message: string
  /** When, in ms since 1970. */
  readonly atMs: number
}

/** A neighbor as the page sees it. */
export interface SeenNeighbor {
  readonly peerID: string
  readonly transport: string
  readonly relayed: boolean
  readonly rttMs: number
}

/** What group.html has on its window, once it has joined. */
export interface GroupPageState {
  /** When its loading began, in ms since 1970. */
  readonly openedAtMs: number
  peerID: string | undefined
  readonly groups: NetGroup<string>[]
  readonly heard: HeardPost[]
  /** Message ids of posts that reached nobody. */
  readonly failed: string[]
  /** The state of each relay. */
  relays(): string[]
  neighbors(group?: number): SeenNeighbor[]
  post(text: string, group?: number): Promise<void>
}
