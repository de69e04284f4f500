import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { encodeFragmentHeader, type Fragment } from '../../core/multicast/fragment.ts'
import {
  type CutFragment,
  Fragmenter,
  fragmentOf,
  type StreamFrame
} from '../../core/multicast/fragmenter.ts'
import {
  DEFAULT_MULTICAST_PARAMETERS,
  type MulticastParameters,
  STRIPES
} from '../../core/multicast/multicast-parameters.ts'
import { MIN_ANNOUNCEMENT_INTERVAL_MS } from '../../wire/limits.ts'
import type { StreamDescription } from '../../wire/streams.ts'
import type { Clock, Timer } from '../clock.ts'
import { pause } from '../pause.ts'
import { travellingKey } from '../routing-signatures.ts'
import type { CarriedStream } from './carried-stream.ts'
import { untilFormed } from './forming.ts'
import { type AnnouncedStream, announce, readAnnouncement } from './stream-announcement.ts'
import type { StreamListener } from './stream-listeners.ts'
import type { StreamsRunner } from './streams-runner.ts'

/** How often a stream is announced anew, in ms. */
const ANNOUNCE_MS = 10_000

/** A publisher with nothing to say says so after this, in ms, so that viewers know that it is there. */
const BEAT_MS = 1_000

/** How often it is looked for room, and how long one frame goes without any at most, in ms. Guess: who is slow must not stop a publisher. */
const LOOK_MS = 10
const MAX_WAIT_MS = 2_000

/** More bytes than this that are not signed yet are too many. Guess: half a second at 16 Mbit/s. */
const MAX_UNSENT_BYTES = 1_048_576

/** How {@link PublishedStream} is made. */
export interface PublishedStreamInit {
  readonly runner: StreamsRunner
  readonly name: string
  readonly parameters: Partial<MulticastParameters>
  /** The right to publish now, where one is needed. */
  readonly grant: () => Uint8Array | undefined
  readonly groupNow: () => number
  /** Throws when it cannot be published any more. Called once, at its first announcement. */
  readonly check: () => void
}

/** A stream that this member publishes: cuts and signs frames, and keeps it announced. */
export class PublishedStream {
  readonly #init: PublishedStreamInit
  readonly #key: PrivateKey
  readonly #startedAtMs: number
  readonly #fragmenter = new Fragmenter()
  readonly #listener: StreamListener = {}
  #parameters: Partial<MulticastParameters>
  #carried: CarriedStream | undefined
  /** When it was announced last, by the group's time, in ms. */
  #revision = 0
  #right: Uint8Array | undefined
  #announceTimer: Timer | undefined
  #beatTimer: Timer | undefined
  #timestamp = 0
  /** What goes out waits for this: first for those who watch, then for what was written before. */
  #signing: Promise<void> = Promise.resolve()
  /** Bytes of frames that have been written and not been sent. */
  #unsentBytes = 0
  /** How many times something has been sent that has not gone out yet. */
  #sending = 0
  #hasBegun = false
  /** What is sent last is on its way. */
  #isEnding = false
  #isClosed = false

  private constructor(init: PublishedStreamInit, key: PrivateKey) {
    this.#init = init
    this.#key = key
    this.#parameters = init.parameters
    this.#startedAtMs = Math.floor(init.groupNow())
  }

