// @ts-nocheck generated from media.proto by `npm run generate`
import { decodeMessage, encodeMessage, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface MediaConfig {
  codec: string
  description: Uint8Array
  width: number
  height: number
  sampleRate: number
  channels: number
}

export namespace MediaConfig {
  let _codec: Codec<MediaConfig>

  export const codec = (): Codec<MediaConfig> => {
    if (_codec == null) {
      _codec = message<MediaConfig>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.codec != null && obj.codec !== '')) {
          w.uint32(10)
          w.string(obj.codec)
        }

        if ((obj.description != null && obj.description.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.description)
        }

        if ((obj.width != null && obj.width !== 0)) {
          w.uint32(24)
          w.uint32(obj.width)
        }

        if ((obj.height != null && obj.height !== 0)) {
          w.uint32(32)
          w.uint32(obj.height)
        }

        if ((obj.sampleRate != null && obj.sampleRate !== 0)) {
          w.uint32(40)
          w.uint32(obj.sampleRate)
        }

        if ((obj.channels != null && obj.channels !== 0)) {
          w.uint32(48)
          w.uint32(obj.channels)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          codec: '',
          description: uint8ArrayAlloc(0),
          width: 0,
          height: 0,
          sampleRate: 0,
          channels: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.codec = reader.string()
              break
            }
            case 2: {
              obj.description = reader.bytes()
              break
            }
            case 3: {
              obj.width = reader.uint32()
              break
            }
            case 4: {
              obj.height = reader.uint32()
              break
            }
            case 5: {
              obj.sampleRate = reader.uint32()
              break
            }
            case 6: {
              obj.channels = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<MediaConfig>): Uint8Array {
    return encodeMessage(obj, MediaConfig.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MediaConfig>): MediaConfig {
    return decodeMessage(buf, MediaConfig.codec(), opts)
  }
}
