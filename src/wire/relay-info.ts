// @ts-nocheck generated from relay-info.proto by `npm run generate`
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface RelayInfo {
  stunPort: number
  iceServers: IceServerInfo[]
}

export namespace RelayInfo {
  let _codec: Codec<RelayInfo>

  export const codec = (): Codec<RelayInfo> => {
    if (_codec == null) {
      _codec = message<RelayInfo>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.stunPort != null && obj.stunPort !== 0)) {
          w.uint32(8)
          w.uint32(obj.stunPort)
        }

        if (obj.iceServers != null && obj.iceServers.length > 0) {
          for (const value of obj.iceServers) {
            w.uint32(18)
            IceServerInfo.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          stunPort: 0,
          iceServers: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.stunPort = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.iceServers != null && obj.iceServers.length === opts.limits.iceServers) {
                throw new MaxLengthError('Decode error - repeated field "iceServers" had too many elements')
              }

              obj.iceServers.push(IceServerInfo.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.iceServers$
              }))
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

  export function encode (obj: Partial<RelayInfo>): Uint8Array {
    return encodeMessage(obj, RelayInfo.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RelayInfo>): RelayInfo {
    return decodeMessage(buf, RelayInfo.codec(), opts)
  }
}

export interface IceServerInfo {
  urls: string[]
  username?: string
  credential?: string
}

export namespace IceServerInfo {
  let _codec: Codec<IceServerInfo>

  export const codec = (): Codec<IceServerInfo> => {
    if (_codec == null) {
      _codec = message<IceServerInfo>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.urls != null && obj.urls.length > 0) {
          for (const value of obj.urls) {
            w.uint32(10)
            w.string(value)
          }
        }

        if (obj.username != null) {
          w.uint32(18)
          w.string(obj.username)
        }

        if (obj.credential != null) {
          w.uint32(26)
          w.string(obj.credential)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          urls: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.urls != null && obj.urls.length === opts.limits.urls) {
                throw new MaxLengthError('Decode error - repeated field "urls" had too many elements')
              }

              obj.urls.push(reader.string())
              break
            }
            case 2: {
              obj.username = reader.string()
              break
            }
            case 3: {
              obj.credential = reader.string()
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

  export function encode (obj: Partial<IceServerInfo>): Uint8Array {
    return encodeMessage(obj, IceServerInfo.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IceServerInfo>): IceServerInfo {
    return decodeMessage(buf, IceServerInfo.codec(), opts)
  }
}
