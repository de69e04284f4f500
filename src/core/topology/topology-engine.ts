// Who are my neighbors? A topology engine answers it: it hears of candidates and of links that come and go, and says whom to dial and
// whom to leave. It does no I/O: time comes in, effects go out (docs/ARCHITECTURE.md, "Engines").

/** What the shell tells a topology engine. Peers are peer ids as text. */
export type TopologyInput =
  /** Somebody says that this peer may be a member. */
  | { readonly type: 'candidate'; readonly peer: string }
  /** The application asks for a link to this peer: it is dialed now, whatever failed before, and over the usual number. */
  | { readonly type: 'wanted'; readonly peer: string }
  | { readonly type: 'linkUp'; readonly peer: string }
  | { readonly type: 'linkDown'; readonly peer: string }
  /** No link came of a dial. */
  | { readonly type: 'dialFailed'; readonly peer: string }
  /** What failed before may go now: the network of this machine is another one, or a relay is back. */
  | { readonly type: 'pathsChanged' }
  /** The timer that the last `setTimer` asked for. */
  | { readonly type: 'timer' }

/** What the shell is to do. */
export type TopologyEffect =
  /** Connect and begin a link. Ends in `linkUp` or `dialFailed`. */
  | { readonly type: 'dial'; readonly peer: string }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** One per membership. */
export interface TopologyEngine {
  /** Takes one input and answers what is to be done, in order. @param nowMs never goes back */
  handle(input: TopologyInput, nowMs: number): TopologyEffect[]
  /** Would a link that this peer opens be welcome? */
  accepts(peer: string): boolean
}
