import { trackProcessor } from './web-media.ts'

/** The pictures of a track, until it ends or the signal aborts. Who takes one closes it. Those that nobody takes in time are left out. */
export function picturesOf(track: MediaStreamTrack, signal: AbortSignal): AsyncIterable<VideoFrame> {
  const Processor = trackProcessor()
  return Processor === undefined
    ? fromElement(track, signal)
    : read(new Processor<VideoFrame>({ track }).readable, signal)
}

/** What is read, until it ends or the signal aborts. */
export async function* read<T>(readable: ReadableStream<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const reader = readable.getReader()
  const onAbort = (): void => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    onAbort()
  }
}

/** Where a page cannot read a track (Safari, Firefox): what a hidden <video> shows. A page in the background gives none there. */
async function* fromElement(track: MediaStreamTrack, signal: AbortSignal): AsyncGenerator<VideoFrame, void> {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  try {
    await video.play()
    for (;;) {
      const shown = await nextShown(video, track, signal)
      if (shown === undefined) return
      yield new VideoFrame(video, { timestamp: Math.round(shown.mediaTime * 1_000_000) })
    }
  } finally {
    video.srcObject = null
  }
}

/** Undefined at the end. */
function nextShown(
  video: HTMLVideoElement,
  track: MediaStreamTrack,
  signal: AbortSignal
): Promise<VideoFrameCallbackMetadata | undefined> {
  const { promise, resolve } = Promise.withResolvers<VideoFrameCallbackMetadata | undefined>()
  const onEnd = (): void => resolve(undefined)
  if (signal.aborted || track.readyState === 'ended') onEnd()
  signal.addEventListener('abort', onEnd)
  track.addEventListener('ended', onEnd)
  const handle = video.requestVideoFrameCallback((_now, metadata) => resolve(metadata))
  return promise.finally(() => {
    video.cancelVideoFrameCallback(handle)
    signal.removeEventListener('abort', onEnd)
    track.removeEventListener('ended', onEnd)
  })
}
