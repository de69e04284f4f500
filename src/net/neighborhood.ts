import type { Connection, PeerId } from '@libp2p/interface'
import type { Frame } from '../wire/link.ts'
import type { Timer } from './clock.ts'
import { DialFailure } from './dial-race.ts'
import type { GroupHost } from './group-host.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { isCircuit } from './path.ts'

/** How long the posts of a neighbor that has left may still come, in ms: they were sent before, but are read and verified later. Guess. */
const LAST_WORDS_MS = 1_000

/** How long another path to a neighbor is looked for when the one that carried its link is gone, in ms. As long as a handshake may take. */
const MEND_TIMEOUT_MS = 5_000

/** Both sides look for it; the one with the larger id waits this long, in ms, so that mostly one does. Guess: a dial through a relay. */
const MEND_SECOND_MS = 500

/** Who has nothing to dial but relays, or makes no link over what it has dialed, waits so long for the other side, in ms: a dial and a handshake on a busy machine. Guess. */
const OTHER_SIDE_MS = 2_500

/** What happens to neighbors. State has changed before. */
export interface NeighborhoodListener {
  onUp(link: NeighborLink): void
  onDown(peer: string): void
  /** What carried a neighbor's link is gone; another path to it is looked for. */
  onCut(link: NeighborLink): void
  /** A neighbor is reached another way than before. */
  onMoved(link: NeighborLink): void
  /** A frame of a neighbor, over the link that stands, or over the one before it that has not ended yet. */
  onFrame(link: NeighborLink, frame: Frame): void
  /** A neighbor is nearer or farther than was told last. */
  onMeasured(link: NeighborLink): void
  onClockOffset(): void
}

/** How {@link Neighborhood} is made. */
export interface NeighborhoodInit {
  readonly host: GroupHost
  readonly listener: NeighborhoodListener
  /** What links tell the other side at first: as in the Hello frame. */
  readonly receiveMode: () => number
  /** Makes a link to this peer over this connection; it comes back by {@link Neighborhood.take}. */
  readonly open: (connection: Connection) => Promise<void>
  /** A connection to this peer, one that stands or a new one. */
  readonly connect: (peerID: PeerId, signal: AbortSignal) => Promise<Connection>
}

/** A link whose path is gone, while another is looked for. */
interface Mending {
  readonly link: NeighborLink
  readonly abort: AbortController
  readonly timers: Timer[]
}

/**
 * The links of one group. A neighbor is more than a link: it stays one while its link moves to a better connection, and while another path is looked for because the one there was is gone. Only when
 * none is found, or it said goodbye, it is one no more.
 */
export class Neighborhood {
  /** By peer id. */
  readonly links: Map<string, NeighborLink> = new Map()
  readonly #init: NeighborhoodInit
  /** Neighbors whose links have ended just now. */
  readonly #leaving = new Map<string, { end: () => void }>()
  readonly #mending = new Map<string, Mending>()
  /** A new neighbor's link that is just being started: until it is, nobody has heard of it. */
  #starting: NeighborLink | undefined
  #isClosed = false

  constructor(init: NeighborhoodInit) {
    this.#init = init
  }

  /** May messages that this peer passes on be taken? */
  has(peerID: PeerId): boolean {
    const peer = peerID.toString()
    return this.links.has(peer) || this.#leaving.has(peer)
  }

  /** A link whose handshake has succeeded: of a new neighbor, or in the place of one that stands. */
  take(link: NeighborLink): void {
    const peer = link.peerID.toString()
    const standing = this.links.get(peer)
    this.links.set(peer, link)
    // Before the old link ends, so that pubsub goes on.
    this.#init.host.gate.admit(link.connection)
    if (standing !== undefined) link.since = standing.since
    this.#endMending(peer)
    this.#starting = standing === undefined ? link : undefined
    // What came with the handshake, before anybody has heard of the neighbor, or that its link is another one.
    const early: Frame[] = []
    let isEarly = true
    // Let go with its end: else each link would hold all that were before it.
    let before = standing
    const endBefore = (end: (old: NeighborLink) => void): void => {
      if (before !== undefined) end(before)
      before = undefined
    }
    link.start(
      {
        onFrame: frame => {
          // Only now has the other side the new one too: what ends earlier would look to it like a path that is gone.
          if (frame.hello !== undefined) endBefore(old => old.giveWay())
          if (isEarly) early.push(frame)
          else this.#onFrame(link, frame)
        },
        onClose: () => {
          endBefore(old => (link.ending === 'closed' ? old.close() : old.giveWay()))
          this.#onClose(link)
        },
        onClockOffset: () => this.#init.listener.onClockOffset(),
        onRtt: () => this.#init.listener.onMeasured(link)
      },
      this.#init.receiveMode()
    )
    this.#starting = undefined
    if (this.links.get(peer) !== link) {
      isEarly = false
      return
    }
    // Dead before it began: a new one never was a neighbor, and one that replaced another is being mended.
    if (link.ending !== undefined) {
      if (standing === undefined) this.#forget(link)
    } else if (standing === undefined) this.#init.listener.onUp(link)
    else this.#init.listener.onMoved(link)
    isEarly = false
    this.#onEarly(link, early)
  }

