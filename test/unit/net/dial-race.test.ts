import '../../../src/platform/polyfill.ts'
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { dialPlan, directAddresses } from '../../../src/net/dial-plan.ts'
import { DialFailure, DialRace } from '../../../src/net/dial-race.ts'
import { MAX_DIALED_ADDRESSES } from '../../../src/wire/limits.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const RELAY = '12D3KooWGC6TvWhfajpgX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const CIRCUIT = `/ip4/192.0.2.9/tcp/4001/p2p/${RELAY}/p2p-circuit`

const plan = (...addresses: string[]): string[] =>
  dialPlan(addresses.map(address => multiaddr(address))).map(
    ({ address, afterMs }) => `${afterMs} ${address}`
  )

describe('dialPlan', () => {
  it('dials direct addresses first, TCP before the slower ones, and a relay soon after', () => {
    expect(
      plan(
        `${CIRCUIT}/p2p/${PEER}`,
        '/ip4/192.0.2.1/udp/1/webrtc-direct',
        '/ip4/192.0.2.1/tcp/2/ws',
        '/ip4/192.0.2.1/tcp/1'
      )
    ).toEqual([
      '0 /ip4/192.0.2.1/tcp/1',
      '100 /ip4/192.0.2.1/tcp/2/ws',
      '200 /ip4/192.0.2.1/udp/1/webrtc-direct',
      `250 ${CIRCUIT}/p2p/${PEER}`
    ])
  })

  it('asks the relay at once when there is nothing else', () => {
    expect(plan(`${CIRCUIT}/p2p/${PEER}`)).toEqual([`0 ${CIRCUIT}/p2p/${PEER}`])
  })

  it('takes the circuit of a WebRTC address, once', () => {
    expect(plan(`${CIRCUIT}/webrtc/p2p/${PEER}`, `${CIRCUIT}/p2p/${PEER}`)).toEqual([
      `0 ${CIRCUIT}/p2p/${PEER}`
    ])
  })

  it('tries no more than eight of a kind, however many are told', () => {
    const many = Array.from({ length: 100 }, (_, port) => `/ip4/192.0.2.1/tcp/${port + 1}`)
    expect(plan(...many)).toHaveLength(MAX_DIALED_ADDRESSES)
    expect(directAddresses(many.map(address => multiaddr(address)))).toHaveLength(MAX_DIALED_ADDRESSES)
  })
})

/** Dials that end when and as the test says. */
class Dials {
  readonly clock = new VirtualClock()
  /** By how much timers of this machine are late, in ms. */
  lateMs = 0
  readonly abort = new AbortController()
  readonly started: string[] = []
  readonly signals = new Map<string, AbortSignal>()
  readonly aborted: string[] = []
  readonly #startMs = this.clock.now()
  readonly #tell = new Map<string, (type: string) => void>()
  readonly #ends = new Map<string, PromiseWithResolvers<Connection>>()

  readonly dial = (
    address: Multiaddr,
    options?: { signal?: AbortSignal; onProgress?: (event: never) => void }
  ): Promise<Connection> => {
    const name = address.toString()
    this.#tell.set(name, type => options?.onProgress?.({ type } as never))
    this.started.push(`${this.clock.now() - this.#startMs} ${name.split('/').at(-1)}`)
    const end = Promise.withResolvers<Connection>()
    this.#ends.set(name, end)
    if (options?.signal !== undefined) this.signals.set(name, options.signal)
    return end.promise
  }

  run(...steps: [port: number, afterMs: number][]): Promise<Connection> {
    return DialRace.run({
      transports: { dial: this.dial },
      steps: steps.map(([port, afterMs]) => ({ address: multiaddr(addressOf(port)), afterMs })),
      clock: {
        now: () => this.clock.now(),
        setTimer: (callback, ms) => this.clock.setTimer(callback, ms + this.lateMs)
      },
      signal: this.abort.signal
    })
  }

  succeed(port: number): Connection {
    const connection = { abort: () => this.aborted.push(String(port)) } as unknown as Connection
    this.#ends.get(addressOf(port))?.resolve(connection)
    return connection
  }

  /** Something takes the connection, and the handshake begins. */
  answer(port: number): void {
    this.#tell.get(addressOf(port))?.('upgrader:encrypt-outbound-connection')
  }

