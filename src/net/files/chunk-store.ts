import type { Manifest } from '../../core/files/manifest.ts'

/** What a store asks of whoever fills it. */
export interface StoreOrders {
  /** These chunks are needed. */
  want(first: number, last: number): void
  /** These can be read, and offered to others. */
  have(first: number, last: number): void
  /** These can be read no more. */
  forget(first: number, last: number): void
  /** So many bytes that were there have been looked at. */
  onChecked(bytes: number): void
  /** So many bytes were there already. */
  onFound(bytes: number): void
}

/** Where verified chunks go. */
export interface ChunkStore {
  /** Rejects when nothing can be kept any more, though nothing is being written. */
  readonly failed?: Promise<never>
  /** Looks at what is there, and asks for the rest. @throws (rejects) when the manifest's files cannot go there; the signal's reason */
  open(manifest: Manifest, orders: StoreOrders, signal: AbortSignal): Promise<void>
  /** Takes a chunk; returns or resolves when its memory is free again. It is offered by the store's own order. @throws (or rejects) when it cannot be kept */
  write(chunk: number, bytes: Uint8Array): Promise<void> | undefined
  /** The chunk as it stands here, not verified; undefined when it does not. At once where that is quick. @throws (or rejects) when it cannot be read */
  read(chunk: number): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** Every chunk was written: puts all in its place. */
  finish(): Promise<void>
  /** Nothing is written any more. @param reason why not to the end; undefined after {@link finish} */
  close(reason: unknown): Promise<void>
}
