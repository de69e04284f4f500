import type { TopologyReport } from '../../../src/core/topology/topology-engine.ts'
import { frame } from '../../../src/wire/framing.ts'
import { Frame } from '../../../src/wire/link.ts'
import { packed, type WholeFrame } from '../whole-frame.ts'

/** Bytes of a peer id as a multihash: of an Ed25519 key, with the key in it. */
export const PEER_ID_BYTES = 38

/** Bytes of a signed peer record with a few addresses. Guess: what sim-findings count with. */
export const RECORD_BYTES = 250

const WALL_CLOCK_MS = 2_000_000_000_000

/** A frame as it goes over a link, with its length before it. What noise, yamux and TCP add is not counted. */
export function frameBytes(message: WholeFrame): number {
  return frame(Frame.encode(packed(message))).byteLength
}

/** A ping or a pong, of a link that stands for some time. */
export const PING_BYTES: number = frameBytes({ ping: { number: 200, wallClockMs: WALL_CLOCK_MS } })

/** What each side sends at first: Hello, ping, and the answer to the other's ping. */
export const LINK_UP_BYTES: number =
  frameBytes({
    hello: { version: 1, maxFrameBytes: 262_144, receiveMode: 1, wallClockMs: WALL_CLOCK_MS }
  }) +
  2 * frameBytes({ ping: { number: 1, wallClockMs: WALL_CLOCK_MS } })

export const GOODBYE_BYTES: number = frameBytes({ goodbye: {} })

/** A Wanting, by what it says: protobuf leaves out what is false. */
export function wantingBytes(isWanted: boolean): number {
  return isWanted ? WANTED_BYTES : UNWANTED_BYTES
}

const WANTED_BYTES = frameBytes({ wanting: { isWanted: true } })
const UNWANTED_BYTES = frameBytes({ wanting: { isWanted: false } })

/** A member that looks for its place, with its record or without. */
export function seekerBytes(hasRecord: boolean): number {
  return hasRecord ? SEEKER_AND_RECORD_BYTES : SEEKER_BYTES
}

const SEEKER = { peer: new Uint8Array(PEER_ID_BYTES).fill(1) }
const SEEKER_BYTES = frameBytes({ seeker: SEEKER })
const SEEKER_AND_RECORD_BYTES = frameBytes({ seeker: { ...SEEKER, record: new Uint8Array(RECORD_BYTES) } })

const BARE_BYTES = lengthDelimited(PEER_ID_BYTES)
const MEMBER_BYTES = lengthDelimited(BARE_BYTES)
const MEMBER_AND_RECORD_BYTES = lengthDelimited(BARE_BYTES + lengthDelimited(RECORD_BYTES))

/**
 * A report: what {@link frameBytes} gives for it, without encoding it. A test holds the two together.
 * @param records how many members come with their records
 * @param more members that it names besides: the sender itself, to tell its record
 */
export function reportBytes(
  { members, span, isRingNeighbor }: TopologyReport,
  records: number,
  more = 0
): number {
  const bare = members.length + more - records
  const bytes =
    (span > 0 ? 5 : 0) + (isRingNeighbor ? 2 : 0) + records * MEMBER_AND_RECORD_BYTES + bare * MEMBER_BYTES
  const message = lengthDelimited(bytes)
  return varintBytes(message) + message
}

/** A field: its tag (numbers below 16), length and content. */
function lengthDelimited(bytes: number): number {
  return 1 + varintBytes(bytes) + bytes
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1
  return bytes
}
