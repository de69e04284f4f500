import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { equalInConstantTime } from '../shared/bytes.ts'
import { HANDSHAKE_TIMEOUT_MS, MAX_LINK_FRAME_BYTES } from '../wire/limits.ts'
import { LINK_PROTOCOL } from '../wire/protocol-ids.ts'
import type { ClassScheduler } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import { HandshakeLimits } from './handshake-limits.ts'
import {
  ANSWER_BYTES,
  answerMessage,
  CONFIRMATION_BYTES,
  confirmationMessage,
  isAnswer,
  isOpening,
  type LinkParties,
  linkIDOf,
  OPENING_BYTES,
  openingMessage
} from './link-handshake.ts'
import { NeighborLink } from './neighbor-link.ts'
import { StreamReader } from './stream-reader.ts'

/** Streams of this protocol that a connection may have at once, each way: one per group that both are in. */
const MAX_STREAMS = 256

/** What a membership lets the handshake know. */
export interface LinkGroup {
  /** The secret that both sides prove to hold. */
  readonly linkKey: Uint8Array
  /** Would a link with this peer be welcome? */
  accepts(peerID: PeerId): boolean
  /** Takes a link whose handshake has succeeded; one that stands already with that peer is replaced by it. */
  onLink(link: NeighborLink): void
}

/** How {@link LinkProtocol} is made. */
export interface LinkProtocolInit {
  readonly peerID: PeerId
  readonly registrar: Pick<Registrar, 'handle' | 'unhandle'>
  readonly clock: Clock
  /** Decides what a connection sends next, links or else. */
  readonly schedulerOf: (connection: Connection) => ClassScheduler
  readonly log: Logger
  readonly randomBytes: (length: number) => Uint8Array
}

/** A handshake of ours that waits for its answer. */
interface Attempt {
  readonly stream: Stream
  /** How it ends. */
  done?: Promise<void>
  /** Set when the other side's simultaneous attempt takes its place. */
  replacedBy?: Promise<void>
}

/** A handshake of the other side's whose confirmation is waited for. */
interface Answering {
  readonly peer: string
  readonly parties: LinkParties
  readonly opening: Uint8Array
  /** How it ends. */
  done: Promise<void> | undefined
  /** The other side has opened another after it, over another connection, whose confirmation came first. For the other side this one is replaced already. */
  isOvertaken: boolean
}

/**
 * Makes neighbor links: opens them, answers those that others open, and settles on one when both dial at once. One per libp2p node, over all groups,
 * since a node has one handler per protocol and the responder has to find out which of its groups is meant.
 */
export class LinkProtocol {
  readonly #init: LinkProtocolInit
  readonly #groups = new Set<LinkGroup>()
  /** By group and peer: what is under way. */
  readonly #attempts = new Map<LinkGroup, Map<string, Attempt>>()
  /** By group, in the order in which their first messages came. */
  readonly #answering = new Map<LinkGroup, Set<Answering>>()
  readonly #limits: HandshakeLimits

  constructor(init: LinkProtocolInit) {
    this.#init = init
    this.#limits = new HandshakeLimits(init.clock)
  }

