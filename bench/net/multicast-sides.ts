// What bench:multicast compares, in one of its processes: members of a group; peers with a direct stream each; nodes with stock gossipsub. The publisher is the first process's only one.
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import {
  type MediaFrame,
  NetConnection,
  NetGroup,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher
} from 'netgroup'
import { Arrivals } from './arrivals.ts'
import { watchFragments } from './multicast-fragments.ts'
import { createStockNode, onEachReceived, type StockNode } from './stock-node.ts'

const NAME = 'film'
const LISTEN = '/ip4/127.0.0.1/tcp/0'

/** A member, as the others know it. */
export interface MemberName {
  readonly id: string
  readonly address: string
}

/** One way to bring frames from one to many. */
export interface Side {
  readonly members: readonly MemberName[]
  /** By member: ids of those with whom it has to do, by its own word. */
  readonly neighbors: readonly (readonly string[])[]
  /** By viewer: frames, whole and in their turn. */
  readonly frames: readonly Arrivals[]
  /** The same for what frames are sent in, where they are sent in pieces. */
  readonly pieces: readonly Arrivals[]
  /** Makes a link by hand, where that is not done by itself. */
  dial(member: number, address: string): Promise<void>
  /** The first member publishes from now on. */
  publish(): Promise<void>
  /** All watch from now on. @param publisher its address */
  watch(publisher: string): Promise<void>
  /** Sends a frame. */
  send(frame: MediaFrame & { readonly data: Uint8Array<ArrayBuffer> }): Promise<void>
}

/** How a {@link Side} is made. */
export interface SideInit {
  readonly count: number
  readonly relay: string
  readonly groupspec: string
}

/** The ways there are. */
export type SideName = 'group' | 'direct' | 'stock'

/** Each of them. */
export const SIDES: Readonly<Record<SideName, (init: SideInit) => Promise<Side>>> = {
  group: groupSide,
  direct: directSide,
  stock: stockSide
}

/** Members of a group, which they have come to by a relay. */
async function groupSide({ count, relay, groupspec }: SideInit): Promise<Side> {
  const pieces = await watchFragments()
  const frames: Arrivals[] = []
  const connections = await manyOf(count, () => NetConnection.connect(relay))
  const groups = await Promise.all(connections.map(each => NetGroup.join(each, groupspec)))
  const publisher = new Publisher(() => NetStream.publish(groups[0] as NetGroup, NAME))
  return {
    members: connections.map(nameOf),
    get neighbors() {
      return groups.map(group => group.neighbors.map(({ peerID }) => peerID))
    },
    frames,
    pieces,
    dial: async () => {},
    publish: () => publisher.start(),
    watch: async () => {
      for (const group of groups) frames.push(read(await NetStream.play(group, NAME)))
    },
    send: frame => publisher.send(frame)
  }
}

/** Each viewer has a stream of its own from the publisher. */
async function directSide({ count }: SideInit): Promise<Side> {
  const frames: Arrivals[] = []
  const connections = await manyOf(count, () => NetConnection.connect('lan:', { listen: [LISTEN] }))
  const publisher = new Publisher(() => NetStream.publishDirect(connections[0] as NetConnection, NAME))
  return {
    members: connections.map(nameOf),
    neighbors: [],
    frames,
    pieces: [],
    dial: async () => {},
    publish: () => publisher.start(),
    watch: async address => {
      for (const connection of connections)
        frames.push(read(await NetStream.playDirect(connection, multiaddr(address), NAME)))
    },
    send: frame => publisher.send(frame)
  }
}

/** Nodes with stock gossipsub: each frame is a message, with its timestamp in front. */
async function stockSide({ count }: SideInit): Promise<Side> {
  const frames: Arrivals[] = []
  const way = { listen: LISTEN, transports: [tcp()], connectionEncrypters: [noise()] }
  const nodes = await manyOf(count, () => createStockNode(way))
  for (const { services } of nodes) services.pubsub.subscribe(NAME)
  return {
    members: nodes.map(node => ({ id: node.peerId.toString(), address: String(node.getMultiaddrs()[0]) })),
    get neighbors() {
      return nodes.map(({ services }) => services.pubsub.getSubscribers(NAME).map(String))
    },
    frames,
    pieces: [],
    dial: async (member, address) => void (await nodes[member]?.dial(multiaddr(address))),
    publish: async () => {},
    watch: async () => {
      for (const node of nodes) frames.push(listen(node))
    },
    send: async ({ data, timestamp }) => {
      new DataView(data.buffer).setFloat64(0, timestamp)
      await nodes[0]?.services.pubsub.publish(NAME, data)
    }
  }
}

/** A stream that begins later. */
class Publisher {
  readonly #begin: () => Promise<NetStreamPublisher>
  #stream: NetStreamPublisher | undefined

  constructor(begin: () => Promise<NetStreamPublisher>) {
    this.#begin = begin
  }

  async start(): Promise<void> {
    this.#stream = await this.#begin()
  }

  async send(frame: MediaFrame): Promise<void> {
    await this.#stream?.write(frame)
  }
}

async function manyOf<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: count }, make))
}

function nameOf({ nearID, multiaddrs }: NetConnection): MemberName {
  return { id: nearID, address: multiaddrs[0] ?? '' }
}

function read(player: NetStreamPlayer): Arrivals {
  const arrivals = new Arrivals()
  const run = async (): Promise<void> => {
    for await (const { timestamp, data } of player.frames()) {
      arrivals.add(timestamp, timestamp)
      arrivals.addBytes(data.byteLength)
    }
  }
  run().catch(error => console.error('A stream cannot be read:', error))
  return arrivals
}

function listen(node: StockNode): Arrivals {
  const arrivals = new Arrivals()
  onEachReceived(node, data => arrivals.addBytes(data.byteLength))
  node.services.pubsub.addEventListener('message', ({ detail: { data } }) => {
    const timestamp = new DataView(data.buffer, data.byteOffset).getFloat64(0)
    arrivals.add(timestamp, timestamp)
  })
  return arrivals
}
