import type { Logger, PeerId } from '@libp2p/interface'
import { NetGroupError } from '../core/errors.ts'
import { Envelope } from '../wire/envelope.ts'
import { MAX_POST_BYTES, MAX_QUEUED_POSTS, QUEUED_POST_LIFETIME_MS } from '../wire/limits.ts'
import type { Clock, Timer } from './clock.ts'
import { messageIDOf, type PostCipher } from './post-cipher.ts'
import type { Post, PostValidator } from './post-validator.ts'
import type { Pubsub, PubsubMessage, PubsubVerdict } from './pubsub.ts'

/** How {@link Posting} is made. */
export interface PostingInit {
  readonly pubsub: Pubsub
  readonly topic: string
  /** The own peer id as a multihash. */
  readonly from: Uint8Array
  readonly cipher: PostCipher
  readonly validator: PostValidator
  readonly clock: Clock
  readonly groupNow: () => number
  readonly randomBytes: (length: number) => Uint8Array
  readonly log: Logger
  /** Has this peer a link in this very group? */
  readonly isNeighbor: (peerID: PeerId) => boolean
  /** Told of every message judged; answers nothing. */
  readonly onVerdict: (source: PeerId, verdict: PubsubVerdict, reason: string | undefined) => void
  /** A post of another member, found true, as it came. */
  readonly onPost: (from: PeerId, post: Post) => void
}

/** What is to be posted, encoded and permitted. */
export interface OutgoingPost {
  readonly payload: Uint8Array
  readonly channel: string
  readonly filterIdentical: boolean
  /** Shown with the post, where the group has a posting authority. */
  readonly grant: Uint8Array | undefined
  /** How long it waits for a neighbor, in ms. @default {@link QUEUED_POST_LIFETIME_MS} */
  readonly lifetimeMs?: number
  /** Takes it back while it waits. */
  readonly signal?: AbortSignal
}

/** A post that has been sealed and waits for a neighbor. */
interface QueuedPost {
  readonly messageID: string
  readonly data: Uint8Array
  readonly timer: Timer
  readonly handedOn: PromiseWithResolvers<void>
}

/** Bytes of a session: one per join. */
const SESSION_BYTES = 8
const NONCE_BYTES = 24

/** Pause before a post that nobody took is offered again, in ms. Guess: streams open within a round trip or two. */
const RETRY_MS = 100

/**
 * Posts of one membership: seals and publishes what the application posts, keeps it while there is nobody to hand it to, and judges what arrives.
 */
export class Posting {
  readonly #init: PostingInit
  readonly #session: Uint8Array
  readonly #queue: QueuedPost[] = []
  #sequence = 0
  #flushing = false
  #retry: Timer | undefined
  #closed = false

  constructor(init: PostingInit) {
    this.#init = init
    this.#session = init.randomBytes(SESSION_BYTES)
  }

