// Which fragment from whom, and which to whom? A multicast engine answers it for one stream, at its publisher and at each member that plays it; who does neither does not carry it.
// It does no I/O: time comes in, effects go out (docs/ARCHITECTURE.md, "Engines").
import type { AvailabilityMap } from './availability-map.ts'
import type { Fragment } from './fragment.ts'
import type { MulticastParameters } from './multicast-parameters.ts'

/** What a member can give of one stripe. */
export interface StripeState {
  /** Number of the stripe. */
  readonly stripe: number
  /** How long after the publisher it has a fragment, in ms, as each on the way adds it up; undefined: it has no parent for this stripe. */
  readonly delayMs: number | undefined
  /** Digests ({@link peerDigest}) of those through whom it gets the stripe, from its parent on; at most {@link MAX_STREAM_PATH}. */
  readonly path: readonly number[]
}

/** What a member tells of itself to neighbors that carry the stream as well. */
export interface StreamInfo {
  /** The sender knows nothing of the receiver: it is to answer with all it has. */
  readonly asks: boolean
  /** It carries the stream no more. The rest does not count. */
  readonly isLeaving: boolean
  readonly uplinkKbps: number
  /** The stream with everything around its fragments. */
  readonly rateKbps: number
  /** To how many it could push one more stripe. */
  readonly free: number
  /** The stripes that one more would be given, as a mask: there is a slot, or a child would move for it that is further from the publisher in another stripe. */
  readonly open: number
  /** The uplink of the child that would give way to a stronger one, 0: none would. */
  readonly weakestKbps: number
  /** How long a push waits there. */
  readonly queueMs: number
  /** Those that have changed since it was told last. */
  readonly stripes: readonly StripeState[]
}

/** Who pushes which stripe to whom: masks, the lowest bit is stripe 0. */
export interface StripeMasks {
  /** The receiver is to push these to the sender. */
  readonly subscribe: number
  readonly unsubscribe: number
  /** With `unsubscribe`: fragments up to this number are still to be pushed; 0: none. */
  readonly until: number
  /** The answers to `subscribe`. What was accepted once may be refused later: it has ended. */
  readonly accept: number
  readonly refuse: number
  /** What was accepted ends in 0.25 s, or when another parent pushes: another child came in its place, or the uplink does not carry it. */
  readonly revoke: number
  /** With `subscribe`: the uplink of the sender, and the stripes that it pushes on to children of its own. */
  readonly uplinkKbps: number
  readonly interior: number
}

/** Why a fragment that was asked for will not come. */
export type PullDenial = 'absent' | 'busy'

export type MulticastInput =
  /** A new neighbor, or a new link in the place of the one there was. At the beginning: each neighbor that there is. */
  | { readonly type: 'linkUp'; readonly peer: string; readonly rttMs: number }
  | { readonly type: 'linkDown'; readonly peer: string }
  | { readonly type: 'rtt'; readonly peer: string; readonly rttMs: number }
  | { readonly type: 'info'; readonly from: string; readonly info: StreamInfo }
  | { readonly type: 'map'; readonly from: string; readonly map: AvailabilityMap; readonly queueMs: number }
  | { readonly type: 'stripes'; readonly from: string; readonly masks: StripeMasks }
  /** At most {@link MAX_PULLED_FRAGMENTS} numbers. */
  | { readonly type: 'pull'; readonly from: string; readonly numbers: readonly number[] }
  | {
      readonly type: 'denial'
      readonly from: string
      readonly numbers: readonly number[]
      readonly reason: PullDenial
    }
  /** @param asks it wants to hear of members that carry the stream @param peers at most {@link MAX_TOLD_PEERS} of those */
  | {
      readonly type: 'peers'
      readonly from: string
      readonly asks: boolean
      readonly peers: readonly string[]
    }
  /** A fragment has come whose signature holds. What does not, the shell counts against the sender and never tells the engine. */
  | { readonly type: 'fragment'; readonly from: string; readonly fragment: Fragment }
  /** The publisher's next fragment, signed: numbers are consecutive, from 1. */
  | { readonly type: 'publish'; readonly fragment: Fragment }
  /** A fragment that `sendFragment` gave out has been handed to the network: there is room for the next. Told once for each, in order per neighbor. */
  | { readonly type: 'sent'; readonly to: string; readonly number: number }
  /** What somebody else has measured of this member's uplink, in bits per second. */
  | { readonly type: 'uplink'; readonly bitsPerSecond: number }
  /** Local overrides. */
  | { readonly type: 'parameters'; readonly parameters: Partial<MulticastParameters> }
  /** The stream is no longer played, or published, here: neighbors are told. */
  | { readonly type: 'close' }
  /** The timer that the last `setTimer` asked for. */
  | { readonly type: 'timer' }

