import type { Place } from '../../../src/shared/ring.ts'

/** What a member lets its protocols do. */
export interface SimShell {
  /** The own peer id. */
  readonly peer: string
  readonly placeOf: (peer: string) => Place
  /** 0 ≤ x < 1, of this member's own. */
  readonly random: () => number
  now(): number
  /** Sends a frame to a neighbor; nothing happens when it is none. @param kind one of the protocol's own @param bytes as encoded, with its length */
  send(to: string, kind: string, payload: unknown, bytes: number): void
  /** Sends bulk, which all else overtakes: `onSent` once it has left. */
  sendBulk(to: string, kind: string, payload: unknown, bytes: number, onSent: () => void): void
  /** Replaces the protocol's timer: `onTimer` after so many ms. */
  setTimer(afterMs: number): void
  /** Asks topology for a link to this peer. */
  want(peer: string): void
  /** Asks topology for a few neighbors as soon as can be. */
  hurry(): void
  /** The neighbors now. */
  neighbors(): Iterable<string>
}

/** An engine beside topology, over the same links: what a LinkUser is in the network. */
export interface SimProtocol {
  /** The kinds of frames that it sends and takes. No other protocol has them. */
  readonly kinds: readonly string[]
  onLinkUp?(peer: string, rttMs: number): void
  /** The link was replaced: what was on its way over the old one is lost. */
  onLinkMoved?(peer: string, rttMs: number): void
  onLinkDown?(peer: string): void
  onFrame?(from: string, kind: string, payload: unknown): void
  onTimer?(): void
  /** Should the link with this neighbor stay? */
  uses?(peer: string): boolean
}

/** Makes the protocol of one member. */
export type SimProtocolFactory = (shell: SimShell) => SimProtocol
