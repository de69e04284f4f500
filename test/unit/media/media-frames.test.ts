import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MediaFrame } from '../../../src/api/net-stream.ts'
import {
  decodePictureConfig,
  decodeSoundConfig,
  encodePictureConfig,
  encodeSoundConfig,
  type PictureConfig
} from '../../../src/media/media-config.ts'
import { MediaDeframer } from '../../../src/media/media-deframer.ts'
import { MediaFramer } from '../../../src/media/media-framer.ts'
import {
  type Chunk,
  CONFIGURATION_NUMBERS,
  decodeMediaPayload,
  encodeMediaPayload,
  FRAME_NUMBERS
} from '../../../src/media/media-header.ts'
import { MAX_MEDIA_CONFIG_BYTES } from '../../../src/wire/limits.ts'

const VP8 = { codec: 'vp8', codedWidth: 640, codedHeight: 480 }
const chunkOf = (...data: number[]): Chunk => ({
  byteLength: data.length,
  copyTo: into => into.set(data)
})

/** A publisher of pictures, and what comes of them. */
class Pictures {
  readonly framer = new MediaFramer()
  readonly deframer = new MediaDeframer<PictureConfig>({
    decodeConfig: decodePictureConfig,
    isChained: true
  })
  #timestamp = 0

  frame(keyframe: boolean, data = 7): MediaFrame {
    this.#timestamp += 40_000
    return {
      kind: 'video',
      timestamp: this.#timestamp,
      keyframe,
      data: this.framer.frame(chunkOf(data), keyframe)
    }
  }

  /** The data of those of these frames that can be decoded. */
  take(...frames: readonly MediaFrame[]): number[] {
    return frames.flatMap(frame => [...(this.deframer.take(frame)?.data ?? [])])
  }
}

describe('a media payload', () => {
  it('has the bytes of docs/PROTOCOL.md', () => {
    const config = encodePictureConfig({ codec: 'vp8', codedWidth: 64, codedHeight: 48 })
    expect([...config]).toEqual([0x0a, 3, 0x76, 0x70, 0x38, 0x18, 64, 0x20, 48])
    expect([...encodeMediaPayload(258, 3, config, chunkOf(9, 8))]).toEqual([1, 2, 3, 0, 9, ...config, 9, 8])
  })

  it('is what it was when it is read', () => {
    fc.assert(
      fc.property(
        fc.nat(FRAME_NUMBERS - 1),
        fc.nat(CONFIGURATION_NUMBERS - 1),
        fc.uint8Array(),
        fc.uint8Array(),
        (number, configuration, config, data) => {
          const bytes = encodeMediaPayload(number, configuration, config, chunkOf(...data))
          expect(decodeMediaPayload(bytes)).toEqual({ number, configuration, config, data })
        }
      )
    )
  })

  it('is none when it is cut, and nothing throws whatever comes', () => {
    expect(decodeMediaPayload(Uint8Array.of(0, 0, 0, 0))).toBeUndefined()
    expect(decodeMediaPayload(Uint8Array.of(0, 0, 0, 0, 1))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array(), data => {
        const pictures = new Pictures()
        expect(pictures.take({ kind: 'video', timestamp: 0, keyframe: true, data })).toBeInstanceOf(Array)
        decodeSoundConfig(data)
      })
    )
  })
})

describe('a configuration', () => {
  it('is what it was when it is read', () => {
    const h264 = { ...VP8, codec: 'avc1.42E028', description: Uint8Array.of(1, 2) }
    expect(decodePictureConfig(encodePictureConfig(h264))).toEqual(h264)
    const opus = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 }
    expect(decodeSoundConfig(encodeSoundConfig(opus))).toEqual(opus)
  })

  it('is not taken when it asks for more than a page has', () => {
    const picture = (codedWidth: number, codedHeight: number): unknown =>
      decodePictureConfig(encodePictureConfig({ codec: 'vp8', codedWidth, codedHeight }))
    expect(picture(4_096, 4_096)).toBeDefined()
    expect(picture(4_097, 4_096)).toBeUndefined()
    expect(picture(0, 480)).toBeUndefined()
    const sound = (sampleRate: number, numberOfChannels: number): unknown =>
      decodeSoundConfig(encodeSoundConfig({ codec: 'opus', sampleRate, numberOfChannels }))
    expect(sound(48_000, 8)).toBeDefined()
    expect(sound(48_000, 9)).toBeUndefined()
    expect(sound(4_000_000, 1)).toBeUndefined()
    const description = new Uint8Array(MAX_MEDIA_CONFIG_BYTES)
    expect(decodePictureConfig(encodePictureConfig({ ...VP8, description }))).toBeUndefined()
  })
})

