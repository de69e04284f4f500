// @ts-nocheck generated from multicast.proto by `npm run generate`
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StreamControl {
  info?: StreamInfo
  map?: StreamMap
  stripes?: StreamStripes
  pull?: StreamPull
  denial?: StreamDenial
  peers?: StreamPeers
}

export namespace StreamControl {
  let _codec: Codec<StreamControl>

  export const codec = (): Codec<StreamControl> => {
    if (_codec == null) {
      _codec = message<StreamControl>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.info != null) {
          w.uint32(10)
          StreamInfo.codec().encode(obj.info, w)
        }

        if (obj.map != null) {
          w.uint32(18)
          StreamMap.codec().encode(obj.map, w)
        }

        if (obj.stripes != null) {
          w.uint32(26)
          StreamStripes.codec().encode(obj.stripes, w)
        }

        if (obj.pull != null) {
          w.uint32(34)
          StreamPull.codec().encode(obj.pull, w)
        }

        if (obj.denial != null) {
          w.uint32(42)
          StreamDenial.codec().encode(obj.denial, w)
        }

        if (obj.peers != null) {
          w.uint32(50)
          StreamPeers.codec().encode(obj.peers, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.info = StreamInfo.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.info
              })
              break
            }
            case 2: {
              obj.map = StreamMap.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.map
              })
              break
            }
            case 3: {
              obj.stripes = StreamStripes.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.stripes
              })
              break
            }
            case 4: {
              obj.pull = StreamPull.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pull
              })
              break
            }
            case 5: {
              obj.denial = StreamDenial.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.denial
              })
              break
            }
            case 6: {
              obj.peers = StreamPeers.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peers
              })
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

  export function encode (obj: Partial<StreamControl>): Uint8Array {
    return encodeMessage(obj, StreamControl.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamControl>): StreamControl {
    return decodeMessage(buf, StreamControl.codec(), opts)
  }
}

export interface StreamInfo {
  asks: boolean
  isLeaving: boolean
  uplink: number
  rate: number
  free: number
  open: number
  weakest: number
  queue: number
  stripes: Uint8Array
}

export namespace StreamInfo {
  let _codec: Codec<StreamInfo>

  export const codec = (): Codec<StreamInfo> => {
    if (_codec == null) {
      _codec = message<StreamInfo>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.asks != null && obj.asks !== false)) {
          w.uint32(8)
          w.bool(obj.asks)
        }

        if ((obj.isLeaving != null && obj.isLeaving !== false)) {
          w.uint32(16)
          w.bool(obj.isLeaving)
        }

        if ((obj.uplink != null && obj.uplink !== 0)) {
          w.uint32(24)
          w.uint32(obj.uplink)
        }

        if ((obj.rate != null && obj.rate !== 0)) {
          w.uint32(32)
          w.uint32(obj.rate)
        }

        if ((obj.free != null && obj.free !== 0)) {
          w.uint32(40)
          w.uint32(obj.free)
        }

        if ((obj.open != null && obj.open !== 0)) {
          w.uint32(48)
          w.uint32(obj.open)
        }

        if ((obj.weakest != null && obj.weakest !== 0)) {
          w.uint32(56)
          w.uint32(obj.weakest)
        }

        if ((obj.queue != null && obj.queue !== 0)) {
          w.uint32(64)
          w.uint32(obj.queue)
        }

