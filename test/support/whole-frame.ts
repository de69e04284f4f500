// Frames of links with what stands in them as messages, where a Frame has bytes.
import type { Frame } from '../../src/wire/link.ts'
import { Presence } from '../../src/wire/presence.ts'
import { Cancel, Denial, Have, Queue, Request, Want } from '../../src/wire/replication.ts'
import { HopAck, Message, Receipt, Routed } from '../../src/wire/routing.ts'
import { StreamAnnouncements, StreamFrame } from '../../src/wire/streams.ts'

interface Contents {
  message: Message
  routed: Routed
  hopAck: HopAck
  receipt: Receipt
  presence: Presence
  have: Have
  want: Want
  request: Request
  cancel: Cancel
  denial: Denial
  queue: Queue
  streamFrame: StreamFrame
  streamAnnouncements: StreamAnnouncements
}

/** A frame with nothing in it left as bytes. */
export type WholeFrame = Omit<Frame, keyof Contents> & Partial<Contents>

type Codec = { encode(message: never): Uint8Array; decode(bytes: Uint8Array): unknown }

const CODECS: Record<keyof Contents, Codec> = {
  message: Message,
  routed: Routed,
  hopAck: HopAck,
  receipt: Receipt,
  presence: Presence,
  have: Have,
  want: Want,
  request: Request,
  cancel: Cancel,
  denial: Denial,
  queue: Queue,
  streamFrame: StreamFrame,
  streamAnnouncements: StreamAnnouncements
}

/** As a link sends it. */
export function packed(frame: WholeFrame): Frame {
  return inEach(frame, ({ encode }, message) => encode(message as never))
}

/** What a link has brought. @throws where it is malformed */
export function unpacked(frame: Frame): WholeFrame {
  return inEach(frame, ({ decode }, bytes) => decode(bytes as Uint8Array))
}

function inEach(frame: object, change: (codec: Codec, value: unknown) => unknown): object {
  const fields = Object.entries(frame).map(([name, value]) => {
    const codec = (CODECS as Partial<Record<string, Codec>>)[name]
    return [name, codec === undefined || value === undefined ? value : change(codec, value)]
  })
  return Object.fromEntries(fields)
}
