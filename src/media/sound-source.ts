import { read } from './picture-source.ts'
import { trackProcessor } from './web-media.ts'

/** Pieces that wait while the page does something else, a second of them: what comes then is lost, and heard as a gap. Chromium keeps two or three by itself. */
const MAX_UNREAD = 100

/** How much sound the worklet gathers before it hands it on, in frames: 10 ms, as Chromium's devices give it. */
const GATHERED_FRAMES = 480

/** Runs where sound is made. It takes what its input hears, and gives silence. */
const WORKLET = `
registerProcessor('netgroup-sound', class extends AudioWorkletProcessor {
  gathered = []
  frames = 0
  process ([input]) {
    if (input.length === 0) return true
    this.gathered.push(input.map(channel => channel.slice()))
    this.frames += input[0].length
    if (this.frames >= ${GATHERED_FRAMES}) {
      this.port.postMessage(this.gathered)
      this.gathered = []
      this.frames = 0
    }
    return true
  }
})`

/** The sound of a track, until it ends or the signal aborts. Who takes a piece closes it. */
export function soundsOf(track: MediaStreamTrack, signal: AbortSignal): AsyncIterable<AudioData> {
  const Processor = trackProcessor()
  return Processor === undefined
    ? fromWorklet(track, signal)
    : read(new Processor<AudioData>({ track, maxBufferSize: MAX_UNREAD }).readable, signal)
}

/** Where a page cannot read a track (Safari, Firefox): an AudioWorklet, from a blob: address. */
async function* fromWorklet(track: MediaStreamTrack, signal: AbortSignal): AsyncGenerator<AudioData, void> {
  const context = new AudioContext()
  const url = URL.createObjectURL(new Blob([WORKLET], { type: 'text/javascript' }))
  try {
    await context.audioWorklet.addModule(url)
    const worklet = new AudioWorkletNode(context, 'netgroup-sound')
    context.createMediaStreamSource(new MediaStream([track])).connect(worklet)
    // What is connected to nothing does not run.
    worklet.connect(context.destination)
    await context.resume()
    yield* read(piecesOf(worklet, context.sampleRate, track, signal), signal)
  } finally {
    URL.revokeObjectURL(url)
    await context.close()
  }
}

function piecesOf(
  { port }: AudioWorkletNode,
  sampleRate: number,
  track: MediaStreamTrack,
  signal: AbortSignal
): ReadableStream<AudioData> {
  let frames = 0
  return new ReadableStream<AudioData>({
    start: controller => {
      const end = (): void => {
        port.onmessage = null
        controller.close()
      }
      track.addEventListener('ended', end, { signal })
      port.onmessage = ({ data }: MessageEvent<Float32Array[][]>) => {
        // Nobody takes it: better a gap than sound of long ago.
        const isRoom = (controller.desiredSize ?? 0) > -MAX_UNREAD
        const timestamp = Math.round((frames * 1_000_000) / sampleRate)
        const piece = pieceOf(data, sampleRate, timestamp)
        frames += piece.numberOfFrames
        if (isRoom) controller.enqueue(piece)
        else piece.close()
      }
    },
    cancel: () => {
      port.onmessage = null
    }
  })
}

function pieceOf(quanta: readonly Float32Array[][], sampleRate: number, timestamp: number): AudioData {
  const numberOfChannels = Math.min(...quanta.map(quantum => quantum.length))
  const numberOfFrames = quanta.reduce((sum, [first]) => sum + (first?.length ?? 0), 0)
  const data = new Float32Array(numberOfChannels * numberOfFrames)
  for (let channel = 0; channel < numberOfChannels; channel++) {
    let at = channel * numberOfFrames
    for (const quantum of quanta) {
      const samples = quantum[channel] ?? new Float32Array(0)
      data.set(samples, at)
      at += samples.length
    }
  }
  return new AudioData({
    format: 'f32-planar',
    sampleRate,
    numberOfFrames,
    numberOfChannels,
    timestamp,
    data
  })
}
