// Clients of bench:relay that ask who is there.
import '../../src/platform/polyfill.ts'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { pbStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { RENDEZVOUS_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { RendezvousMessage } from '../../src/wire/rendezvous.ts'
import { MessageType, ResponseStatus } from '../../src/wire/rendezvous-protocol.ts'

const CLIENTS = 8
const DISCOVERS_PER_CLIENT = 50
/** Every client asks four times a second: together 32, as if 2,000 members polled every minute. */
const PAUSE_MS = 250
const MIN_REGISTRATIONS = 90

/** What the clients measured, in ms. */
export interface Discovers {
  times: number[]
  errors: number
}

/** Asks in all groups, from several clients. */
export async function measureDiscovers(relay: string, groups: number): Promise<Discovers> {
  const result: Discovers = { times: [], errors: 0 }
  await Promise.all(Array.from({ length: CLIENTS }, (_, i) => askAgainAndAgain(relay, i, groups, result)))
  return result
}

async function askAgainAndAgain(
  relay: string,
  number: number,
  groups: number,
  result: Discovers
): Promise<void> {
  const client = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })
  try {
    await client.dial(multiaddr(relay))
    await new Promise(resolve => setTimeout(resolve, (number * PAUSE_MS) / CLIENTS))
    for (let i = 0; i < DISCOVERS_PER_CLIENT; i++) {
      const startedAtMs = performance.now()
      const found = await discover(
        client,
        relay,
        `netgroup/3/${String((number + i) % groups).padStart(32, 'a')}`
      )
      result.times.push(performance.now() - startedAtMs)
      if (found < MIN_REGISTRATIONS) result.errors++
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  } catch (error) {
    result.errors++
    console.error('a discover failed:', error)
  } finally {
    await client.stop()
  }
}

async function discover(client: Libp2p, relay: string, ns: string): Promise<number> {
  const stream = await client.dialProtocol(multiaddr(relay), RENDEZVOUS_PROTOCOL)
  const messages = pbStream(stream).pb(RendezvousMessage)
  await messages.write({ type: MessageType.DISCOVER, discover: { ns } })
  const { discoverResponse } = await messages.read()
  await stream.close()
  if (discoverResponse?.status !== ResponseStatus.OK)
    throw new Error(`answered ${discoverResponse?.statusText}`)
  return discoverResponse.registrations.length
}
