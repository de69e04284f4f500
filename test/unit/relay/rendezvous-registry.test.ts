import { describe, expect, it } from 'vitest'
import {
  type Discovered,
  RendezvousRegistry,
  type RendezvousRegistryInit
} from '../../../src/relay/rendezvous-registry.ts'
import { ResponseStatus } from '../../../src/wire/rendezvous-protocol.ts'

const HOUR_MS = 3_600_000

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A registry on a clock that stands still until it is moved. */
class Bench {
  nowMs = 1_000_000
  readonly registry: RendezvousRegistry

  constructor(init: Partial<RendezvousRegistryInit> = {}) {
    this.registry = new RendezvousRegistry({ life: new Uint8Array(8).fill(7), random: seeded(1), ...init })
  }

  register(
    peer: string,
    namespace: string | undefined = 'ns',
    more: { ttl?: bigint; addresses?: string } = {}
  ) {
    const { ttl, addresses = 'here' } = more
    const signedPeerRecord = new TextEncoder().encode(`${peer}@${addresses}`)
    return this.registry.register({ peer, namespace, signedPeerRecord, addresses, ttl }, this.nowMs)
  }

  discover(more: { namespace?: string | undefined; limit?: bigint; cookie?: Uint8Array } = {}): Discovered {
    const namespace = 'namespace' in more ? more.namespace : 'ns'
    return this.registry.discover({ namespace, limit: more.limit, cookie: more.cookie }, this.nowMs)
  }

  peersOf(answer: Discovered): string[] {
    return answer.registrations.map(
      ({ signedPeerRecord }) => new TextDecoder().decode(signedPeerRecord).split('@')[0] ?? ''
    )
  }

  peers(more: Parameters<Bench['discover']>[0] = {}): string[] {
    return this.peersOf(this.discover(more)).sort()
  }
}

function cookieOf(answer: Discovered): Uint8Array {
  if (answer.cookie === undefined) throw new Error('no cookie')
  return answer.cookie
}

describe('RendezvousRegistry.register()', () => {
  it('makes a peer found in its namespace and in no other', () => {
    const bench = new Bench()
    expect(bench.register('a').status).toBe(ResponseStatus.OK)
    expect(bench.peers()).toEqual(['a'])
    expect(bench.peers({ namespace: 'other' })).toEqual([])
  })

  it.each([
    ['no namespace', undefined],
    ['an empty one', ''],
    ['one of 256 bytes', 'é'.repeat(128)]
  ])('refuses %s', (_, namespace) => {
    const bench = new Bench()
    const request = {
      peer: 'a',
      namespace,
      signedPeerRecord: new Uint8Array(1),
      addresses: '',
      ttl: undefined
    }
    expect(bench.registry.register(request, bench.nowMs).status).toBe(ResponseStatus.E_INVALID_NAMESPACE)
  })

  it('takes a namespace of 255 bytes', () => {
    expect(new Bench().register('a', 'x'.repeat(255)).status).toBe(ResponseStatus.OK)
  })

  it('holds for 2 hours when no TTL is given, and says so', () => {
    const bench = new Bench()
    expect(bench.register('a')).toEqual({ status: ResponseStatus.OK, ttlSeconds: 7200 })
    bench.nowMs += 2 * HOUR_MS - 1
    expect(bench.peers()).toEqual(['a'])
    bench.nowMs += 1
    expect(bench.peers()).toEqual([])
  })

  it('takes a TTL of 1 second and one of 72 hours, and no longer one', () => {
    const bench = new Bench()
    expect(bench.register('a', 'ns', { ttl: 1n })).toEqual({ status: ResponseStatus.OK, ttlSeconds: 1 })
    expect(bench.register('b', 'ns', { ttl: 259_200n }).status).toBe(ResponseStatus.OK)
    expect(bench.register('c', 'ns', { ttl: 259_201n }).status).toBe(ResponseStatus.E_INVALID_TTL)
    expect(bench.register('c', 'ns', { ttl: 2n ** 64n - 1n }).status).toBe(ResponseStatus.E_INVALID_TTL)
    bench.nowMs += 1000
    expect(bench.peers()).toEqual(['b'])
  })

  it('renews: the new TTL counts, and there is still one registration', () => {
    const bench = new Bench()
    bench.register('a', 'ns', { ttl: 10n })
    bench.nowMs += 9_000
    bench.register('a', 'ns', { ttl: 10n })
    bench.nowMs += 9_000
    expect(bench.peers()).toEqual(['a'])
    expect(bench.registry.size).toBe(1)
  })

  it('refuses a namespace over the limit of one peer, but renews those it has', () => {
    const bench = new Bench({ maxRegistrationsPerPeer: 2 })
    bench.register('a', 'one')
    bench.register('a', 'two', { ttl: 5n })
    expect(bench.register('a', 'three').status).toBe(ResponseStatus.E_NOT_AUTHORIZED)
    expect(bench.register('a', 'one').status).toBe(ResponseStatus.OK)
    expect(bench.register('b', 'three').status).toBe(ResponseStatus.OK)
    bench.nowMs += 5_000
    expect(bench.register('a', 'three').status).toBe(ResponseStatus.OK)
  })

  it('refuses what is over the limit of the server until something ends', () => {
    const bench = new Bench({ maxRegistrations: 2 })
    bench.register('a', 'ns', { ttl: 5n })
    bench.register('b')
    expect(bench.register('c').status).toBe(ResponseStatus.E_UNAVAILABLE)
    bench.nowMs += 5_000
    bench.registry.expire(bench.nowMs)
    expect(bench.register('c').status).toBe(ResponseStatus.OK)
    expect(bench.peers()).toEqual(['b', 'c'])
  })
})

