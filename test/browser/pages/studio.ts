// A page in which a stream is published and played: peers of one network in memory, pictures and sound that are made here.
import {
  GroupSpecifier,
  type NetGroup,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher
} from 'netgroup'
import * as media from 'netgroup/media'
import { createTestNetwork, joinAll } from 'netgroup/testing'
import './window.ts'

/** What tests do in it. */
export class Studio {
  readonly media: typeof media = media
  /** Statuses of streams, as they came. */
  readonly told: object[] = []
  turn: () => void = () => {}
  #network = createTestNetwork(3)
  #groups: Promise<NetGroup[]> | undefined

  /** A direct stream of the first peer. */
  async publishDirect(): Promise<NetStreamPublisher> {
    const [first] = (await this.#network).connections
    if (first === undefined) throw new Error('There is nobody')
    return this.#heard(await NetStream.publishDirect(first, 'studio'))
  }

  /** Played by another one. */
  async playDirect(): Promise<NetStreamPlayer> {
    const [first, second] = (await this.#network).connections
    if (first === undefined || second === undefined) throw new Error('There is nobody')
    const [address] = first.multiaddrs
    const { multiaddr } = await import('@multiformats/multiaddr')
    return this.#heard(await NetStream.playDirect(second, multiaddr(address), 'studio'))
  }

  /** A stream of the first member of a group. */
  async publish(): Promise<NetStreamPublisher> {
    return this.#heard(await NetStream.publish(await this.#member(0), 'studio'))
  }

  /** Played by another member. */
  async play(member = 1): Promise<NetStreamPlayer> {
    return this.#heard(await NetStream.play(await this.#member(member), 'studio'))
  }

  /** Pictures that change 20 times a second. {@link turn} turns those that were made last. */
  pictures(width: number, height: number, onDrawn: () => void = () => {}): MediaStreamTrack {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width, height })
    this.turn = () => Object.assign(canvas, { width: canvas.height, height: canvas.width })
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    let drawn = 0
    const draw = (): void => {
      drawn += 1
      context.fillStyle = `hsl(${(drawn * 37) % 360} 100% 50%)`
      context.fillRect(0, 0, canvas.width, canvas.height)
      onDrawn()
    }
    draw()
    setInterval(draw, 50)
    return canvas.captureStream().getVideoTracks()[0] as MediaStreamTrack
  }

  /** A tone without an end, also in a page that nobody has touched, where Web Audio stands still. */
  tone(): MediaStreamTrack {
    const generator = new window.MediaStreamTrackGenerator<AudioData>({ kind: 'audio' })
    const writer = generator.writable.getWriter()
    const startedAtMs = performance.now()
    let frames = 0
    setInterval(() => {
      for (; frames / 48 < performance.now() - startedAtMs; frames += 480)
        writer.write(piece(frames)).catch(() => {})
    }, 10)
    return generator
  }

  /** The page's elements. */
  video(at = 0): HTMLVideoElement {
    return document.querySelectorAll('video')[at] as HTMLVideoElement
  }

  #heard<S extends NetStream>(stream: S): S {
    stream.addEventListener('netStatus', ({ info }) => this.told.push(info))
    return stream
  }

  async #member(at: number): Promise<NetGroup> {
    this.#groups ??= joinAll(
      (await this.#network).connections,
      new GroupSpecifier('studio', { multicastEnabled: true })
    )
    const member = (await this.#groups)[at]
    if (member === undefined) throw new Error(`There is no member ${at}`)
    return member
  }
}

/** 10 ms of 440 Hz. @param at where it begins, in samples of 48,000 Hz */
function piece(at: number): AudioData {
  const data = Float32Array.from(
    { length: 480 },
    (_, i) => Math.sin(((at + i) * 2 * Math.PI * 440) / 48_000) / 2
  )
  const timestamp = Math.round(at / 0.048)
  return new AudioData({
    format: 'f32-planar',
    sampleRate: 48_000,
    numberOfFrames: 480,
    numberOfChannels: 1,
    timestamp,
    data
  })
}

window.studio = new Studio()
