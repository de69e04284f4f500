import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId, Stream, StreamHandler, Topology } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EndingStreams } from '../../../src/net/ending-streams.ts'
import { MembershipGate, type PubsubRegistrar } from '../../../src/net/membership-gate.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const PROTOCOL = '/meshsub/1.2.0'

/** The node's registrar: keeps what it was given, and hands it streams. */
class FakeRegistrar implements PubsubRegistrar {
  handler: StreamHandler | undefined
  readonly handled: string[] = []

  async handle(protocol: string, handler: StreamHandler): Promise<void> {
    this.handled.push(protocol)
    this.handler = handler
  }

  async unhandle(protocol: string): Promise<void> {
    this.handled.splice(this.handled.indexOf(protocol), 1)
  }

  async register(): Promise<string> {
    throw new Error('Topologies are kept by the gate')
  }

  unregister(): void {
    throw new Error('Topologies are kept by the gate')
  }
}

/** As much of a stream as the gate and its user touch. */
class PlainStream extends EventTarget {
  status = 'open'
  aborted: Error | undefined
  /** Does the other side end its half too, at once? */
  isAnswered = true

  abort(error: Error): void {
    this.aborted = error
    this.end('aborted')
  }

  async close(): Promise<void> {
    if (this.isAnswered) this.end('closed')
  }

  end(status: string): void {
    if (this.status !== 'open') return
    this.status = status
    this.dispatchEvent(new Event('close'))
  }
}

class PlainConnection {
  status = 'open'
  readonly remoteAddr = multiaddr('/memory/x')
  readonly direction = 'outbound'
  readonly streams: PlainStream[] = []
  readonly remotePeer: PeerId
  /** Set when new streams are to fail. */
  failure: Error | undefined
  /** How often a stream was asked for. */
  tries = 0
  #held: PromiseWithResolvers<PlainStream> | undefined

  constructor(remotePeer: PeerId) {
    this.remotePeer = remotePeer
  }

  get asConnection(): Connection {
    return this as unknown as Connection
  }

  /** The next stream opens when the test says. */
  holdNext(): PromiseWithResolvers<PlainStream> {
    this.#held = Promise.withResolvers()
    return this.#held
  }

  async newStream(): Promise<PlainStream> {
    this.tries += 1
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) return await held.promise
    if (this.failure !== undefined) throw this.failure
    const stream = new PlainStream()
    this.streams.push(stream)
    return stream
  }

  close(): void {
    this.status = 'closed'
    for (const stream of this.streams) stream.end('closed')
  }
}

/** gossipsub's side: opens a stream to whoever connects, or opens one to us, and has none; one after the other, as gossipsub does. */
class FakePubsub implements Topology {
  readonly events: string[] = []
  readonly streams: Stream[] = []
  readonly inbound: { stream: Stream; connection: Connection }[] = []
  readonly #peers = new Set<string>()
  readonly #streamTo = new Map<string, Stream>()
  #last: Promise<void> = Promise.resolve()

  onConnect(peerID: PeerId, connection: Connection): void {
    this.events.push(`connect ${peerID.toString()}`)
    if (connection.status === 'open') this.#push(peerID.toString(), connection)
  }

  onIncoming(stream: Stream, connection: Connection): void {
    this.inbound.push({ stream, connection })
    this.#push(connection.remotePeer.toString(), connection)
  }

  #push(peer: string, connection: Connection): void {
    this.#peers.add(peer)
    this.#last = this.#last.then(() => this.#open(peer, connection)).catch(() => {})
  }

  async #open(peer: string, connection: Connection): Promise<void> {
    if (!this.#peers.has(peer) || this.#streamTo.get(peer)?.status === 'open') return
    const stream = await connection.newStream(PROTOCOL)
    this.#streamTo.set(peer, stream)
    this.streams.push(stream)
  }

  onDisconnect(peerID: PeerId): void {
    this.events.push(`disconnect ${peerID.toString()}`)
    this.#peers.delete(peerID.toString())
  }
}

let alice: PeerId
let bob: PeerId
beforeAll(async () => {
  alice = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  bob = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
})

let registrar: FakeRegistrar
let clock: VirtualClock
let ending: EndingStreams
let gate: MembershipGate
let pubsub: FakePubsub
beforeEach(async () => {
  registrar = new FakeRegistrar()
  clock = new VirtualClock()
  ending = new EndingStreams(clock)
  gate = new MembershipGate(registrar, clock, ending)
  pubsub = new FakePubsub()
  for (const protocol of ['/meshsub/1.2.0', '/meshsub/1.1.0']) await gate.register(protocol, pubsub)
  await gate.handle(PROTOCOL, (stream, connection) => {
    pubsub.onIncoming(stream, connection)
  })
})

