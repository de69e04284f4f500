// @ts-nocheck generated from routing.proto by `npm run generate`
import { decodeMessage, encodeMessage, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

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

export interface MessageFrame {
  message?: Message
}

export namespace MessageFrame {
  let _codec: Codec<MessageFrame>

  export const codec = (): Codec<MessageFrame> => {
    if (_codec == null) {
      _codec = message<MessageFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.message != null) {
          w.uint32(58)
          Message.codec().encode(obj.message, w)
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
            case 7: {
              obj.message = Message.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.message
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

  export function encode (obj: Partial<MessageFrame>): Uint8Array {
    return encodeMessage(obj, MessageFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MessageFrame>): MessageFrame {
    return decodeMessage(buf, MessageFrame.codec(), opts)
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
