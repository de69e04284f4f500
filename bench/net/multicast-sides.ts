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

const TOPIC = 'film'
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
  readonly frames: Arrivals[]
  /** The same for what frames are sent in, where they are sent in pieces. */
  readonly pieces: Arrivals[]
  /** Makes a link by hand, where that is not done by itself. */
  dial(member: number, address: string): Promise<void>
  /** The first member publishes from now on, a stream of this name. */
  publish(name: string): Promise<void>
  /** All watch from now on. @param publisher its address */
  watch(name: string, publisher: string): Promise<void>
  /** The stream is over. */
  end(): Promise<void>
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
  const publisher = new Publisher(name => NetStream.publish(groups[0] as NetGroup, name))
  return {
    members: connections.map(nameOf),
    get neighbors() {
      return groups.map(group => group.neighbors.map(({ peerID }) => peerID))
    },
    frames,
    pieces,
    dial: async () => {},
    publish: name => publisher.start(name),
    end: () => publisher.end(),
    watch: async name => {
      for (const group of groups) frames.push(read(await NetStream.play(group, name)))
    },
    send: frame => publisher.send(frame)
  }
}

/** Each viewer has a stream of its own from the publisher. */
async function directSide({ count }: SideInit): Promise<Side> {
  const frames: Arrivals[] = []
  const connections = await manyOf(count, () => NetConnection.connect('lan:', { listen: [LISTEN] }))
  const publisher = new Publisher(name => NetStream.publishDirect(connections[0] as NetConnection, name))
  return {
    members: connections.map(nameOf),
    neighbors: [],
    frames,
    pieces: [],
    dial: async () => {},
    publish: name => publisher.start(name),
    end: () => publisher.end(),
    watch: async (name, address) => {
      for (const connection of connections)
        frames.push(read(await NetStream.playDirect(connection, multiaddr(address), name)))
    },
    send: frame => publisher.send(frame)
  }
}

/** Nodes with stock gossipsub: each frame is a message, with its timestamp in front. */
async function stockSide({ count }: SideInit): Promise<Side> {
  const frames: Arrivals[] = []
  const way = { listen: LISTEN, transports: [tcp()], connectionEncrypters: [noise()] }
  const nodes = await manyOf(count, () => createStockNode(way))
  for (const { services } of nodes) services.pubsub.subscribe(TOPIC)
  for (const node of nodes) listen(node, () => frames[nodes.indexOf(node)])
  return {
    members: nodes.map(node => ({ id: node.peerId.toString(), address: String(node.getMultiaddrs()[0]) })),
    get neighbors() {
      return nodes.map(({ services }) => services.pubsub.getSubscribers(TOPIC).map(String))
    },
    frames,
    pieces: [],
    dial: async (member, address) => void (await nodes[member]?.dial(multiaddr(address))),
    publish: async () => {},
    watch: async () => void frames.push(...nodes.map(() => new Arrivals())),
    end: async () => {},
    send: async ({ data, timestamp }) => {
      new DataView(data.buffer).setFloat64(0, timestamp)
      await nodes[0]?.services.pubsub.publish(TOPIC, data)
    }
  }
}

/** A stream that begins later. */
class Publisher {
  readonly #begin: (name: string) => Promise<NetStreamPublisher>
  #stream: NetStreamPublisher | undefined

  constructor(begin: (name: string) => Promise<NetStreamPublisher>) {
    this.#begin = begin
  }

  async start(name: string): Promise<void> {
    this.#stream = await this.#begin(name)
  }

  async end(): Promise<void> {
    await this.#stream?.close()
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

function listen(node: StockNode, arrivals: () => Arrivals | undefined): void {
  onEachReceived(node, data => arrivals()?.addBytes(data.byteLength))
  node.services.pubsub.addEventListener('message', ({ detail: { data } }) => {
    const timestamp = new DataView(data.buffer, data.byteOffset).getFloat64(0)
    arrivals()?.add(timestamp, timestamp)
  })
}
