/** Pieces that are to be heard within this of the end of the one before follow it without a gap, in s: so far the clocks of sender, page and sound card may be apart. Guess: lips and voice may be 45 ms apart (ITU-R BT.1359). */
const TOLERANCE_S = 0.04

/** A track that plays the sound that it is given, each piece at its time. */
export class SoundOutput {
  readonly track: MediaStreamTrack
  readonly #context: AudioContext
  readonly #destination: MediaStreamAudioDestinationNode
  readonly #sources = new Set<AudioBufferSourceNode>()
  /** The end of what is to be heard, in s of the context. */
  #endS = 0

  /** @param sampleRate of what will be played, in Hz: at another one each piece would be stretched by itself, which is heard */
  constructor(sampleRate: number) {
    this.#context = new AudioContext({ sampleRate })
    this.#destination = this.#context.createMediaStreamDestination()
    const [track] = this.#destination.stream.getAudioTracks()
    if (track === undefined) throw new Error('The sound has no track')
    this.track = track
    // Some browsers let none begin by itself.
    this.resume()
  }

  /** The page may be heard now, if it may. */
  resume(): void {
    this.#context.resume().catch(() => {})
  }

  /** Closes the piece. What is too late, or overlaps what was given before, is left out. @param dueMs of `performance.now()` */
  play(sound: AudioData, dueMs: number): void {
    if (this.#context.state === 'running') this.#play(sound, dueMs)
    sound.close()
  }

  /** What waits is not to be heard any more. */
  clear(): void {
    for (const source of this.#sources) source.stop()
    this.#sources.clear()
    this.#endS = 0
  }

  close(): void {
    this.clear()
    this.track.stop()
    this.#context.close().catch(() => {})
  }

  #play(sound: AudioData, dueMs: number): void {
    const nowS = this.#context.currentTime
    const dueS = nowS + (dueMs - performance.now()) / 1_000
    const isNext = Math.abs(dueS - this.#endS) <= TOLERANCE_S && this.#endS >= nowS
    const atS = isNext ? this.#endS : dueS
    if (atS < nowS || atS < this.#endS) return
    const source = this.#context.createBufferSource()
    source.buffer = this.#bufferOf(sound)
    source.connect(this.#destination)
    source.onended = () => this.#sources.delete(source)
    source.start(atS)
    this.#sources.add(source)
    this.#endS = atS + source.buffer.duration
  }

  #bufferOf(sound: AudioData): AudioBuffer {
    const { numberOfChannels, numberOfFrames, sampleRate } = sound
    const buffer = this.#context.createBuffer(numberOfChannels, numberOfFrames, sampleRate)
    for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++)
      sound.copyTo(buffer.getChannelData(planeIndex), { planeIndex, format: 'f32-planar' })
    return buffer
  }
}
