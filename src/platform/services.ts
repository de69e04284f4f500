import { identify, identifyPush } from '@libp2p/identify'
import type { PeerId } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { gossipsub, type Message, type TopicValidatorResult } from '#gossipsub'
import type { Clock } from '../net/clock.ts'
import { GroupHost, type HostComponents } from '../net/group-host.ts'
import { withoutHeartbeat, withoutLeftoverTimers } from '../net/leftover-timers.ts'
import type { Pubsub } from '../net/pubsub.ts'
import { MAX_PUBSUB_OUTBOUND_BYTES, MAX_PUBSUB_RPC_BYTES, SEEN_WINDOW_MS } from '../wire/limits.ts'
import { gossipToMesh, type MeshGossip, REMEMBERED_HEARTBEATS } from './mesh-gossip.ts'

/** What the services need of their surroundings. */
export interface ServicesInit {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
}

/** The services that a libp2p node needs for netgroup. */
export type NetgroupServices = {
  identify: ReturnType<typeof identify>
  identifyPush: ReturnType<typeof identifyPush>
  pubsub: (components: HostComponents) => object
}

/** Bytes of an author's id in the fast message id: with the 8 bytes of the sequence number more than enough to tell messages apart. */
const FAST_ID_AUTHOR_BYTES = 8

/**
 * Mesh degree. measured: bench/net/posting.ts, 40 members: each payload arrives 1.7 to 1.8 times where gossipsub's default of 6 makes it 6.2 to 7.2; what the thin
 * mesh loses, gossip brings within a heartbeat.
 */
const MESH_DEGREE = { D: 3, Dlo: 2, Dhi: 3, Dout: 1, Dscore: 2 }

/** gossipsub's default, in ms. */
const HEARTBEAT_MS = 1_000

/** Whoever left a topic may come back after this, in ms: a group that is left and joined again must not be without a mesh for 10 s. */
const UNSUBSCRIBE_BACKOFF_MS = 1_000

/**
 * What a node of one's own has to be made with: `createLibp2p({ …, services: { ...netgroupServices(), … } })`. Its pubsub is gossipsub behind
 * netgroup's membership gate: it speaks only with neighbors of groups, so topics of one's own on it reach no others.
 */
export function createServices(init: ServicesInit): NetgroupServices {
  return {
    identify: identify({ runOnLimitedConnection: true }),
    identifyPush: withoutLeftoverTimers(identifyPush({ runOnLimitedConnection: true })),
    pubsub: (components: HostComponents) => createPubsub(components, init)
  }
}

function createPubsub(components: HostComponents, { clock, randomBytes }: ServicesInit): object {
  const host = new GroupHost({ components, clock, randomBytes })
  const service = gossipsub(gossipsubOptions(host))({
    privateKey: components.privateKey,
    peerId: components.peerId,
    peerStore: components.peerStore,
    connectionManager: components.connectionManager,
    logger: components.logger,
    registrar: Object.assign(Object.create(components.registrar), gateMethods(host))
  })
  const gossip = gossipToMesh(service, peer => Math.ceil(host.gate.neighborForMs(peer) / HEARTBEAT_MS) + 1)
  host.gate.onReopened = peer => gossip.onReopened(peer)
  host.attach(service, adapt(service, gossip))
  const { start, stop } = lifeCycleOf(service)
  return Object.assign(service, {
    start: async () => {
      await host.links.start()
      await start()
    },
    // Before the connections end.
    beforeStop: () => host.close(),
    stop: async () => {
      await stop()
      await host.links.stop()
    }
  })
}

function gateMethods({
  gate
}: GroupHost): Pick<GroupHost['gate'], 'handle' | 'unhandle' | 'register' | 'unregister'> {
  return {
    handle: gate.handle.bind(gate),
    unhandle: gate.unhandle.bind(gate),
    register: gate.register.bind(gate),
    unregister: gate.unregister.bind(gate)
  }
}

/** gossipsub's life cycle is not in its public type, but libp2p calls it. */
function lifeCycleOf(service: object): { start: () => Promise<void>; stop: () => Promise<void> } {
  const { start, stop } = service as { start(): Promise<void>; stop(): Promise<void> }
  return { start: start.bind(service), stop: withoutHeartbeat(service, stop.bind(service)) }
}

/** Fixed; the reasons are in docs/PROTOCOL.md, section 5. */
function gossipsubOptions(host: GroupHost): Parameters<typeof gossipsub>[0] {
  return {
    globalSignaturePolicy: 'StrictSign',
    ...MESH_DEGREE,
    floodPublish: false,
    fallbackToFloodsub: false,
    doPX: false,
    allowPublishToZeroTopicPeers: true,
    runOnLimitedConnection: true,
    seenTTL: SEEN_WINDOW_MS,
    heartbeatInterval: HEARTBEAT_MS,
    mcacheLength: REMEMBERED_HEARTBEATS,
    unsubcribeBackoff: UNSUBSCRIBE_BACKOFF_MS,
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    maxOutboundBufferSize: MAX_PUBSUB_OUTBOUND_BYTES,
    maxInboundDataLength: MAX_PUBSUB_RPC_BYTES,
    fastMsgIdFn: ({ from, seqno }) =>
      bytesToText(
        concat([from?.subarray(-FAST_ID_AUTHOR_BYTES) ?? new Uint8Array(0), seqno ?? new Uint8Array(0)]),
        'latin1'
      ),
    scoreParams: {
      // Behind one relay or NAT, or in one process, the default silences groups of more than about 15.
      IPColocationFactorWeight: 0,
      appSpecificScore: peer => host.scoreOf(peer),
      appSpecificWeight: 1,
      // Promises that a lossy path breaks are no misbehavior; floods of grafts still cost.
      behaviourPenaltyThreshold: 50,
      behaviourPenaltyWeight: -1
    },
    scoreThresholds: { gossipThreshold: -40, publishThreshold: -60, graylistThreshold: -90 }
  }
}

function adapt(service: ReturnType<ReturnType<typeof gossipsub>>, gossip: MeshGossip): Pubsub {
  return {
    subscribe: topic => service.subscribe(topic),
    unsubscribe(topic) {
      service.unsubscribe(topic)
      gossip.onLeft(topic)
    },
    getSubscribers: topic => service.getSubscribers(topic),
    publish: (topic, data) => service.publish(topic, data),
    setValidator(topic, validator) {
      if (validator === undefined) service.topicValidators.delete(topic)
      else {
        service.topicValidators.set(
          topic,
          (peer: PeerId, message: Message) => validator(peer, message) as TopicValidatorResult
        )
      }
    },
    onSubscriptionChange(listener) {
      const onChange = ({ detail }: CustomEvent<{ peerId: PeerId }>): void => listener(detail.peerId)
      service.addEventListener('subscription-change', onChange)
      return () => service.removeEventListener('subscription-change', onChange)
    }
  }
}
