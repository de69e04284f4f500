// @ts-nocheck generated from streams.proto by `npm run generate`
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StreamFrame {
  stream: Uint8Array
  body: Uint8Array
}

export namespace StreamFrame {
  let _codec: Codec<StreamFrame>

  export const codec = (): Codec<StreamFrame> => {
    if (_codec == null) {
      _codec = message<StreamFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.stream != null && obj.stream.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.stream)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          stream: uint8ArrayAlloc(0),
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.stream = reader.bytes()
              break
            }
            case 2: {
              obj.body = reader.bytes()
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

  export function encode (obj: Partial<StreamFrame>): Uint8Array {
    return encodeMessage(obj, StreamFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamFrame>): StreamFrame {
    return decodeMessage(buf, StreamFrame.codec(), opts)
  }
}

export interface StreamAnnouncements {
  announcements: Uint8Array[]
}

export namespace StreamAnnouncements {
  let _codec: Codec<StreamAnnouncements>

  export const codec = (): Codec<StreamAnnouncements> => {
    if (_codec == null) {
      _codec = message<StreamAnnouncements>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.announcements != null && obj.announcements.length > 0) {
          for (const value of obj.announcements) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          announcements: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.announcements != null && obj.announcements.length === opts.limits.announcements) {
                throw new MaxLengthError('Decode error - repeated field "announcements" had too many elements')
              }

              if (obj.announcements.length === 64) {
                throw new MaxLengthError('Decode error - repeated field "announcements" had too many elements')
              }

              obj.announcements.push(reader.bytes())
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

  export function encode (obj: Partial<StreamAnnouncements>): Uint8Array {
    return encodeMessage(obj, StreamAnnouncements.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamAnnouncements>): StreamAnnouncements {
    return decodeMessage(buf, StreamAnnouncements.codec(), opts)
  }
}

export interface StreamAnnouncement {
  description: Uint8Array
  publisherSignature: Uint8Array
  streamSignature: Uint8Array
}

export namespace StreamAnnouncement {
  let _codec: Codec<StreamAnnouncement>

  export const codec = (): Codec<StreamAnnouncement> => {
    if (_codec == null) {
      _codec = message<StreamAnnouncement>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.description != null && obj.description.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.description)
        }

        if ((obj.publisherSignature != null && obj.publisherSignature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.publisherSignature)
        }

        if ((obj.streamSignature != null && obj.streamSignature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.streamSignature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          description: uint8ArrayAlloc(0),
          publisherSignature: uint8ArrayAlloc(0),
          streamSignature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.description = reader.bytes()
              break
            }
            case 2: {
              obj.publisherSignature = reader.bytes()
              break
            }
            case 3: {
              obj.streamSignature = reader.bytes()
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

  export function encode (obj: Partial<StreamAnnouncement>): Uint8Array {
    return encodeMessage(obj, StreamAnnouncement.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamAnnouncement>): StreamAnnouncement {
    return decodeMessage(buf, StreamAnnouncement.codec(), opts)
  }
}

export interface StreamDescription {
  name: string
  streamKey: Uint8Array
  publisher: Uint8Array
  key?: Uint8Array
  startedAt: number
  revision: number
  isEnded: boolean
  window: number
  fetchPeriod: number
  availabilityPeriod: number
  availabilityToAll: boolean
  stripes: number
  grant?: Uint8Array
}

export namespace StreamDescription {
  let _codec: Codec<StreamDescription>

  export const codec = (): Codec<StreamDescription> => {
    if (_codec == null) {
      _codec = message<StreamDescription>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.streamKey != null && obj.streamKey.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.streamKey)
        }

        if ((obj.publisher != null && obj.publisher.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.publisher)
        }

        if (obj.key != null) {
          w.uint32(34)
          w.bytes(obj.key)
        }

        if ((obj.startedAt != null && obj.startedAt !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.startedAt)
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.revision)
        }

        if ((obj.isEnded != null && obj.isEnded !== false)) {
          w.uint32(56)
          w.bool(obj.isEnded)
        }

        if ((obj.window != null && obj.window !== 0)) {
          w.uint32(64)
          w.uint32(obj.window)
        }

        if ((obj.fetchPeriod != null && obj.fetchPeriod !== 0)) {
          w.uint32(72)
          w.uint32(obj.fetchPeriod)
        }

        if ((obj.availabilityPeriod != null && obj.availabilityPeriod !== 0)) {
          w.uint32(80)
          w.uint32(obj.availabilityPeriod)
        }

        if ((obj.availabilityToAll != null && obj.availabilityToAll !== false)) {
          w.uint32(88)
          w.bool(obj.availabilityToAll)
        }

        if ((obj.stripes != null && obj.stripes !== 0)) {
          w.uint32(96)
          w.uint32(obj.stripes)
        }

        if (obj.grant != null) {
          w.uint32(106)
          w.bytes(obj.grant)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          streamKey: uint8ArrayAlloc(0),
          publisher: uint8ArrayAlloc(0),
          startedAt: 0,
          revision: 0,
          isEnded: false,
          window: 0,
          fetchPeriod: 0,
          availabilityPeriod: 0,
          availabilityToAll: false,
          stripes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.streamKey = reader.bytes()
              break
            }
            case 3: {
              obj.publisher = reader.bytes()
              break
            }
            case 4: {
              obj.key = reader.bytes()
              break
            }
            case 5: {
              obj.startedAt = reader.uint64Number()
              break
            }
            case 6: {
              obj.revision = reader.uint64Number()
              break
            }
            case 7: {
              obj.isEnded = reader.bool()
              break
            }
            case 8: {
              obj.window = reader.uint32()
              break
            }
            case 9: {
              obj.fetchPeriod = reader.uint32()
              break
            }
            case 10: {
              obj.availabilityPeriod = reader.uint32()
              break
            }
            case 11: {
              obj.availabilityToAll = reader.bool()
              break
            }
            case 12: {
              obj.stripes = reader.uint32()
              break
            }
            case 13: {
              obj.grant = reader.bytes()
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

  export function encode (obj: Partial<StreamDescription>): Uint8Array {
    return encodeMessage(obj, StreamDescription.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamDescription>): StreamDescription {
    return decodeMessage(buf, StreamDescription.codec(), opts)
  }
}