export type MulticastEffect =
  | { readonly type: 'sendInfo'; readonly to: string; readonly info: StreamInfo }
  | {
      readonly type: 'sendMap'
      readonly to: string
      readonly map: AvailabilityMap
      readonly queueMs: number
    }
  | { readonly type: 'sendStripes'; readonly to: string; readonly masks: StripeMasks }
  | { readonly type: 'sendPull'; readonly to: string; readonly numbers: readonly number[] }
  | {
      readonly type: 'sendDenial'
      readonly to: string
      readonly numbers: readonly number[]
      readonly reason: PullDenial
    }
  | {
      readonly type: 'sendPeers'
      readonly to: string
      readonly asks: boolean
      readonly peers: readonly string[]
    }
  /**
   * Send `fragment.bytes`, in the traffic class of `fragment.kind`, and say `sent` as late as can be known: what is not yet sent is what the uplink is measured by. Nothing more
   * is said of fragments of a link that has gone down.
   *
   * @param isPulled it was asked for
   */
  | {
      readonly type: 'sendFragment'
      readonly to: string
      readonly fragment: Fragment
      readonly isPulled: boolean
    }
  /**
   * Here the stream begins for this member: the first fragment of a keyframe, or the live edge. Comes once, before the first `deliver`; nothing below it is
   * delivered.
   *
   * @param live what is below this was published before this member was there
   */
  | { readonly type: 'start'; readonly number: number; readonly live: number }
  /** A fragment, for the first time; not in order. */
  | { readonly type: 'deliver'; readonly fragment: Fragment }
  /** What is below this number and has not been delivered will not be: the window has passed over it. */
  | { readonly type: 'skip'; readonly number: number }
  /** The fragment with the end-of-stream flag and all before it have been delivered or skipped. */
  | { readonly type: 'ended' }
  /** A link to this member would help: it carries the stream. Whether it comes to one is the shell's and topology's matter. */
  | { readonly type: 'link'; readonly peer: string }
  /** This neighbor did what no member does that keeps to the rules. */
  | { readonly type: 'misbehavior'; readonly peer: string; readonly reason: string }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** Where the parts of an engine put what is to be done. */
export type EmitMulticast = (effect: MulticastEffect) => void

/** Totals since the beginning, as the original's NetStreamMulticastInfo has them. Bytes are those of {@link Fragment.bytes}. */
export interface MulticastCounters {
  readonly bytesPushedToPeers: number
  readonly fragmentsPushedToPeers: number
  readonly bytesRequestedByPeers: number
  readonly fragmentsRequestedByPeers: number
  readonly bytesPushedFromPeers: number
  readonly fragmentsPushedFromPeers: number
  readonly bytesRequestedFromPeers: number
  readonly fragmentsRequestedFromPeers: number
}

/** One per membership and stream. */
export interface MulticastEngine {
  /** Takes one input and answers what is to be done, in order. @param nowMs never goes back */
  handle(input: MulticastInput, nowMs: number): MulticastEffect[]
  /** Would this fragment be new here? To be asked before its signature is verified; false also for numbers outside the window. */
  expects(number: number): boolean
  /** Does any of it come from this neighbor, or go to it? Its link should stay. */
  uses(peer: string): boolean
  readonly counters: MulticastCounters
  /** Has every neighbor that carries the stream told that it has all that there is? */
  readonly isSettled: boolean
  /** Has every neighbor that carries the stream told that it gets all stripes? */
  readonly isFormed: boolean
}

/** How a multicast engine is made. */
export interface MulticastInit {
  /** The own peer id. */
  readonly peer: string
  readonly publisher: string
  /** The publisher's announced ones, under local overrides. */
  readonly parameters?: Partial<MulticastParameters>
  /** Stripes of the stream, as announced: 1 to {@link MAX_STRIPES}. @default {@link STRIPES} @throws RangeError */
  readonly stripes?: number
  /** Has the stream only just begun? Then this member was waiting for it, and has it from its first fragment on. @default false */
  readonly isYoung?: boolean
  /** What is known of the own uplink, in bits per second; it is measured all the same. @default as much as two copies of the stream take */
  readonly uplinkBitsPerSecond?: number
  /** At the publisher: what the encoder is set to, in bits per second, all frames together. It is measured all the same. @default 2 Mbit/s */
  readonly bitsPerSecond?: number
  /** 0 ≤ x < 1. */
  readonly random: () => number
}
