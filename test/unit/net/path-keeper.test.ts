import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isCircuit } from '../../../src/net/path.ts'
import { PathKeeper, type PathUser } from '../../../src/net/path-keeper.ts'
import type { PeerPaths } from '../../../src/net/peer-paths.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const RELAY = '12D3KooWGC6TvWhfajpgX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

let peer: PeerId
beforeAll(async () => {
  peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
})

/** A connection with the streams that the test gives it. */
class Path {
  status = 'open'
  readonly remotePeer = peer
  readonly remoteAddr
  readonly limits = undefined
  readonly direction: 'inbound' | 'outbound'
  streams: { protocol: string }[] = []
  closed = 0
  /** What comes of closing it. */
  closing: () => Promise<void> = async () => {}

  constructor(address: string, direction: 'inbound' | 'outbound' = 'outbound') {
    this.remoteAddr = multiaddr(address)
    this.direction = direction
  }

  static circuit(): Path {
    return new Path(`/ip4/192.0.2.9/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${peer}`)
  }

  static direct(direction?: 'inbound' | 'outbound'): Path {
    return new Path(`/ip4/192.0.2.1/tcp/1/p2p/${peer}`, direction)
  }

  async close(): Promise<void> {
    this.closed += 1
    await this.closing()
    this.status = 'closed'
  }

  abort(): void {
    this.status = 'aborted'
  }

  get asConnection(): Connection {
    return this as unknown as Connection
  }
}

/** One group, linked with the peer over the path that the test says, and what it may find. */
class Surroundings {
  readonly clock = new VirtualClock()
  readonly #startMs = this.clock.now()
  readonly connections: Path[] = []
  readonly triesAtMs: number[] = []
  link: Path | undefined
  /** What comes of looking for a better path. */
  improve: (signal: AbortSignal) => Promise<Path | undefined> = async () => undefined
  canMove = true
  readonly keeper: PathKeeper

