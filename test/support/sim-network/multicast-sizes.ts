import type { ControlEffect } from '../../../src/core/multicast/control-codec.ts'
import { stripesBytes } from '../../../src/core/multicast/stripe-codec.ts'
import { PEER_ID_BYTES } from './frame-sizes.ts'

/** The tag of a StreamFrame in a Frame, the stream with its tag and length, and the tag of the body. */
const AROUND_BODY_BYTES = 2 + 10 + 1

/** A fragment goes behind its length. */
export const FRAGMENT_LENGTH_BYTES = 4

/** A control frame, as the codecs have it, without encoding it. A test holds the two together. */
export function controlBytes(effect: ControlEffect): number {
  const message = messageBytes(effect)
  const body = 1 + varint(message) + message
  const stream = 10 + 1 + varint(body) + body
  const frame = 2 + varint(stream) + stream
  return varint(frame) + frame
}

/** What is around a body, for tests. */
export const AROUND_BYTES: number = AROUND_BODY_BYTES

function messageBytes(effect: ControlEffect): number {
  switch (effect.type) {
    case 'sendInfo': {
      const { asks, isLeaving, stripes, ...numbers } = effect.info
      const told = Object.values(numbers).reduce((sum, number) => sum + field(number), 0)
      return (asks ? 2 : 0) + (isLeaving ? 2 : 0) + told + bytesField(stripesBytes(stripes))
    }
    case 'sendMap': {
      const { low, base, bits, keyframe } = effect.map
      return field(low) + field(base) + bytesField(bits.byteLength) + field(keyframe) + field(effect.queueMs)
    }
    case 'sendStripes':
      return Object.values(effect.masks).reduce((sum: number, mask: number) => sum + field(mask), 0)
    case 'sendPull':
      return numbersBytes(effect.numbers)
    case 'sendDenial':
      return numbersBytes(effect.numbers) + (effect.reason === 'busy' ? 2 : 0)
    case 'sendPeers':
      return (effect.asks ? 2 : 0) + effect.peers.length * (2 + PEER_ID_BYTES)
  }
}

function numbersBytes(numbers: readonly number[]): number {
  if (numbers.some((number, i) => i > 0 && number <= (numbers[i - 1] as number)))
    throw new RangeError(`Nobody could encode ${numbers.join(' ')}`)
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)]
  return field(first) + bytesField(Math.ceil((last - first) / 8))
}

function field(value: number): number {
  return value === 0 ? 0 : 1 + varint(value)
}

function bytesField(bytes: number): number {
  return bytes === 0 ? 0 : 1 + varint(bytes) + bytes
}

function varint(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1
  return bytes
}
