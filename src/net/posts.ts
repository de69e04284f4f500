import type { Logger, PeerId } from '@libp2p/interface'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupKeys } from '../core/groupspec/keys.ts'
import { RateMeter } from '../shared/rate-meter.ts'
import type { GroupHost } from './group-host.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { PostCipher } from './post-cipher.ts'
import { type Post, PostValidator } from './post-validator.ts'
import { type OutgoingPost, Posting } from './posting.ts'
import type { PubsubVerdict } from './pubsub.ts'
import { SenderOrder } from './sender-order.ts'
import { Subscriptions } from './subscriptions.ts'

/** How {@link Posts} is made. */
export interface PostsInit {
  readonly host: GroupHost
  readonly groupspec: Groupspec
  readonly keys: GroupKeys
  readonly log: Logger
  /** The group's time, ms since 1970. */
  readonly groupNow: () => number
  /** By peer id. */
  readonly links: () => ReadonlyMap<string, NeighborLink>
  /** May posts that this peer passes on be taken? */
  readonly isNeighbor: (peerID: PeerId) => boolean
  /** Counts a message that was not accepted. */
  readonly reject: (reason: string) => void
  /** A neighbor will not hear posts: it has no pubsub stream to us. */
  readonly onDeaf: (peerID: PeerId) => void
  /** A post of another member, as it came. */
  readonly onPost: (from: PeerId, post: Post) => void
  /** The same posts, in the order in which each sender sent, see {@link SenderOrder}. */
  readonly onOrderedPost: (from: PeerId, post: Post) => void
}

/** What is posted to all members of one group, over gossipsub: the posts of this one and of others, and which neighbors hear them. */
export class Posts implements LinkUser {
  readonly #init: PostsInit
  readonly #sent = new RateMeter()
  readonly #received = new RateMeter()
  readonly #posting: Posting
  readonly #order: SenderOrder<{ from: PeerId; post: Post }>
  readonly #subscriptions: Subscriptions
  #stopListening: (() => void) | undefined

  constructor(init: PostsInit) {
    this.#init = init
    const { host, groupspec, keys, groupNow } = init
    const { topic } = keys
    this.#order = new SenderOrder(host.clock, ({ from, post }) => init.onOrderedPost(from, post))
    this.#subscriptions = new Subscriptions({
      host,
      topic,
      linkWith: peer => init.links().get(peer),
      onDeaf: init.onDeaf
    })
    const cipher = new PostCipher(keys.contentKey, topic)
    this.#posting = new Posting({
      pubsub: host.pubsub,
      topic,
      from: host.peerIDBytes,
      cipher,
      validator: new PostValidator({
        groupID: keys.groupID,
        cipher,
        postingAuthority: groupspec.authorities.posting?.publicKey,
        groupNow
      }),
      clock: host.clock,
      groupNow,
      randomBytes: host.randomBytes,
      log: init.log,
      isNeighbor: init.isNeighbor,
      onVerdict: this.#onVerdict,
      onPost: this.#onPost
    })
  }

  /** Subscribes, and judges from now on, where the groupspec enables posting. */
  start(): void {
    if (!this.#isEnabled) return
    this.#posting.start()
    this.#stopListening = this.onHearersChange(peerID => {
      if (this.#init.links().has(peerID.toString())) this.#posting.flush()
    })
  }

  /** Bytes of values per second that were posted here. */
  get sentBytesPerSecond(): number {
    return this.#sent.rate(this.#init.groupNow())
  }

  /** Bytes of values per second that others posted. */
  get receivedBytesPerSecond(): number {
    return this.#received.rate(this.#init.groupNow())
  }

  /** Seals and hands on a post. @throws NetGroupError MESSAGE_TOO_LARGE */
  post(post: OutgoingPost): { messageID: string; handedOn: Promise<void> } {
    this.#sent.add(post.payload.byteLength, this.#init.groupNow())
    return this.#posting.post(post)
  }

  /** Peers that are known to hear posts, by peer id; neighbors or not. */
  get hearers(): Set<string> {
    return this.#subscriptions.peers
  }

  /** Told of each peer that begins or ceases to hear posts. @returns what ends that */
  onHearersChange(listener: (peerID: PeerId) => void): () => void {
    return this.#init.host.pubsub.onSubscriptionChange(listener)
  }

  onLinkUp({ peerID }: NeighborLink): void {
    if (this.#isEnabled) this.#subscriptions.expect(peerID)
  }

  onLinkMoved(link: NeighborLink): void {
    this.onLinkUp(link)
  }

  onLinkDown(peer: string): void {
    this.#subscriptions.forget(peer)
  }

  /** What waits fails, and nothing is delivered any more. */
  onLeaving(): void {
    this.#stopListening?.()
    this.#posting.stop()
    this.#order.close()
  }

  close(): void {
    this.#subscriptions.close()
  }

  get #isEnabled(): boolean {
    return this.#init.groupspec.capabilities.postingEnabled
  }

  readonly #onVerdict = (source: PeerId, verdict: PubsubVerdict, reason: string | undefined): void => {
    const { host, reject } = this.#init
    if (reason !== undefined) reject(reason)
    if (verdict === 'reject') host.reportInvalidMessage(source)
  }

  readonly #onPost = (from: PeerId, post: Post): void => {
    const { host, groupNow, reject, onPost } = this.#init
    if (host.isBlocked(from.toString())) {
      reject('blocked')
      return
    }
    this.#received.add(post.envelope.payload.byteLength, groupNow())
    onPost(from, post)
    const { session, sequence } = post.envelope
    this.#order.add(`${from.toString()} ${bytesToText(session, 'base16')}`, sequence, { from, post })
  }
}