        if ((obj.stripes != null && obj.stripes.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.stripes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          asks: false,
          isLeaving: false,
          uplink: 0,
          rate: 0,
          free: 0,
          open: 0,
          weakest: 0,
          queue: 0,
          stripes: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.asks = reader.bool()
              break
            }
            case 2: {
              obj.isLeaving = reader.bool()
              break
            }
            case 3: {
              obj.uplink = reader.uint32()
              break
            }
            case 4: {
              obj.rate = reader.uint32()
              break
            }
            case 5: {
              obj.free = reader.uint32()
              break
            }
            case 6: {
              obj.open = reader.uint32()
              break
            }
            case 7: {
              obj.weakest = reader.uint32()
              break
            }
            case 8: {
              obj.queue = reader.uint32()
              break
            }
            case 9: {
              obj.stripes = reader.bytes()
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

  export function encode (obj: Partial<StreamInfo>): Uint8Array {
    return encodeMessage(obj, StreamInfo.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamInfo>): StreamInfo {
    return decodeMessage(buf, StreamInfo.codec(), opts)
  }
}

export interface StreamMap {
  low: number
  base: number
  bits: Uint8Array
  keyframe: number
  queue: number
}

export namespace StreamMap {
  let _codec: Codec<StreamMap>

  export const codec = (): Codec<StreamMap> => {
    if (_codec == null) {
      _codec = message<StreamMap>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.low != null && obj.low !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.low)
        }

        if ((obj.base != null && obj.base !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.base)
        }

        if ((obj.bits != null && obj.bits.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.bits)
        }

        if ((obj.keyframe != null && obj.keyframe !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.keyframe)
        }

        if ((obj.queue != null && obj.queue !== 0)) {
          w.uint32(40)
          w.uint32(obj.queue)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          low: 0,
          base: 0,
          bits: uint8ArrayAlloc(0),
          keyframe: 0,
          queue: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.low = reader.uint64Number()
              break
            }
            case 2: {
              obj.base = reader.uint64Number()
              break
            }
            case 3: {
              obj.bits = reader.bytes()
              break
            }
            case 4: {
              obj.keyframe = reader.uint64Number()
              break
            }
            case 5: {
              obj.queue = reader.uint32()
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

  export function encode (obj: Partial<StreamMap>): Uint8Array {
    return encodeMessage(obj, StreamMap.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamMap>): StreamMap {
    return decodeMessage(buf, StreamMap.codec(), opts)
  }
}

export interface StreamStripes {
  subscribe: number
  unsubscribe: number
  until: number
  accept: number
  refuse: number
  revoke: number
  uplink: number
  interior: number
}

export namespace StreamStripes {
  let _codec: Codec<StreamStripes>

  export const codec = (): Codec<StreamStripes> => {
    if (_codec == null) {
      _codec = message<StreamStripes>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.subscribe != null && obj.subscribe !== 0)) {
          w.uint32(8)
          w.uint32(obj.subscribe)
        }

        if ((obj.unsubscribe != null && obj.unsubscribe !== 0)) {
          w.uint32(16)
          w.uint32(obj.unsubscribe)
        }

        if ((obj.until != null && obj.until !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.until)
        }

        if ((obj.accept != null && obj.accept !== 0)) {
          w.uint32(24)
          w.uint32(obj.accept)
        }

        if ((obj.refuse != null && obj.refuse !== 0)) {
          w.uint32(32)
          w.uint32(obj.refuse)
        }

        if ((obj.revoke != null && obj.revoke !== 0)) {
          w.uint32(40)
          w.uint32(obj.revoke)
        }

        if ((obj.uplink != null && obj.uplink !== 0)) {
          w.uint32(48)
          w.uint32(obj.uplink)
        }

        if ((obj.interior != null && obj.interior !== 0)) {
          w.uint32(56)
          w.uint32(obj.interior)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          subscribe: 0,
          unsubscribe: 0,
          until: 0,
          accept: 0,
          refuse: 0,
          revoke: 0,
          uplink: 0,
          interior: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.subscribe = reader.uint32()
              break
            }
            case 2: {
              obj.unsubscribe = reader.uint32()
              break
            }
            case 8: {
              obj.until = reader.uint64Number()
              break
            }
            case 3: {
              obj.accept = reader.uint32()
              break
            }
            case 4: {
              obj.refuse = reader.uint32()
              break
            }
            case 5: {
              obj.revoke = reader.uint32()
              break
            }
            case 6: {
              obj.uplink = reader.uint32()
              break
            }
            case 7: {
              obj.interior = reader.uint32()
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

  export function encode (obj: Partial<StreamStripes>): Uint8Array {
    return encodeMessage(obj, StreamStripes.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamStripes>): StreamStripes {
    return decodeMessage(buf, StreamStripes.codec(), opts)
  }
}

export interface StreamPull {
  first: number
  bits: Uint8Array
}

export namespace StreamPull {
  let _codec: Codec<StreamPull>

  export const codec = (): Codec<StreamPull> => {
    if (_codec == null) {
      _codec = message<StreamPull>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.first != null && obj.first !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.first)
        }

        if ((obj.bits != null && obj.bits.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.bits)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          first: 0,
          bits: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = reader.uint64Number()
              break
            }
            case 2: {
              obj.bits = reader.bytes()
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

  export function encode (obj: Partial<StreamPull>): Uint8Array {
    return encodeMessage(obj, StreamPull.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamPull>): StreamPull {
    return decodeMessage(buf, StreamPull.codec(), opts)
  }
}

export interface StreamDenial {
  first: number
  bits: Uint8Array
  reason: number
}

export namespace StreamDenial {
  let _codec: Codec<StreamDenial>

  export const codec = (): Codec<StreamDenial> => {
    if (_codec == null) {
      _codec = message<StreamDenial>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.first != null && obj.first !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.first)
        }

        if ((obj.bits != null && obj.bits.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.bits)
        }

        if ((obj.reason != null && obj.reason !== 0)) {
          w.uint32(24)
          w.uint32(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          first: 0,
          bits: uint8ArrayAlloc(0),
          reason: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = reader.uint64Number()
              break
            }
            case 2: {
              obj.bits = reader.bytes()
              break
            }
            case 3: {
              obj.reason = reader.uint32()
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

  export function encode (obj: Partial<StreamDenial>): Uint8Array {
    return encodeMessage(obj, StreamDenial.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamDenial>): StreamDenial {
    return decodeMessage(buf, StreamDenial.codec(), opts)
  }
}

export interface StreamPeers {
  asks: boolean
  peers: Uint8Array[]
}

export namespace StreamPeers {
  let _codec: Codec<StreamPeers>

  export const codec = (): Codec<StreamPeers> => {
    if (_codec == null) {
      _codec = message<StreamPeers>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.asks != null && obj.asks !== false)) {
          w.uint32(8)
          w.bool(obj.asks)
        }

        if (obj.peers != null && obj.peers.length > 0) {
          for (const value of obj.peers) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          asks: false,
          peers: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.asks = reader.bool()
              break
            }
            case 2: {
              if (opts.limits?.peers != null && obj.peers.length === opts.limits.peers) {
                throw new MaxLengthError('Decode error - repeated field "peers" had too many elements')
              }

              if (obj.peers.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "peers" had too many elements')
              }

              obj.peers.push(reader.bytes())
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

  export function encode (obj: Partial<StreamPeers>): Uint8Array {
    return encodeMessage(obj, StreamPeers.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamPeers>): StreamPeers {
    return decodeMessage(buf, StreamPeers.codec(), opts)
  }
}
