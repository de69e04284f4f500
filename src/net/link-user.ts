import type { Frame } from '../wire/link.ts'
import type { NeighborLink } from './neighbor-link.ts'

/** A protocol that neighbors of one group speak over their links, beside what the links do themselves. One of each kind per membership. */
export interface LinkUser {
  /** There is a new neighbor. */
  onLinkUp?(link: NeighborLink): void
  /** A neighbor is reached another way than before: `link` stands in the place of the one there was, and what was on its way over that one may be lost. */
  onLinkMoved?(link: NeighborLink): void
  /** What carried a neighbor's link is gone without a goodbye; another path to it is looked for. */
  onLinkCut?(link: NeighborLink): void
  /** A neighbor is one no more. */
  onLinkDown?(peer: string): void
  /** A frame of a neighbor, for all users: each takes what concerns it. The first one is its Hello. A throw ends the link. */
  onFrame?(link: NeighborLink, frame: Frame): void
  /** The round trip time to a neighbor is another one than was told before. */
  onRtt?(link: NeighborLink): void
  /** The membership is about to end; its links still stand, for last words. */
  onLeaving?(): void
  /** The membership ends; its links have been closed. Nothing of it may be left. */
  close?(): void
}
