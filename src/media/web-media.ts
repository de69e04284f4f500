// What of the browser's media is not in TypeScript's types, or not in every browser.
import { NetGroupError } from '../core/errors.ts'

/** Frames of a track as a stream: Chromium has it in pages, Safari in workers only, Firefox not. https://www.w3.org/TR/mediacapture-transform/ */
interface TrackProcessorClass {
  new <T>(init: { track: MediaStreamTrack; maxBufferSize?: number }): { readonly readable: ReadableStream<T> }
}

/** A track of frames that are written: as an older draft of the same had it, in pages of Chromium. */
interface TrackGeneratorClass {
  new (init: { kind: 'video' }): MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> }
}

/** Undefined where this browser has none. */
export function trackProcessor(): TrackProcessorClass | undefined {
  return globalOf<TrackProcessorClass>('MediaStreamTrackProcessor')
}

/** Undefined where this browser has none. */
export function trackGenerator(): TrackGeneratorClass | undefined {
  return globalOf<TrackGeneratorClass>('MediaStreamTrackGenerator')
}

/** @param doing what cannot be done without, for the error @throws NetGroupError PLATFORM_UNSUPPORTED */
export function requireWebCodecs(
  feature: 'VideoEncoder' | 'AudioEncoder' | 'VideoDecoder' | 'AudioDecoder',
  doing: string
): void {
  if (globalOf(feature) !== undefined) return
  const advice =
    globalThis.isSecureContext === false
      ? 'pages have it from https:// or localhost only, and this one came otherwise'
      : 'use a browser of 2025 or later'
  throw new NetGroupError(
    'PLATFORM_UNSUPPORTED',
    `Cannot ${doing}: WebCodecs (${feature}) is not there; ${advice}`,
    { feature }
  )
}

function globalOf<T>(name: string): T | undefined {
  return (globalThis as unknown as Record<string, T | undefined>)[name]
}
