// @ts-nocheck generated from rendezvous.proto by `npm run generate`
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface RendezvousMessage {
  type?: number
  register?: Register
  registerResponse?: RegisterResponse
  unregister?: Unregister
  discover?: Discover
  discoverResponse?: DiscoverResponse
}

export namespace RendezvousMessage {
  let _codec: Codec<RendezvousMessage>

  export const codec = (): Codec<RendezvousMessage> => {
    if (_codec == null) {
      _codec = message<RendezvousMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.type != null) {
          w.uint32(8)
          w.int32(obj.type)
        }

        if (obj.register != null) {
          w.uint32(18)
          Register.codec().encode(obj.register, w)
        }

        if (obj.registerResponse != null) {
          w.uint32(26)
          RegisterResponse.codec().encode(obj.registerResponse, w)
        }

        if (obj.unregister != null) {
          w.uint32(34)
          Unregister.codec().encode(obj.unregister, w)
        }

        if (obj.discover != null) {
          w.uint32(42)
          Discover.codec().encode(obj.discover, w)
        }

        if (obj.discoverResponse != null) {
          w.uint32(50)
          DiscoverResponse.codec().encode(obj.discoverResponse, w)
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
              obj.type = reader.int32()
              break
            }
            case 2: {
              obj.register = Register.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.register
              })
              break
            }
            case 3: {
              obj.registerResponse = RegisterResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.registerResponse
              })
              break
            }
            case 4: {
              obj.unregister = Unregister.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.unregister
              })
              break
            }
            case 5: {
              obj.discover = Discover.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.discover
              })
              break
            }
            case 6: {
              obj.discoverResponse = DiscoverResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.discoverResponse
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

  export function encode (obj: Partial<RendezvousMessage>): Uint8Array {
    return encodeMessage(obj, RendezvousMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RendezvousMessage>): RendezvousMessage {
    return decodeMessage(buf, RendezvousMessage.codec(), opts)
  }
}

export interface Register {
  ns?: string
  signedPeerRecord?: Uint8Array
  ttl?: bigint
}

export namespace Register {
  let _codec: Codec<Register>

  export const codec = (): Codec<Register> => {
    if (_codec == null) {
      _codec = message<Register>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.ns != null) {
          w.uint32(10)
          w.string(obj.ns)
        }

        if (obj.signedPeerRecord != null) {
          w.uint32(18)
          w.bytes(obj.signedPeerRecord)
        }

        if (obj.ttl != null) {
          w.uint32(24)
          w.uint64(obj.ttl)
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
              obj.ns = reader.string()
              break
            }
            case 2: {
              obj.signedPeerRecord = reader.bytes()
              break
            }
            case 3: {
              obj.ttl = reader.uint64()
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

  export function encode (obj: Partial<Register>): Uint8Array {
    return encodeMessage(obj, Register.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Register>): Register {
    return decodeMessage(buf, Register.codec(), opts)
  }
}

export interface RegisterResponse {
  status?: number
  statusText?: string
  ttl?: bigint
}

export namespace RegisterResponse {
  let _codec: Codec<RegisterResponse>

  export const codec = (): Codec<RegisterResponse> => {
    if (_codec == null) {
      _codec = message<RegisterResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.status != null) {
          w.uint32(8)
          w.int32(obj.status)
        }

        if (obj.statusText != null) {
          w.uint32(18)
          w.string(obj.statusText)
        }

        if (obj.ttl != null) {
          w.uint32(24)
          w.uint64(obj.ttl)
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
              obj.status = reader.int32()
              break
            }
            case 2: {
              obj.statusText = reader.string()
              break
            }
            case 3: {
              obj.ttl = reader.uint64()
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

  export function encode (obj: Partial<RegisterResponse>): Uint8Array {
    return encodeMessage(obj, RegisterResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RegisterResponse>): RegisterResponse {
    return decodeMessage(buf, RegisterResponse.codec(), opts)
  }
}

export interface Unregister {
  ns?: string
}

export namespace Unregister {
  let _codec: Codec<Unregister>

  export const codec = (): Codec<Unregister> => {
    if (_codec == null) {
      _codec = message<Unregister>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.ns != null) {
          w.uint32(10)
          w.string(obj.ns)
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
              obj.ns = reader.string()
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

  export function encode (obj: Partial<Unregister>): Uint8Array {
    return encodeMessage(obj, Unregister.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Unregister>): Unregister {
    return decodeMessage(buf, Unregister.codec(), opts)
  }
}

export interface Discover {
  ns?: string
  limit?: bigint
  cookie?: Uint8Array
}

export namespace Discover {
  let _codec: Codec<Discover>

  export const codec = (): Codec<Discover> => {
    if (_codec == null) {
      _codec = message<Discover>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.ns != null) {
          w.uint32(10)
          w.string(obj.ns)
        }

        if (obj.limit != null) {
          w.uint32(16)
          w.uint64(obj.limit)
        }

        if (obj.cookie != null) {
          w.uint32(26)
          w.bytes(obj.cookie)
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
              obj.ns = reader.string()
              break
            }
            case 2: {
              obj.limit = reader.uint64()
              break
            }
            case 3: {
              obj.cookie = reader.bytes()
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

  export function encode (obj: Partial<Discover>): Uint8Array {
    return encodeMessage(obj, Discover.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Discover>): Discover {
    return decodeMessage(buf, Discover.codec(), opts)
  }
}

export interface DiscoverResponse {
  registrations: Register[]
  cookie?: Uint8Array
  status?: number
  statusText?: string
}

export namespace DiscoverResponse {
  let _codec: Codec<DiscoverResponse>

  export const codec = (): Codec<DiscoverResponse> => {
    if (_codec == null) {
      _codec = message<DiscoverResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.registrations != null && obj.registrations.length > 0) {
          for (const value of obj.registrations) {
            w.uint32(10)
            Register.codec().encode(value, w)
          }
        }

        if (obj.cookie != null) {
          w.uint32(18)
          w.bytes(obj.cookie)
        }

        if (obj.status != null) {
          w.uint32(24)
          w.int32(obj.status)
        }

        if (obj.statusText != null) {
          w.uint32(34)
          w.string(obj.statusText)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          registrations: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.registrations != null && obj.registrations.length === opts.limits.registrations) {
                throw new MaxLengthError('Decode error - repeated field "registrations" had too many elements')
              }

              obj.registrations.push(Register.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.registrations$
              }))
              break
            }
            case 2: {
              obj.cookie = reader.bytes()
              break
            }
            case 3: {
              obj.status = reader.int32()
              break
            }
            case 4: {
              obj.statusText = reader.string()
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

  export function encode (obj: Partial<DiscoverResponse>): Uint8Array {
    return encodeMessage(obj, DiscoverResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DiscoverResponse>): DiscoverResponse {
    return decodeMessage(buf, DiscoverResponse.codec(), opts)
  }
}
