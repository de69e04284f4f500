import type { PeerId } from '@libp2p/interface'

/** A published message as a validator gets it: of gossipsub's, the fields that netgroup reads. */
export interface PubsubMessage {
  readonly type: string
  readonly topic: string
  readonly data: Uint8Array
  /** The author, proven by the signature. */
  readonly from?: PeerId
}

/** What a validator answers: gossipsub's `TopicValidatorResult`, whose values these are. */
export type PubsubVerdict = 'accept' | 'ignore' | 'reject'

/** Judges a message before it is passed on. @param source the neighbor it came from */
export type PubsubValidator = (source: PeerId, message: PubsubMessage) => PubsubVerdict

/** What netgroup uses of @libp2p/gossipsub. The platform makes it, behind a membership gate. */
export interface Pubsub {
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  /** Peers that have said that they subscribe. */
  getSubscribers(topic: string): PeerId[]
  publish(topic: string, data: Uint8Array): Promise<{ recipients: PeerId[] }>
  setValidator(topic: string, validator: PubsubValidator | undefined): void
  /** Calls back when a peer has said that it subscribes or no longer does. Answers how to stop it. */
  onSubscriptionChange(listener: (peerID: PeerId) => void): () => void
}
