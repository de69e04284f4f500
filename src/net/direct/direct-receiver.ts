import type { Stream } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import type { FrameKind } from '../../core/multicast/fragment.ts'
import { MAX_STREAM_FRAME_BYTES } from '../../wire/limits.ts'
import { BlockReader } from '../block-reader.ts'
import type { ClassScheduler } from '../class-scheduler.ts'
import type { Clock } from '../clock.ts'
import { wordOf } from '../paced-stream.ts'
import type { StreamReader } from '../stream-reader.ts'
import { TakenTeller } from '../taken-teller.ts'
import type { DirectFrame } from './direct-frame.ts'
import {
  type DirectPiece,
  decodePiece,
  PIECE_HEADER_BYTES,
  PIECE_PAYLOAD_BYTES,
  PieceFlag
} from './direct-piece.ts'

/** What a player hears. */
export interface DirectListener {
  onFrame(frame: DirectFrame): void
  /** Something of this kind was left out before what comes next; undefined: of some kind, before the end. */
  onGap(kind: FrameKind | undefined): void
  /** The publisher has ended it; or without a word: it is gone, or what carried it. Once, and nothing follows. */
  onEnd(isByPublisher: boolean): void
}

/** How {@link DirectReceiver} is made. */
export interface DirectReceiverInit {
  readonly stream: Stream
  /** Of that stream, behind the answer. */
  readonly reader: StreamReader
  readonly scheduler: ClassScheduler
  readonly clock: Clock
  readonly listener: DirectListener
}

/** A frame of which some pieces have come. */
interface Partial {
  readonly first: DirectPiece
  readonly parts: Uint8Array[]
  bytes: number
}

/** The player's end of a direct stream: puts frames together of their pieces, and tells the publisher what was taken. */
export class DirectReceiver {
  readonly #init: DirectReceiverInit
  readonly #teller: TakenTeller
  readonly #partial = new Map<FrameKind, Partial>()
  readonly #blocks = new BlockReader(PIECE_HEADER_BYTES, PIECE_HEADER_BYTES + PIECE_PAYLOAD_BYTES, block =>
    this.#onPiece(decodePiece(block))
  )
  #isEnded = false

  constructor(init: DirectReceiverInit) {
    this.#init = init
    const { stream, reader, scheduler, clock } = init
    this.#teller = new TakenTeller(stream, scheduler, clock)
    stream.addEventListener('close', () => this.#end(false))
    stream.addEventListener('remoteCloseWrite', () => this.#end(false))
    reader.pipe(bytes => this.#onBytes(bytes))
    if (stream.status !== 'open') queueMicrotask(() => this.#end(false))
  }

  /** Tells what is wanted. @param wishes bits of `Wish` */
  wish(wishes: number): void {
    if (!this.#isEnded) this.#init.scheduler.send(this.#init.stream, wordOf(wishes), 'control')
  }

  /** Takes nothing any more. */
  close(): void {
    this.#end(false)
  }

  #onBytes(bytes: Uint8Array): void {
    if (this.#isEnded) return
    this.#teller.add(bytes.byteLength)
    this.#blocks.read(bytes)
  }

  #onPiece(piece: DirectPiece): void {
    const { kind, flags } = piece
    if (this.#isEnded) return
    const isEnd = (flags & PieceFlag.END) !== 0
    if ((flags & PieceFlag.GAP) !== 0) this.#init.listener.onGap(isEnd ? undefined : kind)
    if (isEnd) {
      this.#end(true)
      return
    }
    if ((flags & PieceFlag.FIRST) !== 0) this.#partial.set(kind, { first: piece, parts: [], bytes: 0 })
    const partial = this.#partial.get(kind)
    if (partial === undefined) throw new RangeError('A piece of no frame')
    partial.parts.push(piece.payload)
    partial.bytes += piece.payload.byteLength
    if (partial.bytes > MAX_STREAM_FRAME_BYTES || partial.parts.length > MAX_PIECES)
      throw new RangeError(`A frame of more than ${MAX_STREAM_FRAME_BYTES} bytes`)
    if ((flags & PieceFlag.LAST) === 0) return
    this.#partial.delete(kind)
    this.#init.listener.onFrame(frameOf(partial))
  }

  #end(isByPublisher: boolean): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#teller.close()
    this.#partial.clear()
    const { stream, listener } = this.#init
    listener.onEnd(isByPublisher)
    stream.close().catch(error => stream.abort(error))
  }
}

/** Pieces of the largest frame. Smaller ones would take more memory than they say. */
const MAX_PIECES = MAX_STREAM_FRAME_BYTES / PIECE_PAYLOAD_BYTES

function frameOf({ first, parts }: Partial): DirectFrame {
  const { kind, timestamp, flags } = first
  return {
    kind,
    timestamp,
    keyframe: (flags & PieceFlag.KEYFRAME) !== 0,
    isCall: (flags & PieceFlag.CALL) !== 0,
    data: parts.length === 1 ? (parts[0] as Uint8Array) : concat(parts)
  }
}
