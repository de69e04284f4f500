import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { IceServers } from '../../../src/net/ice-servers.ts'
import { memberAddresses } from '../../../src/net/member-addresses.ts'
import { relaysOf, webRelay } from '../../../src/net/relay-source.ts'

const RELAY = '12D3KooWGC6TvWhfajpgX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const OTHER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A web server that answers this to everything. */
async function serve(status: number, body: unknown): Promise<URL> {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/page`)
}

const ask = async (url: URL): Promise<string[]> =>
  (await webRelay(url).addresses(AbortSignal.timeout(5_000))).map(String)

describe('A relay given by its web address', () => {
  it('is found at the multiaddrs that it names', async () => {
    const named = `/ip4/192.0.2.1/tcp/4001/p2p/${RELAY}`
    expect(await ask(await serve(200, { multiaddrs: [named, 'nonsense', 7] }))).toEqual([named])
  })

  it('is found at its web address first, when it takes WebSockets there', async () => {
    const url = await serve(200, { peerID: RELAY, multiaddrs: ['/ip4/10.0.0.1/tcp/1'], webSocket: true })
    expect(await ask(url)).toEqual([`/ip4/127.0.0.1/tcp/${url.port}/ws/p2p/${RELAY}`, '/ip4/10.0.0.1/tcp/1'])
  })

  it.each([
    [404, {}, 'answered 404'],
    [200, {}, 'names no relay'],
    [200, [], 'names no relay'],
    [200, { multiaddrs: ['nonsense'] }, 'names no relay'],
    [200, { peerID: 'nonsense', webSocket: true }, 'names no relay']
  ])('is refused with a reason when the answer is %i %j', async (status, body, reason) => {
    await expect(ask(await serve(status, body))).rejects.toThrow(reason)
  })

  it('is refused with a reason when nobody answers', async () => {
    await expect(ask(new URL('http://127.0.0.1:1/'))).rejects.toThrow('cannot be read')
  })
})

describe('relaysOf', () => {
  it('takes several addresses of one relay for one, and those without a peer id each for one', () => {
    const [a, b, c, d] = [
      multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${RELAY}`),
      multiaddr('/ip4/192.0.2.2/tcp/1'),
      multiaddr(`/ip4/192.0.2.1/tcp/2/ws/p2p/${RELAY}`),
      multiaddr('/ip4/192.0.2.3/tcp/1')
    ]
    expect(relaysOf([a, b, c, d])).toEqual([[a, c], [b], [d]])
  })
})

describe('memberAddresses', () => {
  const told = (verified: string[], listening: string[] = []): string[] =>
    memberAddresses(
      verified.map(address => multiaddr(address)),
      listening.map(address => multiaddr(address)),
      OTHER
    ).map(String)
  const circuit = (relay: string): string => `${relay}/p2p/${RELAY}/p2p-circuit/p2p/${OTHER}`

  it('has the public addresses of own interfaces, which libp2p keeps back', () => {
    expect(told([`/ip4/10.0.0.1/tcp/1/p2p/${OTHER}`], ['/ip4/10.0.0.1/tcp/1', '/ip4/5.9.9.1/tcp/1'])).toEqual(
      [`/ip4/10.0.0.1/tcp/1/p2p/${OTHER}`, `/ip4/5.9.9.1/tcp/1/p2p/${OTHER}`]
    )
  })

  it('has one way per kind to each relay, the one that reaches farthest', () => {
    expect(
      told([
        circuit('/ip4/127.0.0.1/tcp/1'),
        circuit('/ip4/5.9.9.1/tcp/1'),
        circuit('/ip4/10.0.0.1/tcp/1'),
        circuit('/ip4/10.0.0.1/tcp/2/ws')
      ])
    ).toEqual([circuit('/ip4/5.9.9.1/tcp/1'), circuit('/ip4/10.0.0.1/tcp/2/ws')])
  })
})

describe('IceServers', () => {
  it('keep the application’s password, whatever a relay tells', () => {
    const own = { urls: 'turn:a', username: 'ada', credential: 'own' }
    const servers = new IceServers([own])
    servers.tell('relay', [{ urls: 'turn:a', username: 'eve', credential: 'another' }])
    expect(servers.all).toEqual([own])
  })

  it('are those of the application and of the relays in use, each once', () => {
    const servers = new IceServers([{ urls: 'stun:a' }])
    expect(servers.tell('relay', [{ urls: 'stun:b' }, { urls: 'stun:a' }])).toBe(true)
    expect(servers.tell('relay', [{ urls: 'stun:b' }, { urls: 'stun:a' }])).toBe(false)
    expect(servers.all.map(({ urls }) => urls)).toEqual(['stun:a', 'stun:b'])
  })

  it('name no STUN server of a relay beside the application’s to a platform that draws one by lot', () => {
    const servers = new IceServers([{ urls: 'turn:a' }, { urls: ['stun:a', 'turns:a'] }])
    servers.tell('relay', [{ urls: 'stun:b' }, { urls: ['stun:c', 'turn:c'], username: 'ada' }])
    expect(servers.preferred).toEqual([
      { urls: 'turn:a' },
      { urls: ['stun:a', 'turns:a'] },
      { urls: ['turn:c'], username: 'ada' }
    ])
  })

  it('are a relay’s, where the application named no STUN server', () => {
    const servers = new IceServers([{ urls: 'turn:a' }])
    servers.tell('relay', [{ urls: 'stun:b' }])
    expect(servers.preferred).toEqual(servers.all)
  })
})
