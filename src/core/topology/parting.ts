import type { KnownMember } from './known-member.ts'
import type { Linked } from './target.ts'
import type { TopologyEffect } from './topology-engine.ts'

/** How long a link must have been unwanted before that is told, in ms. Rule T3. */
const UNWANTED_MS = 10_000

/** A link ends by consent: each side tells the other when it does not want it for itself, and it is closed when neither does (rule T3). */
export class Parting {
  readonly #isInUse: (peer: string) => boolean
  readonly #emit: (effect: TopologyEffect) => void

  constructor(isInUse: (peer: string) => boolean, emit: (effect: TopologyEffect) => void) {
    this.#isInUse = isInUse
    this.#emit = emit
  }

  /** What this side has chosen. */
  want({ peer, link }: Linked, isWanted: boolean, nowMs: number): void {
    link.isWanted = isWanted
    if (!isWanted) {
      link.unwantedSinceMs ??= nowMs
      return
    }
    link.unwantedSinceMs = undefined
    if (!link.isToldUnwanted) return
    link.isToldUnwanted = false
    this.#emit({ type: 'sendWanting', to: peer, isWanted: true })
  }

  /** What is not wanted for long is told, once; a link that neither side wants is closed. */
  release(links: readonly Linked[], nowMs: number): void {
    for (const { peer, link } of links) {
      if (link.isToldUnwanted || nowMs - (link.unwantedSinceMs ?? nowMs) < UNWANTED_MS) continue
      link.isToldUnwanted = true
      this.#emit({ type: 'sendWanting', to: peer, isWanted: false })
      if (!link.isWantedThere) this.#emit({ type: 'close', peer })
    }
  }

  /** The other side has told what it wants. */
  onWanting({ peer, link }: KnownMember, isWanted: boolean): void {
    if (link === undefined) return
    link.isWantedThere = isWanted
    if (!isWanted && link.isToldUnwanted && !this.#isInUse(peer)) this.#emit({ type: 'close', peer })
  }

  /** What was told over the link that this one replaces may be lost: the other side says it again too if it does not want the link. */
  onMoved({ peer, link }: Linked): void {
    link.isWantedThere = true
    if (link.isToldUnwanted) this.#emit({ type: 'sendWanting', to: peer, isWanted: false })
  }
}
