import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DialFailure } from '../../../src/net/dial-race.ts'
import { RelayKeeper, type RelayState } from '../../../src/net/relay-keeper.ts'
import { namedRelay } from '../../../src/net/relay-source.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const ADDRESS = '/ip4/192.0.2.1/tcp/4001'
const UNTIL = new Date(7_200_000)

let relay: PeerId
beforeAll(async () => {
  relay = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
})

/** A connection to the relay, on which it answers that it knows no further protocol. */
class RelayConnection {
  static count = 0
  readonly id = `connection ${RelayConnection.count++}`
  readonly remotePeer = relay
  readonly remoteAddr = multiaddr(`${ADDRESS}/p2p/${relay.toString()}`)
  status = 'open'
  aborted = false
  answers = true

  async newStream(_protocol: string, { signal }: { signal: AbortSignal }): Promise<never> {
    if (this.answers) throw Object.assign(new Error('no such protocol'), { name: 'UnsupportedProtocolError' })
    return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }

  abort(): void {
    this.aborted = true
  }
}

/** A node whose relay answers as the test says. */
class Surroundings {
  readonly clock = new VirtualClock()
  readonly states: RelayState[] = []
  readonly attemptsAtMs: number[] = []
  readonly node = Object.assign(new EventTarget(), { getConnections: () => [] })
  readonly connections: RelayConnection[] = []
  reservedUntil: Date | undefined = UNTIL
  /** What becomes of a dial. */
  answer: (signal: AbortSignal) => Promise<void> = async () => {}
  readonly keeper: RelayKeeper
  readonly #startMs = this.clock.now()