describe('RendezvousRegistry.unregister()', () => {
  it('ends the registration of that peer in that namespace only', () => {
    const bench = new Bench()
    bench.register('a')
    bench.register('a', 'other')
    bench.register('b')
    bench.registry.unregister('a', 'ns')
    expect(bench.peers()).toEqual(['b'])
    expect(bench.peers({ namespace: 'other' })).toEqual(['a'])
  })

  it('does nothing where nothing is registered', () => {
    const bench = new Bench()
    bench.register('a')
    bench.registry.unregister('b', 'ns')
    bench.registry.unregister('a', undefined)
    bench.registry.unregister('a', 'other')
    expect(bench.registry.size).toBe(1)
  })
})

describe('RendezvousRegistry.discover()', () => {
  it('refuses to answer without a namespace, so that namespaces are listed nowhere', () => {
    const bench = new Bench()
    bench.register('a')
    for (const namespace of [undefined, ''])
      expect(bench.discover({ namespace })).toEqual({
        status: ResponseStatus.E_INVALID_NAMESPACE,
        registrations: []
      })
  })

  it('gives at most 100 without a cookie, whatever the limit, and fewer when fewer are asked for', () => {
    const bench = new Bench()
    for (let i = 0; i < 250; i++) bench.register(`p${i}`)
    for (const limit of [undefined, 0n, 1000n]) {
      const answer = limit === undefined ? bench.discover() : bench.discover({ limit })
      expect(new Set(bench.peersOf(answer)).size).toBe(100)
    }
    expect(bench.discover({ limit: 3n }).registrations).toHaveLength(3)
  })

  it('chooses the sample at random: over many, everybody comes about equally often', () => {
    const bench = new Bench()
    for (let i = 0; i < 20; i++) bench.register(`p${i}`)
    const seen = new Map<string, number>()
    for (let i = 0; i < 2_000; i++)
      for (const peer of bench.peers({ limit: 5n })) seen.set(peer, (seen.get(peer) ?? 0) + 1)
    expect(seen.size).toBe(20)
    for (const count of seen.values()) expect(Math.abs(count - 500)).toBeLessThan(100)
  })

  it('gives, with the cookie, those who came after it, oldest first, and nobody twice', () => {
    const bench = new Bench()
    bench.register('a')
    const first = bench.discover()
    for (const peer of ['b', 'c', 'd']) bench.register(peer)
    const second = bench.discover({ cookie: cookieOf(first), limit: 2n })
    expect(bench.peersOf(second)).toEqual(['b', 'c'])
    const third = bench.discover({ cookie: cookieOf(second), limit: 2n })
    expect(bench.peersOf(third)).toEqual(['d'])
    expect(bench.discover({ cookie: cookieOf(third) }).registrations).toEqual([])
  })

  it('tells those who poll of a peer with other addresses, at the end, and not of a mere renewal', () => {
    const bench = new Bench()
    for (const peer of ['a', 'b', 'c']) bench.register(peer)
    const cookie = cookieOf(bench.discover())
    bench.register('a')
    bench.register('b', 'ns', { addresses: 'elsewhere' })
    bench.register('d')
    bench.register('c', 'ns', { addresses: 'elsewhere' })
    expect(bench.peersOf(bench.discover({ cookie }))).toEqual(['b', 'd', 'c'])
  })

  it('refuses cookies of another life of the server, of the future, and what is none', () => {
    const bench = new Bench()
    bench.register('a')
    const other = new Bench({ life: new Uint8Array(8).fill(8) })
    const future = new Bench()
    for (const peer of ['a', 'b']) future.register(peer)
    const cookies = [
      cookieOf(other.discover()),
      cookieOf(future.discover()),
      Uint8Array.of(1),
      new Uint8Array(17)
    ]
    for (const cookie of cookies)
      expect(bench.discover({ cookie })).toEqual({
        status: ResponseStatus.E_INVALID_COOKIE,
        registrations: []
      })
  })

  it('says how long each registration still holds', () => {
    const bench = new Bench()
    bench.register('a', 'ns', { ttl: 60n })
    bench.nowMs += 20_500
    expect(bench.discover().registrations[0]?.ttlSeconds).toBe(40)
  })
})

