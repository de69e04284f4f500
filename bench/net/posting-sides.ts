// Both sides of the posting benchmark: the same posts, ours and stock gossipsub's, over the memory transport with the same muxer and no encryption of
// connections.
import type { Libp2p } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { plaintext } from '@libp2p/plaintext'
import { multiaddr } from '@multiformats/multiaddr'
import { GroupSpecifier, type NetConnection, type NetGroup } from 'netgroup'
import { createTestNetwork, joinAll, type TestNetwork } from 'netgroup/testing'
import { median, percentile } from '../support/median.ts'
import { createStockNode, onEachReceived, type StockNode } from './stock-node.ts'

const PAYLOAD_BYTES = 1_024
const TOPIC = 'posting'
/** Links of one's own making: with those that others make, a degree of about 20. */
const OWN_LINKS = 10
const DEADLINE_MS = 60_000

export interface SideResult {
  /** Of all deliveries that should have been, how many were. */
  delivered: number
  /** Payloads that arrived at peers, per delivery. */
  copies: number
  /** CPU of the process per delivery, in ms. */
  cpuMs: number
  p50Ms: number
  p95Ms: number
}

interface Load {
  peers: number
  postsPerPeer: number
}

type Edge = readonly [number, number]

/** A group with a posting password, each member with the right to post. */
export async function protectedGroup(): Promise<GroupSpecifier> {
  const spec = new GroupSpecifier('bench', { postingEnabled: true })
  await spec.setPostingPassword('bench')
  return spec
}

export async function measureOurs({
  peers,
  postsPerPeer,
  seed
}: Load & { seed: number }): Promise<{ result: SideResult; edges: Edge[] }> {
  const network = await createTestNetwork(peers, { seed })
  try {
    const groups = await joinAll<Uint8Array>(network.connections, await protectedGroup(), {
      maxNeighbors: OWN_LINKS
    })
    const edges = edgesOf(network, groups)
    await settle()
    const received = countCopies(network.connections.map(connection => connection.libp2p))
    await warmUp(peers, (i, payload) => groups[i]?.post(payload))
    const copiesBefore = received()
    const run = new Run(peers, postsPerPeer)
    for (const group of groups)
      group.addEventListener('NetGroup.Posting.Notify', ({ info }) => run.onDelivery(info.message))
    return {
      result: await run.measure(
        (i, payload) => groups[i]?.post(payload),
        () => received() - copiesBefore
      ),
      edges
    }
  } finally {
    await network.close()
  }
}

export async function measureStock({
  peers,
  postsPerPeer,
  edges
}: Load & { edges: readonly Edge[] }): Promise<SideResult> {
  const nodes = await Promise.all(Array.from({ length: peers }, (_, i) => stockNode(i)))
  try {
    for (const node of nodes) node.services.pubsub.subscribe(TOPIC)
    for (const [a, b] of edges) await (nodes[a] as StockNode).dial(multiaddr(`/memory/stock-${b}`))
    await until(() =>
      nodes.every((node, i) => node.services.pubsub.getSubscribers(TOPIC).length >= degreeOf(i, edges))
    )
    await settle()
    const received = countCopies(nodes)
    await warmUp(peers, (i, payload) => (nodes[i] as StockNode).services.pubsub.publish(TOPIC, payload))
    const copiesBefore = received()
    const run = new Run(peers, postsPerPeer)
    for (const node of nodes)
      node.services.pubsub.addEventListener('message', ({ detail }) => run.onDelivery(detail.data))
    return await run.measure(
      (i, payload) => (nodes[i] as StockNode).services.pubsub.publish(TOPIC, payload),
      () => received() - copiesBefore
    )
  } finally {
    await Promise.all(nodes.map(node => node.stop()))
  }
}

function stockNode(index: number): Promise<StockNode> {
  return createStockNode({
    listen: `/memory/stock-${index}`,
    transports: [memory()],
    connectionEncrypters: [plaintext()]
  })
}

/** Counts payloads that arrive: calls of the node's own handler of received messages, duplicates included. */
function countCopies(nodes: readonly Libp2p[]): () => number {
  let copies = 0
  for (const node of nodes)
    onEachReceived(node, () => {
      copies += 1
    })
  return () => copies
}

/** One burst of posts: everybody posts, in turns, each payload with its number and time in front. */
class Run {
  readonly #deliveries: number
  readonly #posts: number
  readonly #latenciesMs: number[] = []
  readonly #startedAtMs: number[] = []
  readonly #peers: number
  #done = Promise.withResolvers<void>()

  constructor(peers: number, postsPerPeer: number) {
    this.#peers = peers
    this.#posts = peers * postsPerPeer
    this.#deliveries = this.#posts * (peers - 1)
  }

  onDelivery(payload: Uint8Array): void {
    const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
    this.#latenciesMs.push(performance.now() - (this.#startedAtMs[number] as number))
    if (this.#latenciesMs.length === this.#deliveries) this.#done.resolve()
  }

  async measure(
    post: (peer: number, payload: Uint8Array) => unknown,
    received: () => number
  ): Promise<SideResult> {
    const deadline = setTimeout(() => this.#done.resolve(), DEADLINE_MS)
    const before = process.cpuUsage()
    for (let number = 0; number < this.#posts; number++) {
      const payload = crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES))
      new DataView(payload.buffer).setUint32(0, number)
      this.#startedAtMs[number] = performance.now()
      await post(number % this.#peers, payload)
      await pause(POST_EVERY_MS)
    }
    await this.#done.promise
    clearTimeout(deadline)
    const { user, system } = process.cpuUsage(before)
    const deliveries = this.#latenciesMs.length
    return {
      delivered: deliveries / this.#deliveries,
      copies: received() / deliveries,
      cpuMs: (user + system) / 1_000 / deliveries,
      p50Ms: median(this.#latenciesMs),
      p95Ms: percentile(this.#latenciesMs, 0.95)
    }
  }
}

/** So far apart that stock keeps up: a queue that grows would measure the machine, not the protocol. */
const POST_EVERY_MS = 200

function edgesOf(network: TestNetwork, groups: readonly NetGroup<Uint8Array>[]): Edge[] {
  const index = new Map(network.connections.map(({ nearID }: NetConnection, i) => [nearID, i]))
  return groups.flatMap((group, a) =>
    group.neighbors.flatMap(({ peerID }) => {
      const b = index.get(peerID) as number
      return a < b ? [[a, b] as const] : []
    })
  )
}

function degreeOf(peer: number, edges: readonly Edge[]): number {
  return edges.filter(edge => edge.includes(peer)).length
}

/** Everybody posts once, on both sides: code gets compiled, and ours verifies each author's grant, which it does once. */
async function warmUp(peers: number, post: (peer: number, payload: Uint8Array) => unknown): Promise<void> {
  for (let peer = 0; peer < peers; peer++) {
    await post(peer, crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES)))
    await pause(POST_EVERY_MS)
  }
  await pause(2_000)
}

/** Meshes take a few heartbeats to form. */
async function settle(): Promise<void> {
  await pause(4_000)
}

export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('The network did not form')
    await pause(50)
  }
}

export async function pause(ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}