describe('pictures', () => {
  it('begin at the first keyframe, which has the configuration, and need none behind it', () => {
    const pictures = new Pictures()
    pictures.framer.configure(encodePictureConfig(VP8))
    const frames = [false, true, false, false, true].map((keyframe, data) => pictures.frame(keyframe, data))
    expect(pictures.take(...frames)).toEqual([1, 2, 3, 4])
    expect(frames[2]?.data.byteLength).toBe(6)
  })

  it('are left out from a gap to the next keyframe', () => {
    const pictures = new Pictures()
    pictures.framer.configure(encodePictureConfig(VP8))
    const frames = [true, false, false, false, true, false].map((keyframe, data) =>
      pictures.frame(keyframe, data)
    )
    frames.splice(2, 1)
    expect(pictures.take(...frames)).toEqual([0, 1, 4, 5])
  })

  it('are left out to the next keyframe when the decoder asks for one', () => {
    const pictures = new Pictures()
    pictures.framer.configure(encodePictureConfig(VP8))
    expect(pictures.take(pictures.frame(true, 1))).toEqual([1])
    pictures.deframer.restart()
    expect(pictures.take(pictures.frame(false, 2), pictures.frame(true, 3))).toEqual([3])
  })

  it('follow each other when their numbers begin anew', () => {
    const pictures = new Pictures()
    pictures.framer.configure(encodePictureConfig(VP8))
    expect(pictures.take(pictures.frame(true, 1))).toEqual([1])
    for (let i = 1; i < FRAME_NUMBERS; i++) pictures.take(pictures.frame(false))
    expect(pictures.take(pictures.frame(false, 2))).toEqual([2])
  })

  it('tell when they are to be decoded otherwise, and wait for that configuration when it was lost', () => {
    const pictures = new Pictures()
    const { framer, deframer } = pictures
    framer.configure(encodePictureConfig(VP8))
    expect(deframer.take(pictures.frame(true))).toMatchObject({ config: VP8, isReconfigured: true })
    expect(framer.configure(encodePictureConfig(VP8))).toBe(false)
    expect(deframer.take(pictures.frame(true))).toMatchObject({ isReconfigured: false })
    const small = { ...VP8, codedWidth: 320 }
    expect(framer.configure(encodePictureConfig(small))).toBe(true)
    const lost = pictures.frame(true)
    expect(lost.keyframe).toBe(true)
    expect(deframer.take(pictures.frame(false))).toBeUndefined()
    expect(deframer.take(pictures.frame(true))).toMatchObject({ config: small, isReconfigured: true })
  })
})

describe('sounds', () => {
  it('go on behind a gap, and begin as soon as the configuration is said', () => {
    const framer = new MediaFramer()
    const deframer = new MediaDeframer({ decodeConfig: decodeSoundConfig, isChained: false })
    framer.configure(encodeSoundConfig({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }))
    const frames = [false, true, false, false, false].map(
      (hasConfig, data): MediaFrame => ({
        kind: 'audio',
        timestamp: data,
        data: framer.frame(chunkOf(data), hasConfig)
      })
    )
    frames.splice(3, 1)
    expect(frames.flatMap(frame => [...(deframer.take(frame)?.data ?? [])])).toEqual([1, 2, 4])
  })

  it('wait when the configuration that they need was lost', () => {
    const framer = new MediaFramer()
    const deframer = new MediaDeframer({ decodeConfig: decodeSoundConfig, isChained: false })
    const take = (data: number, hasConfig: boolean): number[] => {
      const frame = framer.frame(chunkOf(data), hasConfig)
      return [...(deframer.take({ kind: 'audio', timestamp: data, data: frame })?.data ?? [])]
    }
    framer.configure(encodeSoundConfig({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }))
    expect(take(1, true)).toEqual([1])
    framer.configure(encodeSoundConfig({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 }))
    framer.frame(chunkOf(2), true)
    expect(take(3, false)).toEqual([])
    expect(take(4, true)).toEqual([4])
  })
})
