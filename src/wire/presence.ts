// @ts-nocheck generated from presence.proto by `npm run generate`
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Presence {
  entries: PresenceEntry[]
  doubts: Uint8Array
  mentions: Uint8Array
  isWhole: boolean
  wanted: Uint8Array
  digest?: Uint8Array
}

export namespace Presence {
  let _codec: Codec<Presence>

  export const codec = (): Codec<Presence> => {
    if (_codec == null) {
      _codec = message<Presence>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(10)
            PresenceEntry.codec().encode(value, w)
          }
        }

        if ((obj.doubts != null && obj.doubts.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.doubts)
        }

        if ((obj.mentions != null && obj.mentions.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.mentions)
        }

        if ((obj.isWhole != null && obj.isWhole !== false)) {
          w.uint32(32)
          w.bool(obj.isWhole)
        }

        if ((obj.wanted != null && obj.wanted.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.wanted)
        }

        if (obj.digest != null) {
          w.uint32(50)
          w.bytes(obj.digest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          entries: [],
          doubts: uint8ArrayAlloc(0),
          mentions: uint8ArrayAlloc(0),
          isWhole: false,
          wanted: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              if (obj.entries.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(PresenceEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
              }))
              break
            }
            case 2: {
              obj.doubts = reader.bytes()
              break
            }
            case 3: {
              obj.mentions = reader.bytes()
              break
            }
            case 4: {
              obj.isWhole = reader.bool()
              break
            }
            case 5: {
              obj.wanted = reader.bytes()
              break
            }
            case 6: {
              obj.digest = reader.bytes()
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

  export function encode (obj: Partial<Presence>): Uint8Array {
    return encodeMessage(obj, Presence.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Presence>): Presence {
    return decodeMessage(buf, Presence.codec(), opts)
  }
}

export interface PresenceEntry {
  peer: Uint8Array
  key?: Uint8Array
  signature: Uint8Array
  content: Uint8Array
}

export namespace PresenceEntry {
  let _codec: Codec<PresenceEntry>

  export const codec = (): Codec<PresenceEntry> => {
    if (_codec == null) {
      _codec = message<PresenceEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.peer)
        }

        if (obj.key != null) {
          w.uint32(18)
          w.bytes(obj.key)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if ((obj.content != null && obj.content.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.content)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          content: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peer = reader.bytes()
              break
            }
            case 2: {
              obj.key = reader.bytes()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            case 4: {
              obj.content = reader.bytes()
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

  export function encode (obj: Partial<PresenceEntry>): Uint8Array {
    return encodeMessage(obj, PresenceEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PresenceEntry>): PresenceEntry {
    return decodeMessage(buf, PresenceEntry.codec(), opts)
  }
}