  constructor({ random = 1 } = {}) {
    this.keeper = new RelayKeeper({
      source: namedRelay([multiaddr(ADDRESS)]),
      node: this.node as unknown as Libp2p,
      platform: {
        reserve: async () => ({ reservedUntil: UNTIL }),
        reservationOf: () =>
          this.reservedUntil === undefined ? undefined : { reservedUntil: this.reservedUntil }
      },
      paths: { dial: (_steps, signal) => this.#dial(signal) },
      clock: this.clock,
      random: () => random,
      onChange: ({ state }) => this.states.push(state),
      onIceServers: () => {}
    })
  }

  async #dial(signal: AbortSignal): Promise<Connection> {
    this.attemptsAtMs.push(this.clock.now() - this.#startMs)
    await this.answer(signal)
    const connection = new RelayConnection()
    this.connections.push(connection)
    return connection as unknown as Connection
  }

  /** A connection closes; without one given, that to the relay. */
  lose(detail: object | undefined = this.connections.at(-1)): void {
    this.node.dispatchEvent(new CustomEvent('connection:close', { detail }))
  }

  get history(): string {
    return this.states.map(({ state }) => state).join(' ')
  }
}

/** Lets what is under way take its course, without time passing. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

let around: Surroundings
beforeEach(() => {
  around = new Surroundings()
})

describe('RelayKeeper', () => {
  it('connects, and then knows the relay’s address with its peer id, and until when it is reserved', async () => {
    expect(around.keeper.address).toBe(undefined)
    around.keeper.start()
    await settle()
    expect(around.history).toBe('connecting connected')
    expect(around.keeper.state).toEqual({ address: ADDRESS, state: 'connected', reservedUntil: UNTIL })
    expect(around.keeper.address?.toString()).toBe(`${ADDRESS}/p2p/${relay.toString()}`)
  })

  it('tries a relay that fails again after 1, 2, 4, 5 … s, and says when and why', async () => {
    around.answer = () => Promise.reject(new Error('no route'))
    around.keeper.start()
    await settle()
    expect(around.keeper.state).toMatchObject({ state: 'waiting', reason: 'no route' })
    expect(around.keeper.state.retryAt?.getTime()).toBe(around.clock.now() + 1_000)
    await around.clock.advance(25_000)
    const pauses = around.attemptsAtMs.slice(1).map((ms, i) => (ms - (around.attemptsAtMs[i] ?? 0)) / 1_000)
    expect(pauses).toEqual([1, 2, 4, 5, 5, 5])
  })

  it('tries a relay that has been away for ten minutes every 30 s', async () => {
    around.answer = () => Promise.reject(new Error('no route'))
    around.keeper.start()
    await settle()
    await around.clock.advance(630_000)
    const before = around.attemptsAtMs.length
    await around.clock.advance(90_000)
    expect(around.attemptsAtMs.length - before).toBe(3)
  })

  it('spreads its retries from half of the pause to all of it', async () => {
    for (const [random, afterMs] of [
      [0, 500],
      [0.5, 750]
    ] as const) {
      const spread = new Surroundings({ random })
      spread.answer = () => Promise.reject(new Error('no'))
      spread.keeper.start()
      await settle()
      await spread.clock.advance(afterMs)
      expect(spread.attemptsAtMs).toEqual([0, afterMs])
      spread.keeper.close()
    }
  })

  it('keeps each address that failed with its own reason', async () => {
    const attempts = [
      { address: '/ip4/192.0.2.1/tcp/1', reason: 'connection refused' },
      { address: '/ip4/192.0.2.1/tcp/2', reason: 'no answer in time' }
    ]
    around.answer = () => Promise.reject(new DialFailure(attempts))
    around.keeper.start()
    await settle()
    expect(around.keeper.attempts).toEqual(attempts)
    around.answer = async () => {}
    await around.clock.advance(1_000)
    expect(around.keeper.attempts).toEqual([])
  })

  it('makes a lost reservation again, and counts failures anew after a success', async () => {
    around.answer = () => Promise.reject(new Error('no'))
    around.keeper.start()
    await settle()
    await around.clock.advance(6_900)
    around.answer = async () => {}
    await around.clock.advance(5_100)
    expect(around.keeper.state.state).toBe('connected')
    around.lose()
    expect(around.keeper.state).toMatchObject({
      state: 'waiting',
      reason: 'The connection to the relay was lost'
    })
    await around.clock.advance(1_000)
    expect(around.keeper.state.state).toBe('connected')
  })

  it('makes a reservation again that the relay has ended, with the connection still there', async () => {
    around.keeper.start()
    await settle()
    around.reservedUntil = undefined
    around.node.dispatchEvent(new CustomEvent('self:peer:update'))
    expect(around.keeper.state).toMatchObject({ state: 'waiting', reason: 'The relay ended the reservation' })
    await around.clock.advance(1_000)
    expect(around.keeper.state.state).toBe('connected')
  })

  it('tells when a reservation has been renewed', async () => {
    around.keeper.start()
    await settle()
    around.reservedUntil = new Date(14_400_000)
    around.node.dispatchEvent(new CustomEvent('self:peer:update'))
    expect(around.keeper.state).toMatchObject({ state: 'connected', reservedUntil: around.reservedUntil })
    expect(around.history).toBe('connecting connected connected')
  })

  it('minds the loss neither of other peers nor of other connections to the relay', async () => {
    around.keeper.start()
    await settle()
    around.lose(new RelayConnection())
    expect(around.keeper.state.state).toBe('connected')
  })

  it('does not wait twice when the connection closes twice', async () => {
    around.keeper.start()
    await settle()
    around.lose()
    around.lose()
    await around.clock.advance(10_000)
    expect(around.history).toBe('connecting connected waiting connecting connected')
  })

  it('tries at once when the network has changed while it waited', async () => {
    around.answer = () => Promise.reject(new Error('no route'))
    around.keeper.start()
    await settle()
    await around.clock.advance(200)
    around.answer = async () => {}
    around.keeper.hurry()
    await settle()
    expect(around.keeper.state.state).toBe('connected')
    expect(around.attemptsAtMs).toEqual([0, 200])
    await around.clock.advance(60_000)
    expect(around.attemptsAtMs).toEqual([0, 200])
  })

  it('leaves a relay alone that answers after the network has changed', async () => {
    around.keeper.start()
    await settle()
    around.keeper.hurry()
    await settle()
    expect(around.connections[0]?.aborted).toBe(false)
  })

  it('tells and tries nothing after close, whatever was under way', async () => {
    let signalled: AbortSignal | undefined
    const answered = Promise.withResolvers<void>()
    around.answer = signal => {
      signalled = signal
      return answered.promise
    }
    around.keeper.start()
    await settle()
    around.keeper.close()
    expect(signalled?.aborted).toBe(true)
    answered.resolve()
    await around.clock.advance(120_000)
    around.lose()
    expect(around.history).toBe('connecting')
  })

  it('sets no timer after close, when what was under way fails', async () => {
    around.answer = signal =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    around.keeper.start()
    await settle()
    around.keeper.close()
    await around.clock.advance(120_000)
    expect(around.attemptsAtMs).toEqual([0])
  })

  it('does not try again when it is closed while it waits', async () => {
    around.answer = () => Promise.reject(new Error('no'))
    around.keeper.start()
    await settle()
    around.keeper.close()
    await around.clock.advance(120_000)
    expect(around.attemptsAtMs).toEqual([0])
    expect(around.history).toBe('connecting waiting')
  })
})
