import { type AvailabilityMap, highestOf } from './availability-map.ts'
import type { Children } from './children.ts'
import type { Fragment } from './fragment.ts'
import type { EmitMulticast, MulticastCounters } from './multicast-engine.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Parents } from './parents.ts'
import type { Pulling } from './pulling.ts'
import type { StreamState } from './stream-state.ts'

/** A keyframe further back than so many fragments is not fetched by who joins. Guess: what the window holds. */
const MAX_BACKLOG = 1_024

/** How {@link Intake} is made. */
export interface IntakeInit {
  readonly emit: EmitMulticast
  readonly state: StreamState
  readonly parents: Parents
  readonly children: Children
  readonly pulling: Pulling
  /** It is played from its first fragment on. */
  readonly isYoung: boolean
}

/** What comes in, of fragments and of word of them: where the stream begins here, what is new, and where it ends. */
export class Intake {
  readonly #init: IntakeInit
  readonly #counts = { pushes: 0, pushedBytes: 0, pulls: 0, pulledBytes: 0 }
  /** The highest number that anybody says exists. */
  #claimed = 0
  /** What was there before this member. */
  #backlogEnd = 0
  #isEnded = false
  #skipped = 0

  constructor(init: IntakeInit) {
    this.#init = init
  }

  get counters(): Pick<
    MulticastCounters,
    | 'bytesPushedFromPeers'
    | 'fragmentsPushedFromPeers'
    | 'bytesRequestedFromPeers'
    | 'fragmentsRequestedFromPeers'
  > {
    const { pushes, pushedBytes, pulls, pulledBytes } = this.#counts
    return {
      bytesPushedFromPeers: pushedBytes,
      fragmentsPushedFromPeers: pushes,
      bytesRequestedFromPeers: pulledBytes,
      fragmentsRequestedFromPeers: pulls
    }
  }

  onPublish(fragment: Fragment, nowMs: number): void {
    const { state, children } = this.#init
    const { store } = state
    if (store.start === undefined) store.begin(fragment.number)
    if (!store.expects(fragment.number)) return
    state.rate.add(fragment.number, fragment.bytes.byteLength, nowMs)
    store.add(fragment, nowMs)
    children.push(fragment, undefined, nowMs)
  }

  onFragment(neighbor: MulticastNeighbor, fragment: Fragment, nowMs: number): void {
    const { state, parents, children, emit } = this.#init
    const { number, bytes } = fragment
    if (number > state.store.known && this.#isFar(number)) {
      // Nobody has looked at its signature: it must not count as what the neighbor pushes.
      emit({ type: 'misbehavior', peer: neighbor.peer, reason: 'it pushes what cannot be there yet' })
      return
    }
    const isPulled = neighbor.onAnswered(number)
    const isExpected = isPulled || parents.onPushed(neighbor, number, nowMs)
    this.#count(isPulled, bytes.byteLength)
    if (state.store.start === undefined) this.#start(fragment, nowMs)
    if (!state.store.expects(number)) {
      const reason = 'it pushes what nobody has asked for'
      if (!isExpected && neighbor.onUnasked()) emit({ type: 'misbehavior', peer: neighbor.peer, reason })
      return
    }
    neighbor.onUseful()
    this.#take(fragment, nowMs)
    // What was pulled here, others below pull as well: it was missed by all of them at the same time.
    if (!isPulled) children.push(fragment, neighbor, nowMs)
  }

  onMap(neighbor: MulticastNeighbor, map: AvailabilityMap, nowMs: number): void {
    const { state, pulling } = this.#init
    const highest = highestOf(map)
    if (highest > this.#claimed) this.#claimed = highest
    if (state.isPublisher) return
    state.store.hearOf(highest, nowMs)
    if (state.store.start !== undefined) return
    // Nothing has come yet: the latest keyframe is asked for before anything else is known (rule M8).
    const { low } = map
    const keyframe = this.#init.isYoung ? 1 : map.keyframe
    if (keyframe < low || keyframe > highest || highest - keyframe > MAX_BACKLOG) return
    pulling.probe(neighbor, keyframe, highest, nowMs)
  }

  /** The window moves on. */
  trim(nowMs: number): void {
    const { store, parameters } = this.#init.state
    store.trim(
      nowMs,
      1_000 * parameters.multicastWindowDuration,
      1_000 * parameters.multicastRelayMarginDuration
    )
    this.noteSkipped()
  }

  /** Something may have been given up. */
  noteSkipped(): void {
    const { state, emit } = this.#init
    if (state.isPublisher || state.store.skipped <= this.#skipped) return
    this.#skipped = state.store.skipped
    emit({ type: 'skip', number: this.#skipped + 1 })
    this.#checkEnd()
  }

  /** Is it beyond all that is expected? */
  #isFar(number: number): boolean {
    const { store } = this.#init.state
    return store.start !== undefined && !store.expects(number)
  }

  #take(fragment: Fragment, nowMs: number): void {
    const { state, pulling, emit } = this.#init
    const { number, bytes } = fragment
    if (number > this.#backlogEnd) state.rate.add(number, bytes.byteLength, nowMs)
    state.store.add(fragment, nowMs)
    pulling.onCome(number)
    emit({ type: 'deliver', fragment })
    this.#checkEnd()
  }

  /** The first fragment of all: the stream begins with the keyframe that it belongs to, or here; a young one with its first fragment. */
  #start({ number, ...fragment }: Fragment, nowMs: number): void {
    const { state, pulling, emit, isYoung } = this.#init
    const keyframe = isYoung ? 1 : fragment.keyframe
    const isNear = keyframe > 0 && number - keyframe <= MAX_BACKLOG
    const start = isNear ? keyframe : number
    state.store.begin(start)
    this.#backlogEnd = Math.min(Math.max(this.#claimed, number), number + MAX_BACKLOG)
    // What was claimed may have been published before; what has come just now may be the first since.
    const live = this.#claimed >= number ? this.#backlogEnd + 1 : number
    emit({ type: 'start', number: start, live: isYoung ? start : live })
    pulling.onStart(this.#backlogEnd, nowMs)
  }

  #checkEnd(): void {
    const { state, emit } = this.#init
    if (this.#isEnded || !state.store.isEnded) return
    this.#isEnded = true
    emit({ type: 'ended' })
  }

  #count(isPulled: boolean, bytes: number): void {
    if (isPulled) {
      this.#counts.pulls += 1
      this.#counts.pulledBytes += bytes
    } else {
      this.#counts.pushes += 1
      this.#counts.pushedBytes += bytes
    }
  }
}
