import { beforeEach, describe, expect, it } from 'vitest'
import { gossipToMesh } from '../../../src/platform/mesh-gossip.ts'
import { MAX_REMEMBERED_POST_BYTES } from '../../../src/wire/limits.ts'

const TOPIC = 'topic'

interface Entry {
  msgId: Uint8Array
  msgIdStr: string
  topic: string
}

/** The parts of gossipsub that are looked into, as its source has them. */
class Gossip {
  readonly mesh = new Map([[TOPIC, new Set<string>()]])
  readonly fanout = new Map<string, Set<string>>()
  readonly topics = new Map([[TOPIC, new Set(['a', 'b', 'c'])]])
  readonly streamsOutbound = new Map(['a', 'b', 'c'].map(peer => [peer, {}]))
  /** By peer: the ids it was told of at the last heartbeat. */
  told: Record<string, string> = {}
  known: Record<string, number> = { a: 17, b: 2, c: 17 }
  readonly mcache = {
    history: Array.from({ length: 17 }, (): Entry[] => []),
    msgs: new Map<string, { message: { data: Uint8Array }; validated: boolean }>(),
    put: (id: object, message: { data?: Uint8Array }): boolean => {
      const entry = id as Entry
      this.mcache.msgs.set(entry.msgIdStr, { message: message as { data: Uint8Array }, validated: true })
      this.mcache.history[0]?.push(entry)
      return true
    },
    remove: (id: string): void => {
      this.mcache.msgs.delete(id)
    }
  }
  readonly meshGossip = gossipToMesh(this, peer => this.known[peer] ?? 0)

  emitGossip(_peersByTopic: Map<string, Set<string>>): void {}

  pushGossip(peer: string, { messageIDs }: { messageIDs: Uint8Array[] }): void {
    this.told[peer] = messageIDs.map(id => id[0]).join(' ')
  }

  /** A message comes. */
  hear(number: number, bytes = 1): void {
    const id = { msgId: Uint8Array.of(number), msgIdStr: String(number), topic: TOPIC }
    this.mcache.put(id, { data: new Uint8Array(bytes) })
  }

  heartbeat(): Record<string, string> {
    this.told = {}
    this.emitGossip(new Map())
    this.mcache.history.pop()
    this.mcache.history.unshift([])
    return this.told
  }
}

let gossip: Gossip
beforeEach(() => {
  gossip = new Gossip()
})

/** One message per heartbeat, numbered. */
function pass(heartbeats: number): void {
  for (let number = 1; number <= heartbeats; number++) {
    gossip.hear(number)
    gossip.heartbeat()
  }
}

describe('gossipToMesh', () => {
  it('tells mesh peers what came within three heartbeats, and nobody else anything', () => {
    gossip.mesh.get(TOPIC)?.add('a')
    pass(5)
    expect(gossip.heartbeat()).toEqual({ a: '5 4' })
  })

  it('tells who is new in the mesh everything since it became a neighbor, once', () => {
    pass(10)
    gossip.mesh.get(TOPIC)?.add('a').add('b')
    expect(gossip.heartbeat()).toEqual({ a: '10 9 8 7 6 5 4 3 2 1', b: '10 9' })
    expect(gossip.heartbeat()).toEqual({ a: '10', b: '10' })
  })

  it('tells fanout peers too: who posts with an empty mesh has some, and they hear others’ posts by nobody else', () => {
    gossip.fanout.set(TOPIC, new Set(['c']))
    pass(2)
    expect(gossip.heartbeat()).toEqual({ c: '2 1' })
  })

  it('tells a peer that has a stream again everything since it became a neighbor, in the mesh or not', () => {
    pass(10)
    gossip.streamsOutbound.delete('a')
    gossip.meshGossip.onReopened('a')
    expect(gossip.heartbeat()).toEqual({})
    gossip.streamsOutbound.set('a', {})
    expect(gossip.heartbeat()).toEqual({ a: '10 9 8 7 6 5 4 3 2 1' })
    expect(gossip.heartbeat()).toEqual({})
  })

  it('forgets the messages of a topic that was left', () => {
    gossip.hear(1)
    gossip.meshGossip.onLeft('another')
    expect(gossip.mcache.msgs.size).toBe(1)
    gossip.meshGossip.onLeft(TOPIC)
    expect(gossip.mcache.msgs.size).toBe(0)
  })

  it('forgets the oldest messages when those that are kept take too much room', () => {
    gossip.mesh.get(TOPIC)?.add('a')
    for (let number = 1; number <= 4; number++) gossip.hear(number, MAX_REMEMBERED_POST_BYTES / 3)
    expect([...gossip.mcache.msgs.keys()]).toEqual(['2', '3', '4'])
    expect(gossip.heartbeat()).toEqual({ a: '2 3 4' })
  })
})
