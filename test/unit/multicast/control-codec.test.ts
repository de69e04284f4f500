import { describe, expect, it } from 'vitest'
import {
  type ControlEffect,
  type ControlInput,
  decodeControl,
  encodeControl
} from '../../../src/core/multicast/control-codec.ts'
import { StreamControl } from '../../../src/wire/multicast.ts'
import { frameBytes, PEER_ID_BYTES } from '../../support/sim-network/frame-sizes.ts'
import { controlBytes } from '../../support/sim-network/multicast-sizes.ts'

const bytesOf = (peer: string): Uint8Array => new Uint8Array(PEER_ID_BYTES).fill(Number(peer))
const textOf = (bytes: Uint8Array): string => String(bytes[0])

const stripes = [
  { stripe: 3, delayMs: 400, path: [1, 0xffffffff] },
  { stripe: 7, delayMs: undefined, path: [] }
]
const info = {
  asks: true,
  isLeaving: false,
  uplinkKbps: 3_000,
  rateKbps: 2_047,
  free: 3,
  open: 0b1010,
  weakestKbps: 500,
  queueMs: 12,
  stripes
}
const masks = {
  subscribe: 0xffff,
  unsubscribe: 2,
  until: 77_000,
  accept: 4,
  refuse: 8,
  revoke: 0x8000,
  uplinkKbps: 3_000,
  interior: 1
}
const map = { low: 10, base: 400, bits: Uint8Array.of(0, 255), keyframe: 300 }

const SAMPLES: readonly ControlEffect[] = [
  { type: 'sendInfo', to: '1', info },
  { type: 'sendMap', to: '1', map, queueMs: 250 },
  { type: 'sendStripes', to: '1', masks },
  { type: 'sendPull', to: '1', numbers: [5] },
  { type: 'sendPull', to: '1', numbers: [500, 501, 900] },
  { type: 'sendDenial', to: '1', numbers: [500, 501], reason: 'busy' },
  { type: 'sendDenial', to: '1', numbers: [500], reason: 'absent' },
  { type: 'sendPeers', to: '1', asks: true, peers: [] },
  { type: 'sendPeers', to: '1', asks: false, peers: ['7', '9'] }
]

function inputOf({ type, to, ...rest }: ControlEffect): ControlInput {
  const name = `${type.charAt(4).toLowerCase()}${type.slice(5)}`
  return { type: name, from: to, ...rest } as unknown as ControlInput
}

describe('what neighbors tell each other of a stream', () => {
  it.each(SAMPLES)('goes over the wire and back: $type', effect => {
    const body = encodeControl(effect, bytesOf)
    expect(decodeControl(body, '1', 16, textOf)).toEqual([inputOf(effect)])
  })

  it.each(SAMPLES)('is counted by the simulator as the codec has it: $type', effect => {
    const body = encodeControl(effect, bytesOf)
    expect(controlBytes(effect)).toBe(
      frameBytes({ streamFrame: { stream: new Uint8Array(8).fill(1), body } })
    )
  })

  it('is refused when it speaks of stripes that there are not, or of too much', () => {
    const bodies = [
      encodeControl({ type: 'sendInfo', to: '1', info }, bytesOf),
      encodeControl({ type: 'sendStripes', to: '1', masks }, bytesOf)
    ]
    expect(() => decodeControl(bodies[0] as Uint8Array, '1', 7, textOf)).toThrow(RangeError)
    expect(() => decodeControl(bodies[1] as Uint8Array, '1', 8, textOf)).toThrow(RangeError)
    const many = Array.from({ length: 65 }, (_, i) => i + 1)
    const pull = encodeControl({ type: 'sendPull', to: '1', numbers: many }, bytesOf)
    expect(() => decodeControl(pull, '1', 8, textOf)).toThrow(RangeError)
    const long = { ...map, bits: new Uint8Array(513) }
    const body = encodeControl({ type: 'sendMap', to: '1', map: long, queueMs: 0 }, bytesOf)
    expect(() => decodeControl(body, '1', 8, textOf)).toThrow(RangeError)
  })

  it('is refused when it tells of fragments that no stream gets to, at which counting would never end', () => {
    const bits = new Uint8Array(512)
    bits[511] = 0x80
    const maps = [
      { low: 1, base: Number.MAX_SAFE_INTEGER - 4_096, bits, keyframe: Number.MAX_SAFE_INTEGER },
      { ...map, low: Number.MAX_SAFE_INTEGER },
      { ...map, keyframe: Number.MAX_SAFE_INTEGER }
    ]
    for (const each of maps) {
      const body = encodeControl({ type: 'sendMap', to: '1', map: each, queueMs: 0 }, bytesOf)
      expect(() => decodeControl(body, '1', 8, textOf)).toThrow(RangeError)
    }
  })

  it('is refused when a state of a stripe is cut off', () => {
    for (const length of [1, 3, 5, 7, 11]) {
      const body = StreamControl.encode({
        info: {
          asks: false,
          isLeaving: false,
          uplink: 0,
          rate: 0,
          free: 0,
          open: 0,
          weakest: 0,
          queue: 0,
          stripes: Uint8Array.of(0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 2).subarray(0, length)
        }
      })
      expect(() => decodeControl(body, '1', 8, textOf)).toThrow(RangeError)
    }
  })
})