/** A stream that the peer opens to us, as the node's registrar hands it over. */
function incoming(connection: PlainConnection): PlainStream {
  const stream = new PlainStream()
  registrar.handler?.(stream as unknown as Stream, connection.asConnection)
  return stream
}

/** Lets what is under way take its course, without time passing. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('MembershipGate', () => {
  it('hands pubsub no stream of a stranger, and resets it', () => {
    const stream = incoming(new PlainConnection(bob))
    expect(stream.aborted).toBeInstanceOf(Error)
    expect(pubsub.inbound).toEqual([])
  })

  it("hands pubsub a member's stream, with a connection that is the member's", () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    const stream = incoming(connection)
    expect(stream.aborted).toBe(undefined)
    expect(pubsub.inbound[0]?.connection.remotePeer.equals(alice)).toBe(true)
    expect(incoming(new PlainConnection(bob)).aborted).toBeInstanceOf(Error)
  })

  it('tells pubsub of a member at the first link and of its end at the last', () => {
    const [first, second] = [new PlainConnection(alice).asConnection, new PlainConnection(alice).asConnection]
    gate.admit(first)
    gate.admit(second)
    gate.admit(second)
    expect(pubsub.events).toEqual([`connect ${alice.toString()}`])
    gate.withdraw(second)
    gate.withdraw(first)
    expect(pubsub.events).toHaveLength(1)
    gate.withdraw(second)
    expect(pubsub.events).toEqual([`connect ${alice.toString()}`, `disconnect ${alice.toString()}`])
  })

  it('tells nothing of a link that is withdrawn but was never there', () => {
    gate.withdraw(new PlainConnection(alice).asConnection)
    const connection = new PlainConnection(alice).asConnection
    gate.admit(connection)
    gate.withdraw(new PlainConnection(alice).asConnection)
    expect(pubsub.events).toHaveLength(1)
    expect(incoming(new PlainConnection(alice)).aborted).toBe(undefined)
  })

  it('resets the streams of whoever was a member and is none any more', () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    gate.withdraw(connection.asConnection)
    expect(incoming(connection).aborted).toBeInstanceOf(Error)
  })

  it('lets pubsub open its stream again 50 ms after it closed', async () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    await settle()
    connection.streams[0]?.end('reset')
    await clock.advance(49)
    expect(connection.streams).toHaveLength(1)
    await clock.advance(1)
    expect(pubsub.streams).toHaveLength(2)
  })

  it('lets no neighbor whose stream is slow to open keep the others from having theirs', async () => {
    const [slow, quick] = [new PlainConnection(alice), new PlainConnection(bob)]
    const opened = slow.holdNext()
    for (const connection of [slow, quick]) gate.admit(connection.asConnection)
    await settle()
    expect(pubsub.streams).toEqual(quick.streams)
    opened.resolve(new PlainStream())
    await settle()
    expect(pubsub.streams).toHaveLength(2)
  })

  it('opens one stream, however often it is asked while that is being opened', async () => {
    const connection = new PlainConnection(alice)
    const opened = connection.holdNext()
    gate.admit(connection.asConnection)
    for (let i = 0; i < 3; i++) incoming(connection)
    await settle()
    opened.resolve(new PlainStream())
    await settle()
    expect([connection.tries, pubsub.streams.length]).toEqual([1, 1])
  })

  it('tries again after 50 ms where that was asked for while a try was under way that failed', async () => {
    const connection = new PlainConnection(alice)
    const opened = connection.holdNext()
    gate.admit(connection.asConnection)
    await settle()
    incoming(connection)
    await settle()
    opened.reject(new Error('refused'))
    await settle()
    await clock.advance(49)
    expect(pubsub.streams).toEqual([])
    await clock.advance(1)
    expect(pubsub.streams).toHaveLength(1)
  })

  it('opens a stream over the next connection when the first died before one was open', async () => {
    const [first, second] = [new PlainConnection(alice), new PlainConnection(alice)]
    first.failure = new Error('gone')
    gate.admit(first.asConnection)
    await settle()
    first.status = 'closed'
    await clock.advance(5_000)
    gate.admit(second.asConnection)
    gate.withdraw(first.asConnection)
    await settle()
    expect(pubsub.streams).toEqual(second.streams)
    expect(second.streams).toHaveLength(1)
  })

  it('opens another stream when one ended before pubsub had it', async () => {
    const connection = new PlainConnection(alice)
    const opened = connection.holdNext()
    gate.admit(connection.asConnection)
    await settle()
    // Pubsub is not told of a peer whose connection is not open.
    connection.status = 'closing'
    const stream = new PlainStream()
    opened.resolve(stream)
    await settle()
    stream.end('closed')
    connection.status = 'open'
    await clock.advance(50)
    await settle()
    expect(pubsub.streams).toEqual(connection.streams)
    expect(connection.streams).toHaveLength(1)
  })

  it('resets a stream that pubsub does not have yet when its peer is no member any more', async () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    // Pubsub is not told of a peer whose connection is not open.
    connection.newStream = async () => {
      connection.status = 'closing'
      const stream = new PlainStream()
      connection.streams.push(stream)
      return stream
    }
    await settle()
    gate.withdraw(connection.asConnection)
    expect(connection.streams.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('resets a stream that has opened when its peer is no member any more', async () => {
    const connection = new PlainConnection(alice)
    const opened = connection.holdNext()
    gate.admit(connection.asConnection)
    await settle()
    gate.withdraw(connection.asConnection)
    const stream = new PlainStream()
    opened.resolve(stream)
    await settle()
    expect(stream.status).toBe('aborted')
    expect(pubsub.streams).toEqual([])
  })

  it('waits 1 s before the next try when a stream could not be opened', async () => {
    const connection = new PlainConnection(alice)
    connection.failure = new Error('no stream')
    gate.admit(connection.asConnection)
    await settle()
    expect(connection.tries).toBe(1)
    connection.failure = undefined
    await clock.advance(999)
    expect(pubsub.events).toHaveLength(1)
    await clock.advance(1)
    expect(pubsub.streams).toHaveLength(1)
  })

  it('tries one stream at a time, however many the peer has closed', async () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    await settle()
    const streams = Array.from({ length: 10 }, () => incoming(connection))
    await settle()
    connection.failure = new Error('refused')
    for (const stream of [...streams, ...connection.streams]) stream.end('reset')
    await clock.advance(50)
    expect(connection.tries).toBe(2)
    await clock.advance(3_000)
    expect(connection.tries).toBe(5)
  })

  it('opens the stream over another connection when the one that carried it closes', async () => {
    const [first, second] = [new PlainConnection(alice), new PlainConnection(alice)]
    gate.admit(first.asConnection)
    await settle()
    gate.admit(second.asConnection)
    expect([first.streams.length, second.streams.length]).toEqual([1, 0])
    first.close()
    gate.withdraw(first.asConnection)
    await clock.advance(50)
    expect([first.streams.length, second.streams.length]).toEqual([1, 1])
    expect(pubsub.streams).toEqual([...first.streams, ...second.streams])
  })

  it('opens streams over the newest connection that is open', async () => {
    const [old, middle, newest] = [
      new PlainConnection(alice),
      new PlainConnection(alice),
      new PlainConnection(alice)
    ]
    for (const connection of [old, middle, newest]) {
      gate.admit(connection.asConnection)
      await settle()
    }
    newest.status = 'closed'
    old.streams[0]?.end('reset')
    await clock.advance(50)
    expect([old.streams.length, middle.streams.length, newest.streams.length]).toEqual([1, 1, 0])
  })

  it('opens no stream any more to whoever is no member, whatever was under way', async () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    await settle()
    connection.streams[0]?.end('reset')
    gate.withdraw(connection.asConnection)
    await clock.advance(10_000)
    expect(connection.tries).toBe(1)
    expect(pubsub.events.at(-1)).toBe(`disconnect ${alice.toString()}`)
  })

  it('resets what the peer sends on when asked to have its subscriptions told anew', () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    expect(gate.reopen(alice)).toBe(false)
    const stream = incoming(connection)
    expect(gate.reopen(bob)).toBe(false)
    expect(gate.reopen(alice)).toBe(true)
    expect(stream.aborted).toBeInstanceOf(Error)
    expect(gate.reopen(alice)).toBe(false)
  })

  it('ends its side of a stream that the peer has ended, so that the peer knows that all was read', () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    const stream = incoming(connection)
    stream.dispatchEvent(new Event('remoteCloseWrite'))
    expect([stream.status, stream.aborted]).toEqual(['closed', undefined])
  })

  it('waits for the end of the stream that pubsub has closed', async () => {
    const connection = new PlainConnection(alice)
    gate.admit(connection.asConnection)
    await settle()
    const [stream] = connection.streams as [PlainStream]
    stream.isAnswered = false
    let isRead = false
    await pubsub.streams[0]?.close()
    void ending.untilRead().then(() => {
      isRead = true
    })
    await settle()
    expect(isRead).toBe(false)
    stream.end('closed')
    await settle()
    expect(isRead).toBe(true)
  })

  it('lets no registration of pubsub reach the node: it would tell of strangers', async () => {
    expect(await gate.register('/x', pubsub)).toBe('/x')
    gate.unregister('/x')
    await gate.unhandle(PROTOCOL)
    expect(registrar.handled).toEqual([])
  })

  it('tells a topology nothing any more after it was unregistered', () => {
    for (const protocol of ['/meshsub/1.2.0', '/meshsub/1.1.0']) gate.unregister(protocol)
    gate.admit(new PlainConnection(alice).asConnection)
    expect(pubsub.events).toEqual([])
  })
})
