import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { DirectPublisher } from './direct-publisher.ts'
import type { GroupPlayer } from './group-player.ts'
import type { GroupPublisher } from './group-publisher.ts'
import type { PeerID } from './names.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetGroup } from './net-group.ts'
import type { MediaStatus, StreamStatus } from './status.ts'
import { type AbortOptions, StatusSource } from './status-target.ts'
import type { NetStreamInfo, NetStreamMulticastInfo } from './stream-info.ts'

/** A piece of media, or of anything else. */
export interface MediaFrame {
  kind: 'audio' | 'video' | 'data'
  /** In µs, as WebCodecs has it. */
  timestamp: number
  /** May one begin to play here? @default false */
  keyframe?: boolean
  /** At a player: something before it is missing, so a decoder has to wait for a keyframe. Absent where all has come. */
  afterGap?: boolean
  data: Uint8Array
}

/**
 * How to publish or play. Durations in seconds, as the original has them. A publisher announces its window, fetch period and availability updates, and players use these where they say nothing
 * else; the push limit, the relay margin and `bufferTime` are each one's own. The reliability flags are a publisher's, and count in direct streams: {@link PublishDirectOptions}.
 */
export interface StreamOptions extends Partial<Writable<MulticastParameters>>, AbortOptions {
  /** How much a player gathers before the first frame is handed out, in seconds. @default 0.1 */
  bufferTime?: number
  /** @default true */
  audioReliable?: boolean
  /** @default true */
  videoReliable?: boolean
  /** @default true */
  dataReliable?: boolean
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * How to publish a direct stream. Of a kind that is reliable nothing is lost, and `write` waits for the slowest of those who play. A kind that is not loses what waits too long for its turn, and never makes `write` wait:
 * of video, where a frame was lost, all up to the next keyframe, for 10 s of it at most; of calls, where too much waits, older ones of the same handler first.
 */
export interface PublishDirectOptions extends StreamOptions {
  /** May this peer play the stream? A throw is a no. @default everybody may, but for those who are blocked */
  onPeerConnect?: (subscriber: { readonly farID: PeerID }) => boolean | Promise<boolean>
}

/** How to play. */
export interface PlayOptions<H> extends StreamOptions {
  /** What the publisher may call with `send()`: its methods, own ones and those of its class. */
  client?: H
  /** What `readable` does where something is missing: fail, or go on behind it. @default 'fail' */
  gaps?: 'fail' | 'skip'
}

type Handler<H, K extends keyof H> = H[K] extends (...args: infer A) => unknown ? A : never

/** A stream that is published, or played; never both. */
export interface NetStreamPublisher<H = object> extends NetStream<H> {
  /**
   * Calls `client[handlerName](...args)` at all who play the stream by then.
   *
   * @returns false when more waits than goes out, and the publisher should pause: in a direct stream when 256 KiB wait for somebody, reliable or not. With `dataReliable: false` the newest call of each handler arrives all the
   *   same, in the place of older ones
   * @throws TypeError for a name that cannot be called, NetGroupError CLOSED, VALUE_UNSUPPORTED, MESSAGE_TOO_LARGE
   */
  send<K extends keyof H & string>(handlerName: K, ...args: Handler<H, K>): boolean
  /** Sends a frame; resolves when there is room for the next. Its bytes are copied at the call. @throws Rejects TypeError, RangeError for what is no frame, NetGroupError CLOSED, MESSAGE_TOO_LARGE over 4 MiB */
  write(frame: MediaFrame): Promise<void>
  /** The same for bytes without frames: each chunk is one frame of data. Its `close()` ends the stream. Its `abort()` cuts it: the end is missing for those who play it, and of a direct stream what waits is dropped. */
  readonly writable: WritableStream<Uint8Array>
  /** Who plays a direct stream; empty in a group, where who plays is known to nobody. */
  readonly peerStreams: readonly { readonly farID: PeerID }[]
}

/** A stream that is played. */
export interface NetStreamPlayer<H = object> extends NetStream<H> {
  /** The publisher's peer id; '' until there is one. */
  readonly farID: PeerID
  client: H
  /**
   * Frames in order, from the first keyframe or the live edge on. What is missing for longer than the window is left out (`afterGap`). Ends when the publisher ends the stream, or the player is closed. Who reads
   * too slowly misses the oldest, up to a keyframe. One reader at a time. @throws TypeError once `readable` has been taken
   */
  frames(options?: AbortOptions): AsyncIterable<MediaFrame>
  /**
   * The frames' bytes, one after the other. Fails where something is missing, and where another stream takes this one's place, unless it is played with `gaps: 'skip'`. Once it has failed or ended, `readable` is
   * another stream, for what comes then. @throws TypeError once {@link frames} has been called
   */
  readonly readable: ReadableStream<Uint8Array>
  /** Is audio wanted? The publisher of a direct stream sends none while it is not; in a group it is taken, since others need it, and not handed out. @default true @throws TypeError */
  receiveAudio(flag: boolean): void
  /** The same for video, which goes on with a keyframe, where it has any. */
  receiveVideo(flag: boolean): void
}

/** What a publisher and a player share. */
export abstract class NetStream<H = object>
  extends StatusSource<StreamStatus>
  implements MulticastParameters
{
  /** What is called at those who play it. Only for the compiler. */
  declare protected readonly handlers: H
  /** The stream's name in its group. */
  abstract readonly name: string
  /** How much is gathered before the first frame is handed out, in seconds. @throws RangeError when it is set */
  abstract bufferTime: number
  /**
   * This and the five others: see {@link MulticastParameters}. As they are in force here; they may be set at any time. At a publisher they are what players take that begin later. Without effect in direct
   * streams. @throws RangeError, TypeError when they are set
   */
  abstract multicastWindowDuration: number
  abstract multicastRelayMarginDuration: number
  abstract multicastFetchPeriod: number
  abstract multicastAvailabilityUpdatePeriod: number
  abstract multicastAvailabilitySendToAll: boolean
  abstract multicastPushNeighborLimit: number
  /** The original's counters, as of now. */
  abstract readonly info: NetStreamInfo
  abstract readonly multicastInfo: NetStreamMulticastInfo

  /** @internal */
  protected constructor(log: Logger) {
    super(log, undefined)
  }

  /** What `netgroup/media` finds out about it. @internal */
  tell<C extends keyof MediaStatus>(code: C, fields: Omit<MediaStatus[C], 'level'>): void {
    this.dispatchStatus(code, fields as Omit<StreamStatus[C], 'level'>)
  }

  /**
   * Publishes a stream to all members of a group who play it; they pass it on to each other. Each call is a stream of its own, also of the same name.
   *
   * @param name 1 to 255 bytes of UTF-8
   * @throws Rejects NetGroupError CAPABILITY_DISABLED, NOT_AUTHORIZED, CLOSED; RangeError for a wrong name, parameters, or a ninth stream of this member; the signal's reason
   */
  static async publish<H = object>(
    group: NetGroup,
    name: string,
    options: StreamOptions = {}
  ): Promise<NetStreamPublisher<H>> {
    const { publish } = await import('./group-publisher.ts')
    return (await publish(group, name, options)) as GroupPublisher<H>
  }

  /**
   * Plays a stream of a group, as soon as somebody publishes one of this name: `NetStream.Play.Start`. Of several of one name it plays the one that began last, and stays with it
   * until it has ended or is gone: then another (`NetStream.MulticastStream.Reset`). When its publisher is gone without a word, `NetStream.Play.UnpublishNotify` tells so, and the player goes on waiting.
   *
   * @throws Rejects NetGroupError CAPABILITY_DISABLED, CLOSED; RangeError; the signal's reason
   */
  static async play<H extends object = object>(
    group: NetGroup,
    name: string,
    options: PlayOptions<H> = {}
  ): Promise<NetStreamPlayer<H>> {
    const { play } = await import('./group-player.ts')
    return (await play(group, name, options)) as GroupPlayer<H>
  }

  /**
   * Publishes a stream to those who ask for it with {@link NetStream.playDirect}: each of them gets it from here, in no group. One who takes and reads nothing for 10 s while something waits is let
   * go (`NetStream.Connect.Closed`); until then `write` waits for it, and with it all others.
   *
   * @param name 1 to 255 bytes of UTF-8
   * @throws Rejects NetGroupError CLOSED; TypeError when `onPeerConnect` is no function; RangeError for a wrong name, or one that is published already; the signal's reason
   */
  static async publishDirect<H = object>(
    connection: NetConnection,
    name: string,
    options: PublishDirectOptions = {}
  ): Promise<NetStreamPublisher<H>> {
    const { publishDirect } = await import('./direct-publisher.ts')
    return (await publishDirect(connection, name, options)) as DirectPublisher<H>
  }

  /**
   * Plays a direct stream of a peer. Resolves when its publisher lets this peer in, and gives what is sent from then on. Who reads too slowly makes the publisher wait, once reading has begun;
   * who then reads nothing for 10 s is let go. It ends as where the publisher is gone without a word: `NetStream.Play.UnpublishNotify`, `NetStream.Connect.Closed`, and `readable` fails where `frames()` ends.
   *
   * @param farID the publisher, where it is known how to reach it, or its address with its peer id
   * @throws Rejects TypeError for neither; NetGroupError STREAM_NOT_FOUND, NOT_AUTHORIZED when the publisher refuses, PEER_UNREACHABLE, TIMEOUT after 65 s without an answer, CLOSED;
   *   RangeError for a wrong name; the signal's reason
   */
  static async playDirect<H extends object = object>(
    connection: NetConnection,
    farID: PeerID | Multiaddr,
    name: string,
    options: PlayOptions<H> = {}
  ): Promise<NetStreamPlayer<H>> {
    const { playDirect } = await import('./direct-player.ts')
    return await playDirect(connection, farID, name, options)
  }

  /** Ends it. Viewers who are fed from here get what is on its way, within 15 s; of a stream that is played only when it is at its end. Idempotent. @throws Rejects with the signal's reason, and ends all the same */
  abstract close(options?: AbortOptions): Promise<void>

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
