import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Platform } from '../../../src/net/platform.ts'
import { RelayKeeper, type RelayState } from '../../../src/net/relay-keeper.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const ADDRESS = '/ip4/192.0.2.1/tcp/4001'

let relay: PeerId
let stranger: PeerId
beforeAll(async () => {
  relay = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
})

/** A node and a platform whose relay answers as the test says. */
class Surroundings {
  readonly clock = new VirtualClock()
  readonly states: RelayState[] = []
  readonly attemptsAtMs: number[] = []
  readonly node = new EventTarget() as EventTarget & { connections: { status: string }[] }
  /** What becomes of an attempt. */
  answer: (signal: AbortSignal) => Promise<PeerId> = async () => relay
  readonly keeper: RelayKeeper
  readonly #startMs = this.clock.now()

  constructor({ random = 0.5, address = ADDRESS } = {}) {
    this.node.connections = []
    const node = Object.assign(this.node, { getConnections: () => this.node.connections })
    const reserve: Platform['reserve'] = (_node, _relay, signal) => {
      this.attemptsAtMs.push(this.clock.now() - this.#startMs)
      return this.answer(signal)
    }
    this.keeper = new RelayKeeper({
      address: multiaddr(address),
      node: node as unknown as Libp2p,
      platform: { reserve } as Platform,
      clock: this.clock,
      random: () => random,
      onChange: ({ state }) => this.states.push(state)
    })
  }

  /** A connection to this peer closes. */
  lose(remotePeer: PeerId): void {
    const detail = { remotePeer } as Connection
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
  it('connects, and then knows the relay’s address with its peer id', async () => {
    expect(around.keeper.address).toBe(undefined)
    around.keeper.start()
    await settle()
    expect(around.history).toBe('connecting connected')
    expect(around.keeper.state).toEqual({ address: ADDRESS, state: 'connected' })
    expect(around.keeper.address?.toString()).toBe(`${ADDRESS}/p2p/${relay.toString()}`)
  })

  it('takes an address that has its peer id as it is', () => {
    const address = `${ADDRESS}/p2p/${relay.toString()}`
    expect(new Surroundings({ address }).keeper.address?.toString()).toBe(address)
  })

  it('tries a relay that fails again after 1, 2, 4 … 60 s, and says when and why', async () => {
    around.answer = () => Promise.reject(new Error('no route'))
    around.keeper.start()
    await settle()
    expect(around.keeper.state).toMatchObject({ state: 'waiting', reason: 'no route' })
    expect(around.keeper.state.retryAt?.getTime()).toBe(around.clock.now() + 1_000)
    await around.clock.advance(300_000)
    const pauses = around.attemptsAtMs.slice(1).map((ms, i) => (ms - (around.attemptsAtMs[i] ?? 0)) / 1_000)
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('spreads its retries from half to one and a half', async () => {
    for (const [random, afterMs] of [
      [0, 500],
      [0.75, 1_250]
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

  it('makes a lost reservation again, and counts failures anew after a success', async () => {
    around.answer = () => Promise.reject(new Error('no'))
    around.keeper.start()
    await settle()
    await around.clock.advance(7_000)
    around.answer = async () => relay
    await around.clock.advance(8_000)
    expect(around.keeper.state.state).toBe('connected')
    around.lose(relay)
    expect(around.keeper.state).toMatchObject({
      state: 'waiting',
      reason: 'The connection to the relay was lost'
    })
    await around.clock.advance(1_000)
    expect(around.keeper.state.state).toBe('connected')
  })

  it('minds neither the loss of other peers nor of one of two connections to the relay', async () => {
    around.keeper.start()
    await settle()
    around.lose(stranger)
    around.node.connections = [{ status: 'open' }]
    around.lose(relay)
    expect(around.keeper.state.state).toBe('connected')
    around.node.connections = [{ status: 'closing' }]
    around.lose(relay)
    expect(around.keeper.state.state).toBe('waiting')
  })

  it('does not wait twice when several connections close', async () => {
    around.keeper.start()
    await settle()
    around.lose(relay)
    around.lose(relay)
    await around.clock.advance(10_000)
    expect(around.history).toBe('connecting connected waiting connecting connected')
  })

  it('tells and tries nothing after close, whatever was under way', async () => {
    let signalled: AbortSignal | undefined
    const answered = Promise.withResolvers<PeerId>()
    around.answer = signal => {
      signalled = signal
      return answered.promise
    }
    around.keeper.start()
    around.keeper.close()
    expect(signalled?.aborted).toBe(true)
    answered.resolve(relay)
    await around.clock.advance(120_000)
    around.lose(relay)
    expect(around.history).toBe('connecting')
  })

  it('sets no timer after close, when what was under way fails', async () => {
    around.answer = signal =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    around.keeper.start()
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