  /** Subscribes, and judges from now on. */
  start(): void {
    const { pubsub, topic } = this.#init
    pubsub.setValidator(topic, this.#validate)
    pubsub.subscribe(topic)
  }

  /** Ends it: what waits in the queue fails with 'closed'. */
  stop(): void {
    if (this.#closed) return
    this.#closed = true
    this.#retry?.cancel()
    for (const post of this.#queue.splice(0)) this.#fail(post, 'closed')
    const { pubsub, topic } = this.#init
    pubsub.unsubscribe(topic)
    pubsub.setValidator(topic, undefined)
  }

  /** Are there members that a post can be handed to? */
  get hasSubscribers(): boolean {
    const { pubsub, topic, isNeighbor } = this.#init
    return pubsub.getSubscribers(topic).some(isNeighbor)
  }

  /**
   * Seals a post and hands it on, at once or when the first neighbor comes.
   *
   * @returns the message id, and a promise that resolves when it was handed to a neighbor and rejects NO_NEIGHBORS or CLOSED when it
   *   never will be
   * @throws NetGroupError MESSAGE_TOO_LARGE
   */
  post({ payload, channel, filterIdentical, grant, lifetimeMs, signal }: OutgoingPost): {
    messageID: string
    handedOn: Promise<void>
  } {
    if (payload.byteLength > MAX_POST_BYTES) {
      throw new NetGroupError(
        'MESSAGE_TOO_LARGE',
        `Cannot post a message of ${payload.byteLength} bytes: at most ${MAX_POST_BYTES} are possible. Share it as an object or a file`,
        { bytes: payload.byteLength, maxBytes: MAX_POST_BYTES }
      )
    }
    const envelope: Envelope = {
      session: this.#session,
      sequence: ++this.#sequence,
      sentAt: Math.round(this.#init.groupNow()),
      payload,
      ...(grant === undefined ? {} : { grant }),
      filterIdentical,
      channel
    }
    const { cipher, from, randomBytes, clock, validator } = this.#init
    const data = cipher.seal(Envelope.encode(envelope), from, randomBytes(NONCE_BYTES))
    const messageID = messageIDOf(from, data)
    validator.remember({ messageID, envelope })
    const handedOn = Promise.withResolvers<void>()
    // Most callers do not wait for it.
    handedOn.promise.catch(() => {})
    const timer = clock.setTimer(() => this.#expire(messageID), lifetimeMs ?? QUEUED_POST_LIFETIME_MS)
    signal?.addEventListener('abort', () => this.#expire(messageID), { once: true })
    this.#queue.push({ messageID, data, timer, handedOn })
    if (this.#queue.length > MAX_QUEUED_POSTS) this.#expire(this.#queue[0]?.messageID)
    this.flush()
    return { messageID, handedOn: handedOn.promise }
  }

  /** Hands on what waits, if there is somebody. Call it when somebody comes. */
  flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#publishQueue()
      .catch(error => this.#init.log.error('could not publish - %e', error))
      .finally(() => {
        this.#flushing = false
      })
  }

  async #publishQueue(): Promise<void> {
    const { pubsub, topic, clock } = this.#init
    for (let post = this.#queue[0]; post !== undefined && this.hasSubscribers; post = this.#queue[0]) {
      const { recipients } = await pubsub.publish(topic, post.data)
      // Somebody subscribes, but the stream to them is not open yet, or not any more. Members recognize a post that reaches them twice.
      if (recipients.length === 0) {
        this.#retry ??= clock.setTimer(() => {
          this.#retry = undefined
          this.flush()
        }, RETRY_MS)
        return
      }
      post.timer.cancel()
      post.handedOn.resolve()
      const index = this.#queue.indexOf(post)
      if (index >= 0) this.#queue.splice(index, 1)
    }
  }

  #expire(messageID: string | undefined): void {
    const index = this.#queue.findIndex(post => post.messageID === messageID)
    for (const post of index < 0 ? [] : this.#queue.splice(index, 1)) this.#fail(post, 'no neighbors')
  }

  #fail({ timer, handedOn }: QueuedPost, reason: 'no neighbors' | 'closed'): void {
    timer.cancel()
    handedOn.reject(
      reason === 'closed'
        ? new NetGroupError('CLOSED', 'Cannot hand on a post: the group was closed', {})
        : new NetGroupError('NO_NEIGHBORS', 'Cannot hand on a post: no neighbor came in time', {})
    )
  }

  readonly #validate = (source: PeerId, message: PubsubMessage): PubsubVerdict => {
    const { from } = message
    if (from === undefined || !this.#init.isNeighbor(source)) {
      this.#init.onVerdict(source, 'ignore', 'not a neighbor')
      return 'ignore'
    }
    const verdict = this.#init.validator.judge(from.toMultihash().bytes, message.data)
    this.#init.onVerdict(source, verdict.result, verdict.result === 'accept' ? undefined : verdict.reason)
    if (verdict.result === 'accept') this.#init.onPost(from, verdict.post)
    return verdict.result
  }
}