  fail(port: number, message: string): void {
    this.#ends.get(addressOf(port))?.reject(new Error(message))
  }
}

function addressOf(port: number): string {
  return `/ip4/192.0.2.1/tcp/${port}`
}

describe('A dial race', () => {
  it('gives an address that answers a second before it tries the next, and none once that has failed', async () => {
    const dials = new Dials()
    void dials.run([1, 0], [2, 100], [3, 250]).catch(() => {})
    await dials.clock.advance(50)
    dials.answer(1)
    await dials.clock.advance(900)
    expect(dials.started).toEqual(['0 1'])
    await dials.clock.advance(300)
    // Both are due now; the second has its own time all the same.
    expect(dials.started).toEqual(['0 1', '1050 2', '1200 3'])
    const again = new Dials()
    void again.run([1, 0], [2, 100]).catch(() => {})
    again.answer(1)
    await again.clock.advance(500)
    again.fail(1, 'not who was asked for')
    await again.clock.advance(10)
    expect(again.started).toEqual(['0 1', '510 2'])
  })

  it('gives an address that answers more time on a machine that is late', async () => {
    const dials = new Dials()
    dials.lateMs = 1_000
    void dials.run([1, 0], [2, 100], [3, 200]).catch(() => {})
    await dials.clock.advance(1_101)
    // It has answered long ago, which is heard after the timer.
    dials.answer(1)
    await dials.clock.advance(3_900)
    expect(dials.started).toEqual(['0 1'])
    await dials.clock.advance(1_200)
    expect(dials.started).toEqual(['0 1', '6102 2'])
  })

  it('dials all that is due at once on a machine that is late, where nothing has answered', async () => {
    const dials = new Dials()
    dials.lateMs = 1_000
    void dials.run([1, 0], [2, 100], [3, 250]).catch(() => {})
    await dials.clock.advance(2_200)
    expect(dials.started).toEqual(['0 1', '2101 2', '2101 3'])
  })

  it('starts each dial at its time, and the first connection stands', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 100], [3, 250])
    await dials.clock.advance(120)
    const connection = dials.succeed(2)
    expect(await race).toBe(connection)
    await dials.clock.advance(1_000)
    expect(dials.started).toEqual(['0 1', '100 2'])
    expect(dials.signals.get(addressOf(1))?.aborted).toBe(true)
  })

  it('does not abort the signal of the dial that won: transports listen to it for the connection’s life', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 0])
    dials.succeed(1)
    await race
    dials.abort.abort(new Error('later'))
    expect(dials.signals.get(addressOf(1))?.aborted).toBe(false)
    expect(dials.signals.get(addressOf(2))?.aborted).toBe(true)
  })

  it('does not wait for its time when nothing before it is left', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 5_000])
    dials.fail(1, 'ECONNREFUSED')
    await new Promise(resolve => setImmediate(resolve))
    expect(dials.started).toEqual(['0 1', '0 2'])
    dials.succeed(2)
    await race
  })

  it('ends a connection that comes when another stands already', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 0])
    dials.succeed(2)
    await race
    dials.succeed(1)
    await dials.clock.advance(1)
    expect(dials.aborted).toEqual(['1'])
  })

  it('tells each address with its own reason when all fail', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 0]).catch((error: unknown) => error)
    dials.fail(2, 'connect ECONNREFUSED 192.0.2.1:2')
    dials.fail(1, 'connect ENETUNREACH 192.0.2.1:1')
    expect(await race).toBeInstanceOf(DialFailure)
    expect(((await race) as DialFailure).attempts).toEqual([
      { address: addressOf(1), reason: 'no route to that address from here' },
      { address: addressOf(2), reason: 'connection refused: nothing listens there' }
    ])
  })

  it('rejects when it is aborted, with what each address had come to', async () => {
    const dials = new Dials()
    const race = dials.run([1, 0], [2, 0]).catch((error: unknown) => error)
    dials.fail(1, 'connect ECONNREFUSED')
    await dials.clock.advance(1)
    dials.abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    expect(((await race) as DialFailure).attempts.map(({ reason }) => reason)).toEqual([
      'connection refused: nothing listens there',
      'no answer in time'
    ])
  })

  it('rejects at once with nothing to dial', async () => {
    await expect(new Dials().run()).rejects.toThrow('there is no address to dial')
  })
})
