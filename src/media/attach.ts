// The names of the entry: a page's camera, microphone and <video>, and streams.
import type { NetStreamPlayer, NetStreamPublisher } from '../api/net-stream.ts'
import { MediaPublication } from './media-publication.ts'
import type { CameraOptions } from './picture-encoding.ts'
import type { MicrophoneOptions } from './sound-sender.ts'
import { StreamPlayback } from './stream-playback.ts'
import { requireWebCodecs } from './web-media.ts'

/** As the other durations of a stream, in seconds. */
const MAX_KEYFRAME_INTERVAL_S = 60

/** More than networks carry, in bits per second: a mistake in the unit. */
const MAX_BITRATE = 1_000_000_000

/**
 * Sends the pictures of a track (a camera, a screen) in a stream that is published, in the place of those that were sent before; `null` ends that. Resolves when sending begins. It ends by itself when the track ends or the
 * stream is closed; the track goes on, it is the application's. An encoder that fails is told as `NetStream.Failed`. Pictures that the encoder or the network cannot take in time are left out.
 *
 * @throws Rejects TypeError for what is no live track of pictures, RangeError for an option, NetGroupError PLATFORM_UNSUPPORTED where there is no WebCodecs or no codec: then what was sent before goes on
 */
export async function attachCamera(
  stream: NetStreamPublisher,
  camera: MediaStreamTrack | null,
  options: CameraOptions = {}
): Promise<void> {
  checkPublisher(stream, 'a camera')
  if (camera !== null) {
    requireWebCodecs('VideoEncoder', 'attach a camera')
    checkTrack(camera, 'video', 'a camera')
    checkPositive(options.bitrate, 'bitrate')
    checkPositive(options.keyframeInterval, 'keyframeInterval', MAX_KEYFRAME_INTERVAL_S)
  }
  await MediaPublication.of(stream).attachCamera(camera, options)
}

/**
 * The same for a track of sound.
 *
 * @throws Rejects TypeError, RangeError, NetGroupError PLATFORM_UNSUPPORTED, as {@link attachCamera} does
 */
export async function attachAudio(
  stream: NetStreamPublisher,
  microphone: MediaStreamTrack | null,
  options: MicrophoneOptions = {}
): Promise<void> {
  checkPublisher(stream, 'a microphone')
  if (microphone !== null) {
    requireWebCodecs('AudioEncoder', 'attach a microphone')
    checkTrack(microphone, 'audio', 'a microphone')
    checkPositive(options.bitrate, 'bitrate')
  }
  await MediaPublication.of(stream).attachAudio(microphone, options)
}

/**
 * Sends the first track of pictures and the first of sound of a MediaStream; of a kind that it has not, nothing is sent from then on.
 *
 * @throws Rejects TypeError, NetGroupError PLATFORM_UNSUPPORTED, as {@link attachCamera} does
 */
export async function attachMedia(stream: NetStreamPublisher, media: MediaStream): Promise<void> {
  requireWebCodecs('VideoEncoder', 'attach a camera')
  if (!(media instanceof MediaStream))
    throw new TypeError(`Cannot attach ${String(media)}: give a MediaStream, as getUserMedia() has it`)
  const [camera = null] = media.getVideoTracks()
  const [microphone = null] = media.getAudioTracks()
  await Promise.all([attachCamera(stream, camera), attachAudio(stream, microphone)])
}

/**
 * Plays a stream into a `<video>`, in the place of what it showed; `null` ends that. Resolves when it has been set up: pictures come when they come, also long after. Frames of pages (`netgroup/media`) are played, each `bufferTime`
 * after it could have come at the earliest, or later while the network needs it; others are left out. It reads `frames()`, so nobody else can. A stream plays in one element at a time: it leaves the one that it was in. It goes on when the
 * stream is published anew, until the player is closed (the last picture stays) or another one takes its place; closing the player is the application's matter. What this browser cannot decode is told as `NetStream.Play.NoSupportedTrackFound`.
 *
 * Pages may not play sound before somebody has clicked or typed there, unless they capture; until then the element is muted.
 *
 * @throws Rejects TypeError, NetGroupError PLATFORM_UNSUPPORTED where there is no WebCodecs
 */
export async function attachNetStream(
  video: HTMLVideoElement,
  stream: NetStreamPlayer | null
): Promise<void> {
  requireWebCodecs('VideoDecoder', 'play a stream')
  requireWebCodecs('AudioDecoder', 'play a stream')
  if (!(video instanceof HTMLVideoElement))
    throw new TypeError(`Cannot play a stream in ${String(video)}: give a <video> element`)
  if (stream !== null && typeof stream?.frames !== 'function')
    throw new TypeError(
      'Cannot play what is no stream: give what NetStream.play() or playDirect() resolved with'
    )
  StreamPlayback.replace(video, stream)
}

function checkPublisher(stream: NetStreamPublisher, what: string): void {
  if (typeof stream?.write !== 'function')
    throw new TypeError(
      `Cannot attach ${what} to what is no published stream: give what NetStream.publish() or publishDirect() resolved with`
    )
}

function checkTrack(track: MediaStreamTrack, kind: 'audio' | 'video', what: string): void {
  if (!(track instanceof MediaStreamTrack) || track.kind !== kind)
    throw new TypeError(`Cannot attach ${what}: give a MediaStreamTrack of kind ${kind}, or null`)
  if (track.readyState === 'ended') throw new TypeError(`Cannot attach ${what}: its track has ended`)
}

function checkPositive(value: number | undefined, name: string, max: number = MAX_BITRATE): void {
  if (value !== undefined && !(value > 0 && value <= max))
    throw new RangeError(`Cannot use ${name} ${value}: give a number above 0, and at most ${max}`)
}