  /** Announces a new stream, with a key of its own. */
  static async start(init: PublishedStreamInit): Promise<PublishedStream> {
    const stream = new PublishedStream(init, await generateKeyPair('Ed25519'))
    const announced = await stream.#announce(false)
    stream.#carried = init.runner.carry({
      stream: announced,
      parameters: init.parameters,
      listener: stream.#listener
    })
    stream.#signing = untilFormed(init.runner, stream.carried, () => stream.#isClosed)
    stream.#announceLater()
    stream.#beatLater()
    return stream
  }

  get carried(): CarriedStream {
    if (this.#carried === undefined) throw new Error('The stream has not begun')
    return this.#carried
  }

  /** May more be written? */
  get hasRoom(): boolean {
    return this.#unsentBytes <= MAX_UNSENT_BYTES && this.carried.hasRoom
  }

  /** These are in force here from now on; what of them is announced, players hear with the next announcement. */
  set(parameters: Partial<MulticastParameters>): void {
    this.#parameters = { ...this.#parameters, ...parameters }
    this.carried.run({ type: 'parameters', parameters })
  }

  /** Sends a frame. Resolves when there is room for the next: who waits for that does not lose children by a burst. */
  async write(frame: StreamFrame): Promise<void> {
    this.#unsentBytes += frame.data.byteLength
    try {
      await this.#write(frame)
    } finally {
      this.#unsentBytes -= frame.data.byteLength
    }
  }

  async #write(frame: StreamFrame): Promise<void> {
    this.#timestamp = frame.timestamp
    // Whoever was there before the first one has all of it.
    const keyframe = frame.keyframe || !this.#hasBegun
    this.#hasBegun = true
    await this.#send(this.#fragmenter.cut({ ...frame, keyframe }))
  }

  /** Ends the stream: players hear of it when they have all of it, others at once. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isEnding = true
    await this.#send([this.#fragmenter.end(this.#timestamp)])
    await this.#end()
  }

  /** Ends it though it is not whole: its last fragment never comes. */
  async abort(): Promise<void> {
    if (this.#isClosed) return
    await this.#end()
    this.drop()
  }

  async #end(): Promise<void> {
    this.#isClosed = true
    this.#announceTimer?.cancel()
    this.#beatTimer?.cancel()
    await this.#announce(true)
  }

  /** Carries it no more: what neighbors lack they get from each other. */
  drop(): void {
    this.#announceTimer?.cancel()
    this.#beatTimer?.cancel()
    this.#isClosed = true
    this.#init.runner.lastWords.delete(this)
    void this.#init.runner.drop(this.carried, this.#listener)
  }

  async #send(cut: readonly CutFragment[]): Promise<void> {
    if (this.#isClosed) throw new Error('The stream was ended')
    this.#beatLater()
    const signed = Promise.all(cut.map(piece => this.#signPiece(piece)))
    const before = this.#signing
    this.#sending += 1
    this.#signing = (async () => {
      await before
      let untilMs = this.#clock.now() + MAX_WAIT_MS
      for (const fragment of await signed) {
        this.#carried?.run({ type: 'publish', fragment })
        while (!this.carried.hasRoom && !this.#isClosed && this.#clock.now() < untilMs)
          await pause(this.#clock, LOOK_MS)
        if (this.carried.hasRoom) untilMs = this.#clock.now() + MAX_WAIT_MS
      }
      this.#sending -= 1
    })()
    await this.#signing
  }

  get #clock(): Clock {
    return this.#init.runner.host.clock
  }

  async #signPiece({ header, payload }: CutFragment): Promise<Fragment> {
    const statement = this.carried.statementOf(encodeFragmentHeader(header), payload)
    return fragmentOf(header, await this.#key.sign(statement), payload)
  }

  async #announce(isEnded: boolean): Promise<AnnouncedStream> {
    const { runner } = this.#init
    // Also when the group's clock was set back.
    this.#revision = Math.max(
      this.#revision + MIN_ANNOUNCEMENT_INTERVAL_MS,
      this.#startedAtMs,
      Math.floor(this.#init.groupNow())
    )
    const announced = await this.#sign(isEnded)
    // Whoever leaves has no time to sign.
    const end = isEnded ? undefined : await this.#sign(true, 1)
    // It was ended meanwhile, and that has been said.
    if (!isEnded && this.#isClosed) return announced
    // In the same task as it is said.
    if (this.#carried === undefined) this.#init.check()
    runner.directory.say(announced)
    if (end !== undefined && !this.#isClosed) runner.lastWords.set(this, end)
    else runner.lastWords.delete(this)
    return announced
  }

  async #sign(isEnded: boolean, later = 0): Promise<AnnouncedStream> {
    const { rules, identity } = this.#init.runner
    const description = this.#describe(isEnded)
    const revision = description.revision + later
    return readAnnouncement(await announce({ ...description, revision }, rules, identity, this.#key))
  }

  #describe(isEnded: boolean): StreamDescription {
    const { name, grant, runner } = this.#init
    const parameters = { ...DEFAULT_MULTICAST_PARAMETERS, ...this.#parameters }
    // One that has just ended counts for a while; without any, it would be false.
    this.#right = grant() ?? this.#right
    const right = this.#right
    const { peerId, privateKey } = runner.host.components
    const key = travellingKey(privateKey, peerId)
    return {
      name,
      streamKey: this.#key.publicKey.raw,
      publisher: runner.host.peerIDBytes,
      ...(key === undefined ? {} : { key }),
      startedAt: this.#startedAtMs,
      revision: this.#revision,
      isEnded,
      window: Math.round(parameters.multicastWindowDuration * 1_000),
      fetchPeriod: Math.round(parameters.multicastFetchPeriod * 1_000),
      availabilityPeriod: Math.round(parameters.multicastAvailabilityUpdatePeriod * 1_000),
      availabilityToAll: parameters.multicastAvailabilitySendToAll,
      stripes: STRIPES,
      ...(right === undefined ? {} : { grant: right })
    }
  }

  #announceLater(): void {
    this.#announceTimer = this.#init.runner.host.clock.setTimer(() => {
      this.#announceLater()
      this.#announce(false).catch(() => {})
    }, ANNOUNCE_MS)
  }

  #beatLater(): void {
    this.#beatTimer?.cancel()
    if (this.#isEnding) return
    this.#beatTimer = this.#clock.setTimer(() => {
      // What waits to go out says as much.
      if (this.#sending > 0) this.#beatLater()
      else this.#send([this.#fragmenter.beat(this.#timestamp)]).catch(() => {})
    }, BEAT_MS)
  }
}
