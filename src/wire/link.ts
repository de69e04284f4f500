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
  message?: Message
  routed?: Routed
  hopAck?: HopAck
  receipt?: Receipt
  presence?: Presence
  have?: Have
  want?: Want
  request?: Request
  cancel?: Cancel
  denial?: Denial
  queue?: Queue
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
          Message.codec().encode(obj.message, w)
        }

        if (obj.routed != null) {
          w.uint32(66)
          Routed.codec().encode(obj.routed, w)
        }

        if (obj.hopAck != null) {
          w.uint32(74)
          HopAck.codec().encode(obj.hopAck, w)
        }

        if (obj.receipt != null) {
          w.uint32(82)
          Receipt.codec().encode(obj.receipt, w)
        }

        if (obj.presence != null) {
          w.uint32(90)
          Presence.codec().encode(obj.presence, w)
        }

        if (obj.have != null) {
          w.uint32(98)
          Have.codec().encode(obj.have, w)
        }

        if (obj.want != null) {
          w.uint32(106)
          Want.codec().encode(obj.want, w)
        }

        if (obj.request != null) {
          w.uint32(114)
          Request.codec().encode(obj.request, w)
        }

        if (obj.cancel != null) {
          w.uint32(122)
          Cancel.codec().encode(obj.cancel, w)
        }

        if (obj.denial != null) {
          w.uint32(130)
          Denial.codec().encode(obj.denial, w)
        }

        if (obj.queue != null) {
          w.uint32(138)
          Queue.codec().encode(obj.queue, w)
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
              obj.message = Message.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.message
              })
              break
            }
            case 8: {
              obj.routed = Routed.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.routed
              })
              break
            }
            case 9: {
              obj.hopAck = HopAck.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hopAck
              })
              break
            }
            case 10: {
              obj.receipt = Receipt.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.receipt
              })
              break
            }
            case 11: {
              obj.presence = Presence.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.presence
              })
              break
            }
            case 12: {
              obj.have = Have.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.have
              })
              break
            }
            case 13: {
              obj.want = Want.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.want
              })
              break
            }
            case 14: {
              obj.request = Request.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.request
              })
              break
            }
            case 15: {
              obj.cancel = Cancel.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.cancel
              })
              break
            }
            case 16: {
              obj.denial = Denial.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.denial
              })
              break
            }
            case 17: {
              obj.queue = Queue.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.queue
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

export interface Message {
  channel: string
  payload: Uint8Array
  destination?: Uint8Array
  id?: Uint8Array
}

export namespace Message {
  let _codec: Codec<Message>

  export const codec = (): Codec<Message> => {
    if (_codec == null) {
      _codec = message<Message>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.channel != null && obj.channel !== '')) {
          w.uint32(10)
          w.string(obj.channel)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.payload)
        }

        if (obj.destination != null) {
          w.uint32(26)
          w.bytes(obj.destination)
        }

        if (obj.id != null) {
          w.uint32(34)
          w.bytes(obj.id)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          channel: '',
          payload: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.channel = reader.string()
              break
            }
            case 2: {
              obj.payload = reader.bytes()
              break
            }
            case 3: {
              obj.destination = reader.bytes()
              break
            }
            case 4: {
              obj.id = reader.bytes()
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

  export function encode (obj: Partial<Message>): Uint8Array {
    return encodeMessage(obj, Message.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Message>): Message {
    return decodeMessage(buf, Message.codec(), opts)
  }
}

export interface Routed {
  id: Uint8Array
  originator: Uint8Array
  key?: Uint8Array
  target: Uint8Array
  mode: number
  sentAt: number
  channel: string
  payload: Uint8Array
  signature: Uint8Array
  wantsReceipt: boolean
  hops: number
  visited: Uint8Array
  path: Uint8Array
}

export namespace Routed {
  let _codec: Codec<Routed>

  export const codec = (): Codec<Routed> => {
    if (_codec == null) {
      _codec = message<Routed>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.id)
        }

        if ((obj.originator != null && obj.originator.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.originator)
        }

        if (obj.key != null) {
          w.uint32(26)
          w.bytes(obj.key)
        }

        if ((obj.target != null && obj.target.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.target)
        }

        if ((obj.mode != null && obj.mode !== 0)) {
          w.uint32(40)
          w.uint32(obj.mode)
        }

        if ((obj.sentAt != null && obj.sentAt !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.sentAt)
        }

        if ((obj.channel != null && obj.channel !== '')) {
          w.uint32(58)
          w.string(obj.channel)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.payload)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.signature)
        }

        if ((obj.wantsReceipt != null && obj.wantsReceipt !== false)) {
          w.uint32(80)
          w.bool(obj.wantsReceipt)
        }

        if ((obj.hops != null && obj.hops !== 0)) {
          w.uint32(88)
          w.uint32(obj.hops)
        }

        if ((obj.visited != null && obj.visited.byteLength > 0)) {
          w.uint32(98)
          w.bytes(obj.visited)
        }

        if ((obj.path != null && obj.path.byteLength > 0)) {
          w.uint32(106)
          w.bytes(obj.path)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: uint8ArrayAlloc(0),
          originator: uint8ArrayAlloc(0),
          target: uint8ArrayAlloc(0),
          mode: 0,
          sentAt: 0,
          channel: '',
          payload: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          wantsReceipt: false,
          hops: 0,
          visited: uint8ArrayAlloc(0),
          path: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.bytes()
              break
            }
            case 2: {
              obj.originator = reader.bytes()
              break
            }
            case 3: {
              obj.key = reader.bytes()
              break
            }
            case 4: {
              obj.target = reader.bytes()
              break
            }
            case 5: {
              obj.mode = reader.uint32()
              break
            }
            case 6: {
              obj.sentAt = reader.uint64Number()
              break
            }
            case 7: {
              obj.channel = reader.string()
              break
            }
            case 8: {
              obj.payload = reader.bytes()
              break
            }
            case 9: {
              obj.signature = reader.bytes()
              break
            }
            case 10: {
              obj.wantsReceipt = reader.bool()
              break
            }
            case 11: {
              obj.hops = reader.uint32()
              break
            }
            case 12: {
              obj.visited = reader.bytes()
              break
            }
            case 13: {
              obj.path = reader.bytes()
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

  export function encode (obj: Partial<Routed>): Uint8Array {
    return encodeMessage(obj, Routed.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Routed>): Routed {
    return decodeMessage(buf, Routed.codec(), opts)
  }
}

export interface HopAck {
  id: Uint8Array
}

export namespace HopAck {
  let _codec: Codec<HopAck>

  export const codec = (): Codec<HopAck> => {
    if (_codec == null) {
      _codec = message<HopAck>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.id)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.bytes()
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

  export function encode (obj: Partial<HopAck>): Uint8Array {
    return encodeMessage(obj, HopAck.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HopAck>): HopAck {
    return decodeMessage(buf, HopAck.codec(), opts)
  }
}

export interface Receipt {
  id: Uint8Array
  originator: Uint8Array
  isDelivered: boolean
  deliverer: Uint8Array
  key?: Uint8Array
  hops: number
  signature: Uint8Array
  path: Uint8Array
}

export namespace Receipt {
  let _codec: Codec<Receipt>

  export const codec = (): Codec<Receipt> => {
    if (_codec == null) {
      _codec = message<Receipt>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.id)
        }

        if ((obj.originator != null && obj.originator.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.originator)
        }

        if ((obj.isDelivered != null && obj.isDelivered !== false)) {
          w.uint32(24)
          w.bool(obj.isDelivered)
        }

        if ((obj.deliverer != null && obj.deliverer.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.deliverer)
        }

        if (obj.key != null) {
          w.uint32(42)
          w.bytes(obj.key)
        }

        if ((obj.hops != null && obj.hops !== 0)) {
          w.uint32(48)
          w.uint32(obj.hops)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.signature)
        }

        if ((obj.path != null && obj.path.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.path)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: uint8ArrayAlloc(0),
          originator: uint8ArrayAlloc(0),
          isDelivered: false,
          deliverer: uint8ArrayAlloc(0),
          hops: 0,
          signature: uint8ArrayAlloc(0),
          path: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.bytes()
              break
            }
            case 2: {
              obj.originator = reader.bytes()
              break
            }
            case 3: {
              obj.isDelivered = reader.bool()
              break
            }
            case 4: {
              obj.deliverer = reader.bytes()
              break
            }
            case 5: {
              obj.key = reader.bytes()
              break
            }
            case 6: {
              obj.hops = reader.uint32()
              break
            }
            case 7: {
              obj.signature = reader.bytes()
              break
            }
            case 8: {
              obj.path = reader.bytes()
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

  export function encode (obj: Partial<Receipt>): Uint8Array {
    return encodeMessage(obj, Receipt.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Receipt {
    return decodeMessage(buf, Receipt.codec(), opts)
  }
}

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

export interface Have {
  namespace: string
  isWhole: boolean
  added: number[]
  removed: number[]
  asks: boolean
}

export namespace Have {
  let _codec: Codec<Have>

  export const codec = (): Codec<Have> => {
    if (_codec == null) {
      _codec = message<Have>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.isWhole != null && obj.isWhole !== false)) {
          w.uint32(16)
          w.bool(obj.isWhole)
        }

        if (obj.added != null && obj.added.length > 0) {
          for (const value of obj.added) {
            w.uint32(24)
            w.uint64Number(value)
          }
        }

        if (obj.removed != null && obj.removed.length > 0) {
          for (const value of obj.removed) {
            w.uint32(32)
            w.uint64Number(value)
          }
        }

        if ((obj.asks != null && obj.asks !== false)) {
          w.uint32(40)
          w.bool(obj.asks)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          isWhole: false,
          added: [],
          removed: [],
          asks: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.isWhole = reader.bool()
              break
            }
            case 3: {
              if (opts.limits?.added != null && obj.added.length === opts.limits.added) {
                throw new MaxLengthError('Decode error - repeated field "added" had too many elements')
              }

              if (obj.added.length === 8192) {
                throw new MaxLengthError('Decode error - repeated field "added" had too many elements')
              }

              obj.added.push(reader.uint64Number())
              break
            }
            case 4: {
              if (opts.limits?.removed != null && obj.removed.length === opts.limits.removed) {
                throw new MaxLengthError('Decode error - repeated field "removed" had too many elements')
              }

              if (obj.removed.length === 8192) {
                throw new MaxLengthError('Decode error - repeated field "removed" had too many elements')
              }

              obj.removed.push(reader.uint64Number())
              break
            }
            case 5: {
              obj.asks = reader.bool()
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

  export function encode (obj: Partial<Have>): Uint8Array {
    return encodeMessage(obj, Have.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Have>): Have {
    return decodeMessage(buf, Have.codec(), opts)
  }
}

export interface Want {
  namespace: string
  isWhole: boolean
  added: number[]
  removed: number[]
}

export namespace Want {
  let _codec: Codec<Want>

  export const codec = (): Codec<Want> => {
    if (_codec == null) {
      _codec = message<Want>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.isWhole != null && obj.isWhole !== false)) {
          w.uint32(16)
          w.bool(obj.isWhole)
        }

        if (obj.added != null && obj.added.length > 0) {
          for (const value of obj.added) {
            w.uint32(24)
            w.uint64Number(value)
          }
        }

        if (obj.removed != null && obj.removed.length > 0) {
          for (const value of obj.removed) {
            w.uint32(32)
            w.uint64Number(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          isWhole: false,
          added: [],
          removed: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.isWhole = reader.bool()
              break
            }
            case 3: {
              if (opts.limits?.added != null && obj.added.length === opts.limits.added) {
                throw new MaxLengthError('Decode error - repeated field "added" had too many elements')
              }

              if (obj.added.length === 8192) {
                throw new MaxLengthError('Decode error - repeated field "added" had too many elements')
              }

              obj.added.push(reader.uint64Number())
              break
            }
            case 4: {
              if (opts.limits?.removed != null && obj.removed.length === opts.limits.removed) {
                throw new MaxLengthError('Decode error - repeated field "removed" had too many elements')
              }

              if (obj.removed.length === 8192) {
                throw new MaxLengthError('Decode error - repeated field "removed" had too many elements')
              }

              obj.removed.push(reader.uint64Number())
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

  export function encode (obj: Partial<Want>): Uint8Array {
    return encodeMessage(obj, Want.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Want {
    return decodeMessage(buf, Want.codec(), opts)
  }
}

export interface Request {
  namespace: string
  indices: number[]
}

export namespace Request {
  let _codec: Codec<Request>

  export const codec = (): Codec<Request> => {
    if (_codec == null) {
      _codec = message<Request>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if (obj.indices != null && obj.indices.length > 0) {
          for (const value of obj.indices) {
            w.uint32(16)
            w.uint64Number(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          indices: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              if (opts.limits?.indices != null && obj.indices.length === opts.limits.indices) {
                throw new MaxLengthError('Decode error - repeated field "indices" had too many elements')
              }

              if (obj.indices.length === 64) {
                throw new MaxLengthError('Decode error - repeated field "indices" had too many elements')
              }

              obj.indices.push(reader.uint64Number())
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

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }
}

export interface Cancel {
  namespace: string
  index: number
}

export namespace Cancel {
  let _codec: Codec<Cancel>

  export const codec = (): Codec<Cancel> => {
    if (_codec == null) {
      _codec = message<Cancel>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
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

  export function encode (obj: Partial<Cancel>): Uint8Array {
    return encodeMessage(obj, Cancel.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cancel>): Cancel {
    return decodeMessage(buf, Cancel.codec(), opts)
  }
}

export interface Denial {
  namespace: string
  index: number
  reason: number
}

export namespace Denial {
  let _codec: Codec<Denial>

  export const codec = (): Codec<Denial> => {
    if (_codec == null) {
      _codec = message<Denial>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
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
          namespace: '',
          index: 0,
          reason: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
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

  export function encode (obj: Partial<Denial>): Uint8Array {
    return encodeMessage(obj, Denial.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Denial>): Denial {
    return decodeMessage(buf, Denial.codec(), opts)
  }
}

export interface Queue {
  namespace: string
  waiting: number
}

export namespace Queue {
  let _codec: Codec<Queue>

  export const codec = (): Codec<Queue> => {
    if (_codec == null) {
      _codec = message<Queue>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.waiting != null && obj.waiting !== 0)) {
          w.uint32(16)
          w.uint32(obj.waiting)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          waiting: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.waiting = reader.uint32()
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

  export function encode (obj: Partial<Queue>): Uint8Array {
    return encodeMessage(obj, Queue.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Queue>): Queue {
    return decodeMessage(buf, Queue.codec(), opts)
  }
}
