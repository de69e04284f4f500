import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Logger, PublicKey } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import { decodeControl, encodeControl } from '../../core/multicast/control-codec.ts'
import {
  decodeFragment,
  type Fragment,
  HEADER_BYTES,
  payloadOf,
  SIGNATURE_BYTES
} from '../../core/multicast/fragment.ts'
import type {
  MulticastCounters,
  MulticastEffect,
  MulticastInput
} from '../../core/multicast/multicast-engine.ts'
import type { MulticastParameters } from '../../core/multicast/multicast-parameters.ts'
import { StripeEngine } from '../../core/multicast/stripe-engine.ts'
import { label } from '../../shared/bytes.ts'
import { RateMeter } from '../../shared/rate-meter.ts'
import { MAX_FRAGMENT_VERIFICATIONS } from '../../wire/limits.ts'
import type { Frame } from '../../wire/link.ts'
import { StreamFrame } from '../../wire/streams.ts'
import type { Clock, Timer } from '../clock.ts'
import type { PeerPlaces } from '../peer-places.ts'
import type { OutgoingFragment } from './media-sender.ts'
import type { AnnouncedStream } from './stream-announcement.ts'
import { type StreamListener, StreamListeners } from './stream-listeners.ts'

/** There is room while pushes wait less than this, in ms, and no more wait for the quickest child. Guess: a fifth of the delay that viewers have; much less than a child loses its slots for (MAX_QUEUED_PUSHES), who may have all stripes while the quickest has one. */
const ROOM_MS = 200
const ROOM_FRAGMENTS = 12

/** How {@link CarriedStream} is made. */
export interface CarriedStreamInit {
  readonly stream: AnnouncedStream
  readonly groupID: Uint8Array
  readonly own: string
  readonly places: PeerPlaces
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly parameters: Partial<MulticastParameters>
  /** Has it only just begun? */
  readonly isYoung: boolean
  /** Sends a frame to a neighbor. */
  readonly send: (peer: string, frame: Frame) => void
  /** Sends a fragment to a neighbor. */
  readonly sendFragment: (peer: string, fragment: OutgoingFragment) => void
  /** A link to this member would help. */
  readonly wantLink: (peer: string) => void
  /** A neighbor did what nobody does who keeps to the rules. */
  readonly onFalse: (peer: string) => void
}

/** Bytes per second, of fragments and of what goes around them. */
export interface StreamRates {
  readonly sendData: RateMeter
  readonly sendControl: RateMeter
  readonly receiveData: RateMeter
  readonly receiveControl: RateMeter
}

/** One stream that this member publishes or plays, however often, and so carries: runs its engine over the links. */
export class CarriedStream {
  readonly stream: AnnouncedStream
  readonly prefix: Uint8Array
  readonly rates: StreamRates = {
    sendData: new RateMeter(),
    sendControl: new RateMeter(),
    receiveData: new RateMeter(),
    receiveControl: new RateMeter()
  }
  /** When a fragment that holds last came, in ms of the clock. */
  heardAtMs: number
  readonly #init: CarriedStreamInit
  readonly #engine: StripeEngine
  readonly #key: PublicKey
  readonly #signedPart: Uint8Array
  readonly #verifying = new Map<string, number>()
  readonly #inputs: MulticastInput[] = []
  readonly #listeners = new StreamListeners()
  #timer: Timer | undefined
  #isRunning = false
  #isClosed = false