  /** Answers from now on. */
  async start(): Promise<void> {
    await this.#init.registrar.handle(LINK_PROTOCOL, this.#onStream, {
      runOnLimitedConnection: true,
      maxInboundStreams: MAX_STREAMS,
      maxOutboundStreams: MAX_STREAMS
    })
  }

  async stop(): Promise<void> {
    await this.#init.registrar.unhandle(LINK_PROTOCOL)
  }

  /** Answers handshakes for this group too. */
  add(group: LinkGroup): void {
    this.#groups.add(group)
    this.#attempts.set(group, new Map())
    this.#answering.set(group, new Set())
  }

  /** Answers none for it any more, and gives up what is under way. */
  remove(group: LinkGroup): void {
    this.#groups.delete(group)
    for (const { stream } of this.#attempts.get(group)?.values() ?? [])
      stream.abort(new Error('The group was left'))
    this.#attempts.delete(group)
    this.#answering.delete(group)
  }

  /**
   * Makes a link over this connection; the group hears of it by `onLink`. Resolves when there is one, also when it came of the other side's attempt.
   * Rejects when the other side is no member, or does not want it: it does not tell which.
   */
  async open(group: LinkGroup, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString()
    const before = this.#underWay(group, peer)
    if (before !== undefined) return await before
    const stream = await connection.newStream(LINK_PROTOCOL, {
      runOnLimitedConnection: true,
      maxOutboundStreams: MAX_STREAMS,
      signal: AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS)
    })
    const attempt: Attempt = { stream }
    const attempts = this.#attempts.get(group)
    // Meanwhile the other side may have come, or another caller.
    const meanwhile = this.#underWay(group, peer)
    if (attempts === undefined || meanwhile !== undefined) {
      const error = new Error('No link is wanted any more')
      stream.abort(error)
      if (meanwhile !== undefined) return await meanwhile
      throw error
    }
    attempts.set(peer, attempt)
    attempt.done = this.#open(group, connection, attempt)
    await attempt.done
  }

  /** The handshake with this peer that will end soon, whoever opened it. */
  #underWay(group: LinkGroup, peer: string): Promise<void> | undefined {
    const answering = [...(this.#answering.get(group) ?? [])].findLast(
      each => each.peer === peer && !each.isOvertaken
    )
    return answering?.done ?? this.#attempts.get(group)?.get(peer)?.done
  }

  async #open(group: LinkGroup, connection: Connection, attempt: Attempt): Promise<void> {
    const { stream } = attempt
    const attempts = this.#attempts.get(group)
    const peer = connection.remotePeer.toString()
    try {
      await this.#withDeadline(stream, () => this.#beOpener(group, stream, connection))
    } catch (error) {
      if (attempt.replacedBy === undefined) throw error
      await attempt.replacedBy
    } finally {
      if (attempts?.get(peer) === attempt) attempts.delete(peer)
    }
  }

  async #beOpener(group: LinkGroup, stream: Stream, connection: Connection): Promise<void> {
    const reader = new StreamReader(stream, MAX_LINK_FRAME_BYTES)
    const key = group.linkKey
    const parties: LinkParties = {
      opener: this.#init.peerID.toMultihash().bytes,
      responder: connection.remotePeer.toMultihash().bytes
    }
    const opening = openingMessage(key, parties, this.#init.randomBytes(32))
    stream.send(opening)
    const answer = await reader.read(ANSWER_BYTES)
    if (!isAnswer(key, parties, opening, answer)) throw new Error('The other side is no member')
    stream.send(confirmationMessage(key, parties, opening, answer))
    this.#establish(group, stream, reader, connection, linkIDOf(key, parties, opening, answer))
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const reader = new StreamReader(stream, MAX_LINK_FRAME_BYTES)
    const peer = connection.remotePeer.toString()
    if (this.#limits.isRefused(peer)) {
      stream.abort(new Error('Too many handshakes'))
      return
    }
    this.#limits.count(peer, 1)
    this.#withDeadline(stream, () => this.#beResponder(stream, reader, connection))
      .catch(error => {
        this.#init.log('handshake with %p failed - %e', connection.remotePeer, error)
        if (error instanceof ProofFailure) this.#limits.onFailure(peer)
      })
      .finally(() => this.#limits.count(peer, -1))
  }

  async #beResponder(stream: Stream, reader: StreamReader, connection: Connection): Promise<void> {
    const parties: LinkParties = {
      opener: connection.remotePeer.toMultihash().bytes,
      responder: this.#init.peerID.toMultihash().bytes
    }
    const opening = (await reader.read(OPENING_BYTES)).slice()
    const group = [...this.#groups].find(candidate => isOpening(candidate.linkKey, parties, opening))
    if (group === undefined) throw new ProofFailure('A stranger to all groups')
    if (!group.accepts(connection.remotePeer)) throw new Error('No link is wanted any more')
    const peer = connection.remotePeer.toString()
    const attempt = this.#attempts.get(group)?.get(peer)
    if (attempt !== undefined && !this.#isLargerThan(parties)) throw new Error('Our own attempt goes on')
    const answering: Answering = { peer, parties, opening, done: undefined, isOvertaken: false }
    const done = this.#confirm(group, stream, reader, connection, answering)
    answering.done = done
    // Whoever waits for it hears of its failure; nobody may.
    done.catch(() => {})
    if (attempt !== undefined) {
      attempt.replacedBy = done
      attempt.stream.abort(new Error('The other side dialed too'))
    }
    const all = this.#answering.get(group)
    all?.add(answering)
    try {
      await done
    } finally {
      all?.delete(answering)
    }
  }

  async #confirm(
    group: LinkGroup,
    stream: Stream,
    reader: StreamReader,
    connection: Connection,
    answering: Answering
  ): Promise<void> {
    const key = group.linkKey
    const { parties, opening } = answering
    const answer = answerMessage(key, parties, opening, this.#init.randomBytes(32))
    stream.send(answer)
    const confirmation = await reader.read(CONFIRMATION_BYTES)
    if (!equalInConstantTime(confirmation, confirmationMessage(key, parties, opening, answer)))
      throw new ProofFailure('A confirmation that does not hold')
    if (!this.#groups.has(group)) throw new Error('The group was left')
    if (answering.isOvertaken) {
      stream.abort(new Error('A newer one stands'))
      return
    }
    for (const older of this.#answering.get(group) ?? []) {
      if (older === answering) break
      if (older.peer === answering.peer) older.isOvertaken = true
    }
    this.#establish(group, stream, reader, connection, linkIDOf(key, parties, opening, answer))
  }

  #establish(
    group: LinkGroup,
    stream: Stream,
    reader: StreamReader,
    connection: Connection,
    linkID: Uint8Array
  ): void {
    const scheduler = this.#init.schedulerOf(connection)
    this.#limits.onSuccess(connection.remotePeer.toString())
    group.onLink(new NeighborLink({ stream, reader, connection, linkID, scheduler, clock: this.#init.clock }))
  }

  /** Runs one side of a handshake; whatever ends it badly is the same reset for the other side. */
  async #withDeadline(stream: Stream, handshake: () => Promise<void>): Promise<void> {
    const timer = this.#init.clock.setTimer(
      () => stream.abort(new ProofFailure(`No handshake within ${HANDSHAKE_TIMEOUT_MS} ms`)),
      HANDSHAKE_TIMEOUT_MS
    )
    try {
      await handshake()
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    } finally {
      timer.cancel()
    }
  }

  /** Both at once: the attempt of the smaller peer id stands. */
  #isLargerThan({ opener, responder }: LinkParties): boolean {
    const at = responder.findIndex((byte, i) => byte !== opener[i])
    return at >= 0 && (responder[at] as number) > (opener[at] ?? -1)
  }
}

/** The other side is at fault: three of these, and it is refused for a while. */
class ProofFailure extends Error {}
