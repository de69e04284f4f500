// @ts-nocheck generated from link.proto by `npm run generate`
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Frame {
  hello?: Hello
  ping?: Ping
  pong?: Ping
  goodbye?: Goodbye
  report?: Report
  wanting?: Wanting
  message?: Uint8Array
  routed?: Uint8Array
  hopAck?: Uint8Array
  receipt?: Uint8Array
  presence?: Uint8Array
  have?: Uint8Array
  want?: Uint8Array
  request?: Uint8Array
  cancel?: Uint8Array
  denial?: Uint8Array
  queue?: Uint8Array
  streamFrame?: Uint8Array
  streamAnnouncements?: Uint8Array
  seeker?: ReportedMember
}

export namespace Frame {
  let _codec: Codec<Frame>

  export const codec = (): Codec<Frame> => {
    if (_codec == null) {
      _codec = message<Frame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.ping != null) {
          w.uint32(18)
          Ping.codec().encode(obj.ping, w)
        }

        if (obj.pong != null) {
          w.uint32(26)
          Ping.codec().encode(obj.pong, w)
        }

        if (obj.goodbye != null) {
          w.uint32(34)
          Goodbye.codec().encode(obj.goodbye, w)
        }

        if (obj.report != null) {
          w.uint32(42)
          Report.codec().encode(obj.report, w)
        }

        if (obj.wanting != null) {
          w.uint32(50)
          Wanting.codec().encode(obj.wanting, w)
        }

        if (obj.message != null) {
          w.uint32(58)
          w.bytes(obj.message)
        }

        if (obj.routed != null) {
          w.uint32(66)
          w.bytes(obj.routed)
        }

        if (obj.hopAck != null) {
          w.uint32(74)
          w.bytes(obj.hopAck)
        }

        if (obj.receipt != null) {
          w.uint32(82)
          w.bytes(obj.receipt)
        }

        if (obj.presence != null) {
          w.uint32(90)
          w.bytes(obj.presence)
        }

        if (obj.have != null) {
          w.uint32(98)
          w.bytes(obj.have)
        }

        if (obj.want != null) {
          w.uint32(106)
          w.bytes(obj.want)
        }

        if (obj.request != null) {
          w.uint32(114)
          w.bytes(obj.request)
        }

        if (obj.cancel != null) {
          w.uint32(122)
          w.bytes(obj.cancel)
        }

        if (obj.denial != null) {
          w.uint32(130)
          w.bytes(obj.denial)
        }

        if (obj.queue != null) {
          w.uint32(138)
          w.bytes(obj.queue)
        }

        if (obj.streamFrame != null) {
          w.uint32(146)
          w.bytes(obj.streamFrame)
        }

        if (obj.streamAnnouncements != null) {
          w.uint32(154)
          w.bytes(obj.streamAnnouncements)
        }

        if (obj.seeker != null) {
          w.uint32(162)
          ReportedMember.codec().encode(obj.seeker, w)
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
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.ping = Ping.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ping
              })
              break
            }
            case 3: {
              obj.pong = Ping.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pong
              })
              break
            }
            case 4: {
              obj.goodbye = Goodbye.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.goodbye
              })
              break
            }
            case 5: {
              obj.report = Report.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.report
              })
              break
            }
            case 6: {
              obj.wanting = Wanting.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.wanting
              })
              break
            }
            case 7: {
              obj.message = reader.bytes()
              break
            }
            case 8: {
              obj.routed = reader.bytes()
              break
            }
            case 9: {
              obj.hopAck = reader.bytes()
              break
            }
            case 10: {
              obj.receipt = reader.bytes()
              break
            }
            case 11: {
              obj.presence = reader.bytes()
              break
            }
            case 12: {
              obj.have = reader.bytes()
              break
            }
            case 13: {
              obj.want = reader.bytes()
              break
            }
            case 14: {
              obj.request = reader.bytes()
              break
            }
            case 15: {
              obj.cancel = reader.bytes()
              break
            }
            case 16: {
              obj.denial = reader.bytes()
              break
            }
            case 17: {
              obj.queue = reader.bytes()
              break
            }
            case 18: {
              obj.streamFrame = reader.bytes()
              break
            }
            case 19: {
              obj.streamAnnouncements = reader.bytes()
              break
            }
            case 20: {
              obj.seeker = ReportedMember.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.seeker
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

  export function encode (obj: Partial<Frame>): Uint8Array {
    return encodeMessage(obj, Frame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Frame {
    return decodeMessage(buf, Frame.codec(), opts)
  }
}

export interface Hello {
  version: number
  maxFrameBytes: number
  receiveMode: number
  wallClockMs: number
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.maxFrameBytes != null && obj.maxFrameBytes !== 0)) {
          w.uint32(16)
          w.uint32(obj.maxFrameBytes)
        }

        if ((obj.receiveMode != null && obj.receiveMode !== 0)) {
          w.uint32(24)
          w.uint32(obj.receiveMode)
        }

        if ((obj.wallClockMs != null && obj.wallClockMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.wallClockMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          maxFrameBytes: 0,
          receiveMode: 0,
          wallClockMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.maxFrameBytes = reader.uint32()
              break
            }
            case 3: {
              obj.receiveMode = reader.uint32()
              break
            }
            case 4: {
              obj.wallClockMs = reader.uint64Number()
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

  export function encode (obj: Partial<Hello>): Uint8Array {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }
}

export interface Ping {
  number: number
  wallClockMs: number
}

export namespace Ping {
  let _codec: Codec<Ping>

  export const codec = (): Codec<Ping> => {
    if (_codec == null) {
      _codec = message<Ping>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.number != null && obj.number !== 0)) {
          w.uint32(8)
          w.uint32(obj.number)
        }

        if ((obj.wallClockMs != null && obj.wallClockMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.wallClockMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          number: 0,
          wallClockMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.number = reader.uint32()
              break
            }
            case 2: {
              obj.wallClockMs = reader.uint64Number()
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

  export function encode (obj: Partial<Ping>): Uint8Array {
    return encodeMessage(obj, Ping.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ping>): Ping {
    return decodeMessage(buf, Ping.codec(), opts)
  }
}

export interface Goodbye {}

export namespace Goodbye {
  let _codec: Codec<Goodbye>

  export const codec = (): Codec<Goodbye> => {
    if (_codec == null) {
      _codec = message<Goodbye>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
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

  export function encode (obj: Partial<Goodbye>): Uint8Array {
    return encodeMessage(obj, Goodbye.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Goodbye>): Goodbye {
    return decodeMessage(buf, Goodbye.codec(), opts)
  }
}

export interface Report {
  members: ReportedMember[]
  span: number
  isRingNeighbor: boolean
}

export namespace Report {
  let _codec: Codec<Report>

  export const codec = (): Codec<Report> => {
    if (_codec == null) {
      _codec = message<Report>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(10)
            ReportedMember.codec().encode(value, w)
          }
        }

        if ((obj.span != null && obj.span !== 0)) {
          w.uint32(21)
          w.fixed32(obj.span)
        }

        if ((obj.isRingNeighbor != null && obj.isRingNeighbor !== false)) {
          w.uint32(24)
          w.bool(obj.isRingNeighbor)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          members: [],
          span: 0,
          isRingNeighbor: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.members != null && obj.members.length === opts.limits.members) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              if (obj.members.length === 64) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(ReportedMember.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members$
              }))
              break
            }
            case 2: {
              obj.span = reader.fixed32()
              break
            }
            case 3: {
              obj.isRingNeighbor = reader.bool()
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

  export function encode (obj: Partial<Report>): Uint8Array {
    return encodeMessage(obj, Report.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Report>): Report {
    return decodeMessage(buf, Report.codec(), opts)
  }
}

export interface ReportedMember {
  peer: Uint8Array
  record?: Uint8Array
}

export namespace ReportedMember {
  let _codec: Codec<ReportedMember>

  export const codec = (): Codec<ReportedMember> => {
    if (_codec == null) {
      _codec = message<ReportedMember>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.peer)
        }

        if (obj.record != null) {
          w.uint32(18)
          w.bytes(obj.record)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0)
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
              obj.record = reader.bytes()
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

  export function encode (obj: Partial<ReportedMember>): Uint8Array {
    return encodeMessage(obj, ReportedMember.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReportedMember>): ReportedMember {
    return decodeMessage(buf, ReportedMember.codec(), opts)
  }
}

export interface Wanting {
  isWanted: boolean
}

export namespace Wanting {
  let _codec: Codec<Wanting>

  export const codec = (): Codec<Wanting> => {
    if (_codec == null) {
      _codec = message<Wanting>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.isWanted != null && obj.isWanted !== false)) {
          w.uint32(8)
          w.bool(obj.isWanted)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          isWanted: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.isWanted = reader.bool()
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

  export function encode (obj: Partial<Wanting>): Uint8Array {
    return encodeMessage(obj, Wanting.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Wanting>): Wanting {
    return decodeMessage(buf, Wanting.codec(), opts)
  }
}
