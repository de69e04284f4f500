// Who are my neighbors? A topology engine answers it: it hears of candidates, of links that come and go and of what neighbors report, and says whom to
// dial, whom to leave and what to tell whom. It does no I/O: time comes in, effects go out (docs/ARCHITECTURE.md, "Engines").
import type { Coverage, Place } from '../../shared/ring.ts'

/** What a neighbor tells of the members that one should know. Signed peer records travel beside it, and are the shell's. */
export interface TopologyReport {
  /** Neighbors of the sender. */
  readonly members: readonly string[]
  /** The part of the ring from the sender's third neighbor on one side to the third on the other: 0 < x ≤ 1, 0 when it has fewer. */
  readonly span: number
  /** The sender holds the receiver for its next neighbor on the ring, one way or the other. */
  readonly isRingNeighbor: boolean
}

/** What the shell tells a topology engine. Peers are peer ids as text. */
export type TopologyInput =
  /** Somebody outside the group's links says that this peer may be a member: mDNS, a relay, the application. */
  | { readonly type: 'candidate'; readonly peer: string }
  /** The application asks for a link to this peer: it is dialed now, whatever failed before, and over the usual number. */
  | { readonly type: 'wanted'; readonly peer: string }
  | { readonly type: 'linkUp'; readonly peer: string; readonly rttMs: number }
  | { readonly type: 'linkDown'; readonly peer: string }
  /** The link with a neighbor was replaced: what was told meanwhile may be lost, on both sides. */
  | { readonly type: 'linkMoved'; readonly peer: string }
  | { readonly type: 'rtt'; readonly peer: string; readonly rttMs: number }
  /** No link came of a dial. */
  | { readonly type: 'dialFailed'; readonly peer: string }
  | { readonly type: 'report'; readonly from: string; readonly report: TopologyReport }
  /** A member, perhaps the neighbor itself, looks for its place on the ring. */
  | { readonly type: 'seeker'; readonly from: string; readonly peer: string }
  /** Does the neighbor want the link for itself? */
  | { readonly type: 'wanting'; readonly from: string; readonly isWanted: boolean }
  /** A few neighbors are needed as soon as can be: somebody begins to watch a stream. */
  | { readonly type: 'hurry' }
  /** What failed before may go now: the network of this machine is another one, or a relay is back. */
  | { readonly type: 'pathsChanged' }
  /** The timer that the last `setTimer` asked for. */
  | { readonly type: 'timer' }

/** What the shell is to do. */
export type TopologyEffect =
  /** Connect and begin a link. Ends in `linkUp` or `dialFailed`. */
  | { readonly type: 'dial'; readonly peer: string }
  /** End the link in good order. Ends in `linkDown`. */
  | { readonly type: 'close'; readonly peer: string }
  | { readonly type: 'sendReport'; readonly to: string; readonly report: TopologyReport }
  /** @see the input `seeker`. The peer may be this member itself */
  | { readonly type: 'sendSeeker'; readonly to: string; readonly peer: string }
  | { readonly type: 'sendWanting'; readonly to: string; readonly isWanted: boolean }
  /** The addresses for which this member is the nearest are others than before: see {@link TopologyEngine.coverage}. */
  | { readonly type: 'coverage' }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** One per membership. */
export interface TopologyEngine {
  /** Takes one input and answers what is to be done, in order. @param nowMs never goes back */
  handle(input: TopologyInput, nowMs: number): TopologyEffect[]
  /** Would a link that this peer opens be welcome? */
  accepts(peer: string): boolean
  /** May one more seeker be taken from this neighbor now? Then it counts. To be asked before anything is done with it. */
  takesSeeker(from: string, nowMs: number): boolean
  /** How many members the group has, this one included: counted while they are few, else estimated. */
  estimateMemberCount(nowMs: number): number
  /** The addresses to which this member is nearest. */
  readonly coverage: Coverage
}

/** How a topology engine is made. */
export interface TopologyInit {
  /** The own peer id. */
  readonly peer: string
  /** The place of any peer on the group's ring. Asked often: remember them. */
  readonly placeOf: (peer: string) => Place
  /** Links to have at most, of one's own making; undefined: as many as the ring needs. */
  readonly maxNeighbors?: number
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** Does something come from this neighbor, or go to it, that would be missed? Such a link is kept. @default none does */
  readonly isInUse?: (peer: string) => boolean
}
