import { MAX_FRAGMENT_NUMBER, MAX_MAP_BYTES, MAX_PULLED_FRAGMENTS } from '../../wire/limits.ts'
import { StreamControl } from '../../wire/multicast.ts'
import { decodeNumbers, encodeNumbers } from './availability-map.ts'
import type { MulticastEffect, MulticastInput, PullDenial } from './multicast-engine.ts'
import { decodeStripes, encodeStripes } from './stripe-codec.ts'

/** What an engine wants to be told to a neighbor, but fragments. */
export type ControlEffect = Exclude<
  Extract<MulticastEffect, { readonly to: string }>,
  { readonly type: 'sendFragment' }
>

/** What a neighbor can say, but fragments. */
export type ControlInput = Exclude<
  Extract<MulticastInput, { readonly from: string }>,
  { readonly type: 'fragment' }
>

const DENIALS: readonly PullDenial[] = ['absent', 'busy']

/** The body of a StreamFrame. @param bytesOf the multihash of a peer id */
export function encodeControl(effect: ControlEffect, bytesOf: (peer: string) => Uint8Array): Uint8Array {
  return StreamControl.encode(controlOf(effect, bytesOf))
}

/**
 * What a body says, in the order in which the engine is to be told.
 *
 * @param stripes of the stream
 * @param textOf a peer id of its multihash; may throw
 * @throws Error when it is none: the neighbor does not keep to the rules
 */
export function decodeControl(
  body: Uint8Array,
  from: string,
  stripes: number,
  textOf: (peer: Uint8Array) => string
): ControlInput[] {
  const { info, map, stripes: masks, pull, denial, peers } = StreamControl.decode(body)
  const inputs: ControlInput[] = []
  if (info !== undefined) {
    const { uplink, rate, weakest, queue, ...rest } = info
    const told = { uplinkKbps: uplink, rateKbps: rate, weakestKbps: weakest, queueMs: queue }
    inputs.push({
      type: 'info',
      from,
      info: { ...rest, ...told, stripes: decodeStripes(info.stripes, stripes) }
    })
  }
  if (map !== undefined) {
    const { queue, ...rest } = map
    if (
      map.bits.byteLength > MAX_MAP_BYTES ||
      Math.max(map.low, map.base, map.keyframe) > MAX_FRAGMENT_NUMBER
    )
      throw new RangeError(`A map of fragments has ${map.bits.byteLength} bytes, from ${map.base} on`)
    inputs.push({ type: 'map', from, map: rest, queueMs: queue })
  }
  if (masks !== undefined) {
    const { uplink, ...rest } = masks
    const all =
      masks.subscribe | masks.unsubscribe | masks.accept | masks.refuse | masks.revoke | masks.interior
    if (all >>> 0 >= 2 ** stripes) throw new RangeError(`There are only ${stripes} stripes`)
    inputs.push({ type: 'stripes', from, masks: { ...rest, uplinkKbps: uplink } })
  }
  if (pull !== undefined)
    inputs.push({ type: 'pull', from, numbers: decodeNumbers(pull.first, pull.bits, MAX_PULLED_FRAGMENTS) })
  if (denial !== undefined) {
    const numbers = decodeNumbers(denial.first, denial.bits, MAX_PULLED_FRAGMENTS)
    inputs.push({ type: 'denial', from, numbers, reason: DENIALS[denial.reason] ?? 'absent' })
  }
  if (peers !== undefined)
    inputs.push({ type: 'peers', from, asks: peers.asks, peers: peers.peers.map(textOf) })
  return inputs
}

function controlOf(effect: ControlEffect, bytesOf: (peer: string) => Uint8Array): StreamControl {
  switch (effect.type) {
    case 'sendInfo': {
      const { uplinkKbps, rateKbps, weakestKbps, queueMs, stripes, ...rest } = effect.info
      const told = { uplink: uplinkKbps, rate: rateKbps, weakest: weakestKbps, queue: queueMs }
      return { info: { ...rest, ...told, stripes: encodeStripes(stripes) } }
    }
    case 'sendMap':
      return { map: { ...effect.map, queue: effect.queueMs } }
    case 'sendStripes': {
      const { uplinkKbps, ...masks } = effect.masks
      return { stripes: { ...masks, uplink: uplinkKbps } }
    }
    case 'sendPull':
      return { pull: encodeNumbers(effect.numbers) }
    case 'sendDenial':
      return { denial: { ...encodeNumbers(effect.numbers), reason: DENIALS.indexOf(effect.reason) } }
    case 'sendPeers':
      return { peers: { asks: effect.asks, peers: effect.peers.map(bytesOf) } }
  }
}
