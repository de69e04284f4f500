// A node with stock gossipsub, which our figures are compared with.
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

/** What it listens on, and what it is reached by. */
export type StockWay = Required<Pick<Libp2pOptions, 'transports' | 'connectionEncrypters'>> & {
  readonly listen: string
}

/** A libp2p node with gossipsub. */
export type StockNode = Libp2p<{ pubsub: GossipSub; identify: Identify; identifyPush: IdentifyPush }>

/** Starts one. */
export async function createStockNode({
  listen,
  transports,
  connectionEncrypters
}: StockWay): Promise<StockNode> {
  return await createLibp2p({
    addresses: { listen: [listen] },
    transports,
    connectionEncrypters,
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: Number.POSITIVE_INFINITY },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      // Stock, but for the score that silences peers with one IP address, which here is all of them.
      pubsub: gossipsub({ scoreParams: { IPColocationFactorWeight: 0 } })
    }
  })
}

/** Called with each message that a node's gossipsub receives, duplicates included; ours and stock. */
export function onEachReceived(node: Libp2p, onMessage: (data: Uint8Array) => void): void {
  const pubsub = (node.services as { pubsub: unknown }).pubsub as Receiver
  const receive = pubsub.handleReceivedMessage.bind(pubsub)
  pubsub.handleReceivedMessage = (from, message) => {
    onMessage(message.data ?? NOTHING)
    return receive(from, message)
  }
}

const NOTHING = new Uint8Array()

/** A method of @libp2p/gossipsub 17.1.1 that every received message goes through. */
interface Receiver {
  handleReceivedMessage(from: unknown, message: { readonly data?: Uint8Array }): Promise<void>
}