  constructor() {
    const user: PathUser = {
      connectionTo: () => this.link?.asConnection,
      directAddressesOf: async () => [],
      move: async connection => {
        if (!this.canMove) throw new Error('The handshake failed')
        this.link = this.connections.find(path => path.asConnection === connection)
        this.keeper.onLink(connection)
      }
    }
    const open = (): Path[] => this.connections.filter(({ status }) => status === 'open')
    const paths = {
      best: () => (open().find(path => !isCircuit(path.asConnection)) ?? open()[0])?.asConnection,
      isUsable: () => true,
      connectionsTo: () => this.connections.map(({ asConnection }) => asConnection),
      improve: async (_peerID: PeerId, _addresses: unknown, signal: AbortSignal) => {
        this.triesAtMs.push(this.clock.now() - this.#startMs)
        const better = await this.improve(signal)
        if (better !== undefined) this.connections.push(better)
        return better?.asConnection
      }
    } as unknown as PeerPaths
    this.keeper = new PathKeeper({
      paths,
      users: () => [user],
      clock: this.clock,
      random: () => 0.5,
      log: defaultLogger().forComponent('test')
    })
  }

  /** The link comes to be on this path. */
  linkOver(path: Path): Path {
    this.connections.push(path)
    this.link = path
    this.keeper.onLink(path.asConnection)
    return path
  }
}

let around: Surroundings
beforeEach(() => {
  around = new Surroundings()
})

describe('PathKeeper', () => {
  it('looks for a better path at once, moves there, and ends the circuit a moment later', async () => {
    const circuit = around.linkOver(Path.circuit())
    const direct = Path.direct()
    around.improve = async () => direct
    await around.clock.advance(1)
    expect(around.link).toBe(direct)
    expect(circuit.closed).toBe(0)
    await around.clock.advance(5_000)
    expect(circuit.closed).toBe(1)
    expect(direct.closed).toBe(0)
    await around.clock.advance(600_000)
    expect(around.triesAtMs).toEqual([0])
  })

  it('looks for a better path a moment later when the one there was has died', async () => {
    const circuit = Path.circuit()
    around.connections.push(circuit)
    around.link = circuit
    around.keeper.onLink(circuit.asConnection, true)
    await around.clock.advance(2_000)
    expect(around.triesAtMs).toEqual([2_000])
  })

  it('leaves a neighbor alone that is reached without a relay', async () => {
    around.linkOver(Path.direct())
    await around.clock.advance(600_000)
    expect(around.triesAtMs).toEqual([])
  })

  it('goes on over the relay when a try fails, and tries again with growing pauses (js-libp2p #3015)', async () => {
    const circuit = around.linkOver(Path.circuit())
    around.improve = async () => {
      throw new Error('ICE failed')
    }
    await around.clock.advance(240_000)
    expect(around.triesAtMs).toEqual([0, 1_000, 6_000, 21_000, 51_000, 111_000, 231_000])
    expect([around.link, circuit.closed]).toEqual([circuit, 0])
  })

  it('gives a try up that takes longer than 5 s at first, and 10 s later', async () => {
    around.linkOver(Path.circuit())
    around.improve = signal =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await around.clock.advance(25_000)
    expect(around.triesAtMs).toEqual([0, 6_000, 21_000])
  })

  it('tries again at once when the network is another one', async () => {
    around.linkOver(Path.circuit())
    around.improve = async () => {
      throw new Error('ICE failed')
    }
    await around.clock.advance(50_000)
    around.triesAtMs.splice(0)
    around.keeper.hurry()
    await around.clock.advance(4_000)
    expect(around.triesAtMs).toEqual([50_000, 51_000])
  })

  it('uses a better connection that the other side made, if that side does not', async () => {
    around.linkOver(Path.circuit())
    await around.clock.advance(1_000)
    const direct = Path.direct('inbound')
    around.connections.push(direct)
    around.keeper.onConnection(direct.asConnection)
    await around.clock.advance(1_999)
    expect(around.link).not.toBe(direct)
    await around.clock.advance(1)
    expect(around.link).toBe(direct)
  })

  it('begins anew when a path dies that the other side had found', async () => {
    const circuit = around.linkOver(Path.circuit())
    around.improve = async () => {
      throw new Error('ICE failed')
    }
    await around.clock.advance(50_000)
    const direct = around.linkOver(Path.direct('inbound'))
    await around.clock.advance(1_000)
    direct.status = 'closed'
    around.link = circuit
    around.triesAtMs.splice(0)
    around.keeper.onLink(circuit.asConnection, true)
    await around.clock.advance(5_000)
    expect(around.triesAtMs).toEqual([53_000, 54_000])
  })

  it('ends a circuit that does not close in good order all the same: it would look like a path', async () => {
    const circuit = around.linkOver(Path.circuit())
    circuit.closing = async () => {
      throw new Error('Late')
    }
    around.improve = async () => Path.direct()
    await around.clock.advance(20_000)
    expect([circuit.closed, circuit.status]).toEqual([1, 'aborted'])
  })

  it('keeps the circuit while the link has not come away from it', async () => {
    const circuit = around.linkOver(Path.circuit())
    around.canMove = false
    around.improve = async () => Path.direct()
    await around.clock.advance(20_000)
    expect([around.link, circuit.closed]).toEqual([circuit, 0])
    around.canMove = true
    await around.clock.advance(100_000)
    expect(around.link).not.toBe(circuit)
    expect(circuit.closed).toBe(1)
  })

  it('does not end a circuit that carries what cannot move by itself', async () => {
    const circuit = around.linkOver(Path.circuit())
    circuit.streams = [{ protocol: '/meshsub/1.2.0' }, { protocol: '/an/application/1.0.0' }]
    around.improve = async () => Path.direct()
    await around.clock.advance(60_000)
    expect(circuit.closed).toBe(0)
  })

  it('stops when the neighbor is gone, and when it is closed', async () => {
    around.linkOver(Path.circuit())
    around.link = undefined
    await around.clock.advance(100_000)
    expect(around.triesAtMs).toEqual([])
    around.linkOver(Path.circuit())
    around.keeper.close()
    await around.clock.advance(100_000)
    expect(around.triesAtMs).toEqual([])
  })
})
