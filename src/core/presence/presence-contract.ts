// What passes between the presence engine and its shell.
import type { Place } from '../../shared/ring.ts'
import type { PresenceDraft, PresenceEntry, PresenceWords } from './presence-entry.ts'

/** What the shell tells the engine. Peers are peer ids as text. */
export type PresenceInput =
  /** Be seen, with this value. */
  | { readonly type: 'present'; readonly value: Uint8Array }
  /** Be seen no more. What is to be said of it is sent at once. */
  | { readonly type: 'withdraw' }
  /** The answer to `sign`. */
  | { readonly type: 'signed'; readonly entry: PresenceEntry; readonly farewell: PresenceEntry }
  | { readonly type: 'linkUp'; readonly peer: string }
  /** The link was replaced: what was sent over the old one may be lost. */
  | { readonly type: 'linkMoved'; readonly peer: string }
  /** What carried the link is gone; another path is looked for. */
  | { readonly type: 'linkCut'; readonly peer: string }
  | { readonly type: 'linkDown'; readonly peer: string }
  | { readonly type: 'words'; readonly from: string; readonly words: PresenceWords }
  /** The answer to `verify`. */
  | {
      readonly type: 'verified'
      readonly entry: PresenceEntry
      readonly from: string
      readonly isTrue: boolean
    }
  /** The timer that the last `setTimer` asked for. */
  | { readonly type: 'timer' }

/** What the shell is to do. */
export type PresenceEffect =
  | { readonly type: 'send'; readonly to: string; readonly words: PresenceWords }
  /** Sign both, with the own key. Answer with `signed`. */
  | { readonly type: 'sign'; readonly entry: PresenceDraft; readonly farewell: PresenceDraft }
  /** Is the signature its member's? Answer with `verified`. */
  | { readonly type: 'verify'; readonly entry: PresenceEntry; readonly from: string }
  | { readonly type: 'ping'; readonly to: string }
  /** Another member is there, shows something else, or is gone: then this is the last that it showed. */
  | { readonly type: 'joined' | 'updated' | 'left'; readonly entry: PresenceEntry }
  /** Replaces a timer that was set before. */
  | { readonly type: 'setTimer'; readonly afterMs: number }

/** How {@link PresenceEngine} is made. */
export interface PresenceInit {
  /** The own peer id. */
  readonly peer: string
  /** The place of any peer on the group's ring. Asked often: remember them. */
  readonly placeOf: (peer: string) => Place
  /** When a neighbor was last heard, whatever it said, in ms of the engine's time. */
  readonly heardAtMs: (peer: string) => number
  /** The group's time, ms since 1970. */
  readonly groupNow: () => number
  /** 0 ≤ x < 1. */
  readonly random: () => number
}