  #onEarly(link: NeighborLink, frames: readonly Frame[]): void {
    try {
      for (const frame of frames) this.#onFrame(link, frame)
    } catch (error) {
      link.abort(`A frame that cannot be: ${String(error)}`)
    }
  }

  #onFrame(link: NeighborLink, frame: Frame): void {
    const peer = link.peerID.toString()
    // What was on its way when the link was replaced still counts, except what a link says of its own side.
    const isLate = this.links.get(peer) !== link
    if (this.links.has(peer) && !(isLate && frame.hello !== undefined))
      this.#init.listener.onFrame(link, frame)
  }

  /** Moves the link with this connection's peer there, if that is a better path than the one it has. */
  async move(connection: Connection): Promise<void> {
    const link = this.links.get(connection.remotePeer.toString())
    if (link !== undefined && isCircuit(link.connection) && !isCircuit(connection))
      await this.#init.open(connection)
  }

  /** Ends the link with this peer at once, if there is one; no other path is looked for. */
  drop(peerID: PeerId, reason: string): void {
    const link = this.links.get(peerID.toString())
    link?.abort(reason)
    if (link !== undefined && this.#mending.has(peerID.toString())) this.#giveUp(link)
  }

  /** The network of this machine has changed: paths may be gone without a word. */
  probe(): void {
    for (const link of this.links.values()) link.probe()
  }

  /** Ends all links in good order. */
  close(): void {
    this.#isClosed = true
    for (const link of [...this.links.values()]) {
      link.close()
      this.#init.host.ending.add(link.stream)
      if (this.links.get(link.peerID.toString()) === link) this.#giveUp(link)
    }
    for (const { end } of [...this.#leaving.values()]) end()
  }

  #onClose(link: NeighborLink): void {
    if (this.#starting === link) return
    // A link that was replaced ends in silence.
    if (this.links.get(link.peerID.toString()) !== link) this.#withdraw(link)
    else if (link.ending === 'cut' && !this.#isClosed && !this.#init.host.isRefused(link.peerID))
      this.#mend(link)
    else this.#giveUp(link)
  }

  #mend(link: NeighborLink): void {
    const { host } = this.#init
    const peer = link.peerID.toString()
    const abort = new AbortController()
    const isFirst = host.components.peerId.toString() < peer
    const start = (): void => void this.#reconnect(link, abort.signal)
    this.#mending.set(peer, {
      link,
      abort,
      timers: [
        host.clock.setTimer(start, isFirst ? 0 : MEND_SECOND_MS),
        host.clock.setTimer(() => this.#giveUp(link), MEND_TIMEOUT_MS)
      ]
    })
    this.#init.listener.onCut(link)
  }

  async #reconnect(link: NeighborLink, signal: AbortSignal): Promise<void> {
    try {
      const connection = await this.#init.connect(link.peerID, signal)
      if (signal.aborted) return
      await this.#init.open(connection)
    } catch (error) {
      this.#init.host.log('no other path to %p - %e', link.peerID, error)
      if (!isUnreachable(error)) {
        this.#waitForOtherSide(link, signal)
        return
      }
    }
    // Unless a new link has taken its place.
    if (!signal.aborted) this.#giveUp(link)
  }

  #waitForOtherSide(link: NeighborLink, signal: AbortSignal): void {
    const mending = this.#mending.get(link.peerID.toString())
    if (mending === undefined || signal.aborted) return
    mending.timers.push(this.#init.host.clock.setTimer(() => this.#giveUp(link), OTHER_SIDE_MS))
  }

  #giveUp(link: NeighborLink): void {
    this.#forget(link)
    this.#init.listener.onDown(link.peerID.toString())
  }

  #forget(link: NeighborLink): void {
    const peer = link.peerID.toString()
    const isMending = this.#endMending(peer)
    if (!isMending) this.#withdraw(link)
    this.links.delete(peer)
  }

  /** No longer looks for another path: there is a new link, or none will be. */
  #endMending(peer: string): boolean {
    const mending = this.#mending.get(peer)
    if (mending === undefined) return false
    this.#mending.delete(peer)
    mending.abort.abort(new Error('No longer needed'))
    for (const timer of mending.timers) timer.cancel()
    this.#withdraw(mending.link)
    return true
  }

  /** Pubsub with the neighbor ends with its last link: a moment later when it ended it, so that its last posts are heard. */
  #withdraw(link: NeighborLink): void {
    const { host } = this.#init
    const peer = link.peerID.toString()
    const isByUs = link.ending === 'closed' || link.ending === 'replaced'
    if (isByUs || this.#isClosed || host.isRefused(link.peerID)) {
      host.gate.withdraw(link.connection)
      return
    }
    this.#leaving.get(peer)?.end()
    const end = (): void => {
      timer.cancel()
      this.#leaving.delete(peer)
      host.gate.withdraw(link.connection)
    }
    const timer = host.clock.setTimer(end, LAST_WORDS_MS)
    this.#leaving.set(peer, { end })
  }
}

/** Was an address of its own dialed, and nobody there? That a relay has no reservation of the peer's says little: it may have been lost with the path, and be made anew. */
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof DialFailure && error.attempts.some(({ address }) => !address.includes('/p2p-circuit'))
  )
}
