import '../../../src/platform/polyfill.ts'
import type { Connection, Libp2pEvents, Logger, Stream, TypedEventTarget } from '@libp2p/interface'
import { beforeEach, describe, expect, it } from 'vitest'
import { ConnectionWatch } from '../../../src/net/connection-watch.ts'
import type { NeighborLink } from '../../../src/net/neighbor-link.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A connection that notes the streams that are opened over it. */
class FakeConnection {
  status = 'open'
  rtt: number | undefined
  aborted: Error | undefined
  readonly opened: string[] = []
  readonly stream = Object.assign(new EventTarget(), {
    sent: 0,
    send: (data: Uint8Array) => (this.stream.sent += data.byteLength),
    close: async () => {},
    abort: () => {}
  })
  refuses: Error | undefined

  async newStream(protocol: string, { signal }: { signal: AbortSignal }): Promise<Stream> {
    this.opened.push(protocol)
    signal.throwIfAborted()
    if (this.refuses !== undefined) throw this.refuses
    return this.stream as unknown as Stream
  }

  answer(): void {
    this.stream.dispatchEvent(new Event('message'))
  }

  abort(error: Error): void {
    this.status = 'aborted'
    this.aborted = error
  }
}

const log = Object.assign(() => {}, { error: () => {}, trace: () => {} }) as unknown as Logger

/** What has begun comes to its next wait. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('ConnectionWatch', () => {
  let clock: VirtualClock
  let connection: FakeConnection
  let links: { heardAtMs: number; probes: number; probe(): void }[]
  let events: EventTarget
  let watch: ConnectionWatch
  const tell = (type: string): boolean => events.dispatchEvent(new CustomEvent(type, { detail: connection }))
  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms)
    await settled()
  }

  beforeEach(() => {
    clock = new VirtualClock()
    connection = new FakeConnection()
    links = []
    events = new EventTarget()
    watch = new ConnectionWatch({
      events: events as unknown as TypedEventTarget<Libp2pEvents>,
      clock,
      randomBytes: length => new Uint8Array(length),
      log,
      linksOn: asked =>
        (asked as Connection) === (connection as unknown) ? (links as unknown as NeighborLink[]) : []
    })
    tell('connection:open')
  })

  it('pings a connection without links 10 s after it has opened, and each 10 s while it answers', async () => {
    await advance(9_999)
    expect(connection.opened).toEqual([])
    await advance(1)
    expect(connection.opened).toEqual(['/ipfs/ping/1.0.0'])
    expect(connection.stream.sent).toBe(32)
    await clock.advance(40)
    connection.answer()
    await settled()
    expect(connection.rtt).toBe(40)
    await advance(10_000)
    expect(connection.opened.length).toBe(2)
    expect(connection.aborted).toBeUndefined()
  })

  it('ends one that does not answer within 5 s', async () => {
    await advance(10_000)
    await advance(4_999)
    expect(connection.aborted).toBeUndefined()
    await advance(1)
    expect(connection.aborted?.message).toMatch(/No answer within 5000 ms/)
  })

  it('ends one whose stream breaks as it is used, and leaves no rejection unhandled', async () => {
    connection.stream.send = () => {
      connection.stream.dispatchEvent(new Event('close'))
      throw new Error('The stream is reset')
    }
    await advance(10_000)
    expect(connection.aborted?.message).toBe('The stream is reset')
    watch.close()
    await settled()
  })

  it('ends one on which no stream can be opened, but not one that does not know the protocol', async () => {
    connection.refuses = Object.assign(new Error('No'), { name: 'UnsupportedProtocolError' })
    await advance(10_000)
    expect(connection.aborted).toBeUndefined()
    expect(connection.rtt).toBe(0)
    connection.refuses = new Error('The muxer is gone')
    await advance(10_000)
    expect(connection.aborted?.message).toBe('The muxer is gone')
  })

  it('leaves one alone whose links have heard something, and asks over them 10 s after that', async () => {
    const link = {
      heardAtMs: clock.now(),
      probes: 0,
      probe: () => {
        link.probes += 1
      }
    }
    links.push(link)
    await advance(9_000)
    link.heardAtMs = clock.now()
    await advance(9_999)
    expect(link.probes).toBe(0)
    await advance(1)
    expect(link.probes).toBe(1)
    expect(connection.opened).toEqual([])
  })

  it('forgets what has closed, and everything at the end', async () => {
    tell('connection:close')
    await advance(20_000)
    tell('connection:open')
    watch.close()
    await advance(20_000)
    tell('connection:open')
    await advance(20_000)
    expect(connection.opened).toEqual([])
  })
})