  constructor(init: CarriedStreamInit) {
    const { stream, groupID, own, parameters, clock } = init
    const { description } = stream
    this.#init = init
    this.stream = stream
    this.heardAtMs = clock.now()
    this.prefix = description.streamKey.slice(0, 8)
    this.#key = publicKeyFromRaw(description.streamKey)
    this.#signedPart = concat([label('netgroup/3 fragment'), groupID, description.streamKey])
    this.#engine = new StripeEngine({
      peer: own,
      publisher: stream.publisher.toString(),
      stripes: description.stripes,
      parameters: { ...announcedParameters(stream), ...parameters },
      isYoung: init.isYoung,
      random: init.random
    })
  }

  get counters(): MulticastCounters {
    return this.#engine.counters
  }

  /** One more who publishes or plays it. For who comes later than another it begins at the latest keyframe that is here, a moment after this call. */
  add(listener: StreamListener): void {
    this.#listeners.add(listener)
    queueMicrotask(() => this.#listeners.catchUp(listener, this.#engine.backlog))
  }

  remove(listener: StreamListener): void {
    this.#listeners.remove(listener)
  }

  /** Does somebody here publish or play it? */
  get isWanted(): boolean {
    return this.#listeners.size > 0
  }

  /** Would more be pushed at once than wait? */
  get hasRoom(): boolean {
    const { waitMs, waiting } = this.#engine.insight
    // The mean tells of what has waited: nothing that waits now needs room.
    return waiting === 0 || (waitMs < ROOM_MS && waiting < ROOM_FRAGMENTS)
  }

  /** Was it ended, and has all that comes of it come? Never at its publisher. */
  get hasEnded(): boolean {
    return this.#engine.hasEnded
  }

  /** Does any of it come from this neighbor, or go to it? */
  uses(peer: string): boolean {
    return this.#engine.uses(peer)
  }

  /** Have all neighbors who carry it all of it? */
  get isSettled(): boolean {
    return this.#engine.isSettled
  }

  /** Have all neighbors who carry it their places in all its trees? */
  get isFormed(): boolean {
    return this.#engine.isFormed
  }

  /** What the stream's key signs of a fragment. */
  statementOf(header: Uint8Array, payload: Uint8Array): Uint8Array {
    return concat([this.#signedPart, header, payload])
  }

  /** Tells the engine, and does what it says. */
  run(input: MulticastInput): void {
    if (this.#isClosed) return
    this.#inputs.push(input)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      // What its effects bring about comes after them.
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const effect of this.#engine.handle(next, this.#init.clock.now())) this.#perform(effect)
        if (next.type === 'publish') this.#onPublished(next.fragment)
      }
    } finally {
      this.#isRunning = false
    }
  }

  /** What a neighbor says of it. @throws Error when nobody says so who keeps to the rules */
  onControl(from: string, body: Uint8Array): void {
    this.rates.receiveControl.add(body.byteLength, this.#init.clock.now())
    const { description } = this.stream
    const { places } = this.#init
    for (const input of decodeControl(body, from, description.stripes, bytes => places.ofBytes(bytes).peer))
      this.run(input)
  }

  /** A fragment of a neighbor: verified, unless nobody waits for it. @throws Error when it is none */
  onFragment(from: string, bytes: Uint8Array): void {
    this.rates.receiveData.add(bytes.byteLength, this.#init.clock.now())
    const fragment = decodeFragment(bytes)
    if (!this.#engine.expects(fragment.number)) {
      this.run({ type: 'fragment', from, fragment })
      return
    }
    const verifying = this.#verifying.get(from) ?? 0
    if (verifying >= MAX_FRAGMENT_VERIFICATIONS) return
    const isTrue = this.#verify(fragment)
    if (typeof isTrue === 'boolean') {
      this.#onVerified(from, fragment, isTrue)
      return
    }
    this.#verifying.set(from, verifying + 1)
    isTrue
      .catch(() => false)
      .then(verdict => {
        const left = (this.#verifying.get(from) ?? 1) - 1
        if (left > 0) this.#verifying.set(from, left)
        else this.#verifying.delete(from)
        this.#onVerified(from, fragment, verdict)
      })
      .catch(error => this.#init.log.error('a fragment could not be taken - %e', error))
  }

  /** Neighbors are told that it is carried here no more. */
  close(): void {
    this.run({ type: 'close' })
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #verify(fragment: Fragment): boolean | Promise<boolean> {
    const { bytes } = fragment
    const header = bytes.subarray(0, HEADER_BYTES)
    const signature = bytes.subarray(HEADER_BYTES, HEADER_BYTES + SIGNATURE_BYTES)
    return this.#key.verify(this.statementOf(header, payloadOf(fragment)), signature)
  }

  #onVerified(from: string, fragment: Fragment, isTrue: boolean): void {
    if (this.#isClosed) return
    if (!isTrue) {
      this.#init.onFalse(from)
      return
    }
    this.heardAtMs = this.#init.clock.now()
    this.run({ type: 'fragment', from, fragment })
  }

  #perform(effect: MulticastEffect): void {
    switch (effect.type) {
      case 'sendFragment':
        this.#sendFragment(effect)
        break
      case 'start':
        this.#listeners.begin(effect.number, effect.live)
        break
      case 'deliver':
        this.#listeners.tell(listener => listener.onFragment?.(effect.fragment))
        break
      case 'skip':
        this.#listeners.tell(listener => listener.onSkip?.(effect.number))
        break
      case 'ended':
        this.#listeners.tell(listener => listener.onEnded?.())
        break
      case 'link':
        this.#init.wantLink(effect.peer)
        break
      case 'misbehavior':
        this.#init.log('%s: %s', effect.peer, effect.reason)
        this.#init.onFalse(effect.peer)
        break
      case 'setTimer':
        this.#timer?.cancel()
        this.#timer = this.#init.clock.setTimer(() => this.run({ type: 'timer' }), effect.afterMs)
        break
      default: {
        const body = encodeControl(effect, peer => this.#init.places.of(peer).bytes)
        this.rates.sendControl.add(body.byteLength, this.#init.clock.now())
        this.#init.send(effect.to, { streamFrame: StreamFrame.encode({ stream: this.prefix, body }) })
      }
    }
  }

  /** Who plays what it publishes itself has it from here. */
  #onPublished(fragment: Fragment): void {
    this.#listeners.begin(fragment.number, fragment.number)
    this.#listeners.tell(listener => listener.onFragment?.(fragment))
  }

  #sendFragment({ to, fragment, isPulled }: Extract<MulticastEffect, { type: 'sendFragment' }>): void {
    const { kind, bytes, number } = fragment
    this.rates.sendData.add(bytes.byteLength, this.#init.clock.now())
    const onDone = (): void => this.run({ type: 'sent', to, number })
    this.#init.sendFragment(to, { stream: this.prefix, kind, bytes, isPulled, onDone })
  }
}

/** What the publisher announces. */
export function announcedParameters({ description }: AnnouncedStream): Partial<MulticastParameters> {
  return {
    multicastWindowDuration: description.window / 1_000,
    multicastFetchPeriod: description.fetchPeriod / 1_000,
    multicastAvailabilityUpdatePeriod: description.availabilityPeriod / 1_000,
    multicastAvailabilitySendToAll: description.availabilityToAll
  }
}
