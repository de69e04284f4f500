import { NetGroupError } from '../core/errors.ts'

/** How pictures are sent. */
export interface CameraOptions {
  /** In bits per second. @default a tenth of a bit for each pixel, 2 Mbit/s at most */
  bitrate?: number
  /** What WebCodecs calls the codec: `'vp8'`, `'vp09.00.10.08'`, `'avc1.42E028'` … All viewers must have it. @default the first that there is of {@link PICTURE_CODECS} */
  codec?: string
  /** How long a viewer who comes late waits for a picture at most, in seconds. @default {@link KEYFRAME_INTERVAL_S} */
  keyframeInterval?: number
}

/** Codecs that all browsers with WebCodecs decode, the one that is encoded everywhere without hardware first. H.264: constrained baseline, up to 1080p. */
export const PICTURE_CODECS: readonly string[] = ['vp8', 'avc1.42E028']

/** As the streams that multicast was measured with (docs/PROTOCOL.md, section 15). */
export const KEYFRAME_INTERVAL_S = 2

/** Where neither the track nor the application says anything. */
const USUAL = { width: 640, height: 480, frameRate: 30 }

/** Enough for a face at 30 pictures per second in VP8. Guess. */
const BITS_PER_PIXEL = 0.1
const MIN_BITRATE = 100_000

/** What a publisher's uplink of 10 Mbit/s, and its viewers' of 3, carry (docs/PROTOCOL.md, section 15). */
const MAX_BITRATE = 2_000_000

/** How the pictures of a track are encoded. @throws Rejects NetGroupError PLATFORM_UNSUPPORTED where this browser has none of the codecs */
export async function pictureEncodingOf(
  track: MediaStreamTrack,
  { codec, bitrate }: CameraOptions
): Promise<VideoEncoderConfig> {
  const { width, height, frameRate } = { ...USUAL, ...track.getSettings() }
  const codecs = codec === undefined ? PICTURE_CODECS : [codec]
  for (const each of codecs) {
    const encoding = encodingOf(each, width, height, frameRate, bitrate)
    // A codec whose name cannot be read is one that is not there.
    const { supported } = await VideoEncoder.isConfigSupported(encoding).catch(() => ({ supported: false }))
    if (supported === true) return encoding
  }
  throw new NetGroupError(
    'PLATFORM_UNSUPPORTED',
    `Cannot attach a camera: this browser encodes none of ${codecs.join(', ')} with ${width} × ${height} pixels`,
    { feature: codecs.join(', ') }
  )
}

/** The same for pictures of another size. */
export function resized(
  encoding: VideoEncoderConfig,
  width: number,
  height: number,
  bitrate: number | undefined
): VideoEncoderConfig {
  return encodingOf(encoding.codec, width, height, encoding.framerate ?? USUAL.frameRate, bitrate)
}

function encodingOf(
  codec: string,
  width: number,
  height: number,
  framerate: number,
  bitrate: number | undefined
): VideoEncoderConfig {
  const isH264 = codec.startsWith('avc')
  const usual = Math.round(width * height * framerate * BITS_PER_PIXEL)
  return {
    codec,
    // H.264 has no odd sizes: the last line is scaled away.
    width: isH264 ? even(width) : width,
    height: isH264 ? even(height) : height,
    framerate,
    bitrate: bitrate ?? Math.min(MAX_BITRATE, Math.max(MIN_BITRATE, usual)),
    latencyMode: 'realtime',
    ...(isH264 ? { avc: { format: 'annexb' } } : {})
  }
}

function even(length: number): number {
  return Math.max(2, length - (length % 2))
}