describe('RendezvousRegistry, when connections close', () => {
  it('ends the registrations of a peer 10 s after its last connection closed', () => {
    const bench = new Bench()
    bench.register('a')
    bench.register('a', 'other')
    bench.register('b')
    bench.registry.peerLeft('a', bench.nowMs)
    bench.nowMs += 9_999
    expect(bench.peers()).toEqual(['a', 'b'])
    bench.nowMs += 1
    expect(bench.peers()).toEqual(['b'])
    expect(bench.peers({ namespace: 'other' })).toEqual([])
  })

  it('keeps them when the peer comes back in time', () => {
    const bench = new Bench()
    bench.register('a')
    bench.registry.peerLeft('a', bench.nowMs)
    bench.nowMs += 9_000
    bench.registry.peerCame('a', bench.nowMs)
    bench.nowMs += HOUR_MS
    expect(bench.peers()).toEqual(['a'])
  })

  it('does not bring back what ended before the peer came again', () => {
    const bench = new Bench()
    bench.register('a')
    bench.register('a', 'other')
    bench.registry.peerLeft('a', bench.nowMs)
    bench.nowMs += 10_000
    bench.register('a', 'other')
    expect(bench.peers()).toEqual([])
    expect(bench.peers({ namespace: 'other' })).toEqual(['a'])
  })

  it('frees all that has ended', () => {
    const bench = new Bench()
    for (let i = 0; i < 100; i++) bench.register(`p${i}`, `ns${i % 7}`, { ttl: 10n })
    bench.registry.peerLeft('p0', bench.nowMs)
    bench.nowMs += 10_000
    expect(bench.registry.size).toBe(100)
    bench.registry.expire(bench.nowMs)
    expect(bench.registry.size).toBe(0)
  })
})
