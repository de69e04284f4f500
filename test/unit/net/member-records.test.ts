import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, Logger, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MemberRecords } from '../../../src/net/member-records.ts'
import type { NeighborLink } from '../../../src/net/neighbor-link.ts'
import { signPeerRecord } from '../../../src/net/signed-peer-record.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const log = Object.assign(() => {}, { error: () => {}, trace: () => {} }) as unknown as Logger

let own: PrivateKey
let neighbor: PrivateKey
let other: PrivateKey
beforeAll(async () => {
  ;[own, neighbor, other] = (await Promise.all([1, 2, 3].map(() => generateKeyPair('Ed25519')))) as [
    PrivateKey,
    PrivateKey,
    PrivateKey
  ]
})

function recordOf(key: PrivateKey, port: number, sequence: number): Promise<Uint8Array> {
  const options = { sequence: BigInt(sequence), maxBytes: 1_024 }
  return signPeerRecord([multiaddr(`/ip4/192.0.2.1/tcp/${port}`)], key, options)
}

function linkTo(key: PrivateKey): NeighborLink {
  return { peerID: peerIdFromPrivateKey(key), ending: undefined } as unknown as NeighborLink
}

/** The records of a node whose addresses are the test's. */
class Node extends EventTarget {
  readonly peerId = peerIdFromPrivateKey(own)
  /** What was believed, as `peer:port`. */
  readonly heard: string[] = []
  changes = 0
  port = 1
  readonly records = new MemberRecords({
    libp2p: this as unknown as Libp2p,
    privateKey: own,
    clock: new VirtualClock(),
    log,
    onOwn: () => {
      this.changes += 1
      this.#changed?.()
    },
    onRecord: (peerID, multiaddrs) =>
      this.heard.push(
        ...multiaddrs.map(address => `${nameOf(peerID.toString())}:${address.toString().split('/')[4]}`)
      )
  })
  #changed: (() => void) | undefined

  getMultiaddrs(): unknown[] {
    return [multiaddr(`/ip4/192.0.2.9/tcp/${this.port}`)]
  }

  /** The next signature. */
  signed(): Promise<void> {
    return new Promise(resolve => {
      this.#changed = resolve
    })
  }
}

function nameOf(peer: string): string {
  const names = { own, neighbor, other }
  return Object.entries(names).find(([, key]) => peerIdFromPrivateKey(key).toString() === peer)?.[0] ?? '?'
}

let node: Node
beforeEach(() => {
  node = new Node()
})

describe('MemberRecords', () => {
  it('believes where a member says that it is, whoever passes that on', async () => {
    await node.records.take(linkTo(neighbor), peerIdFromPrivateKey(other), await recordOf(other, 7, 1))
    expect(node.heard).toEqual(['other:7'])
  })

  it('does not believe a record that somebody else signed, or that was changed', async () => {
    const link = linkTo(neighbor)
    await node.records.take(link, peerIdFromPrivateKey(other), await recordOf(neighbor, 7, 1))
    const changed = await recordOf(other, 7, 1)
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
    await node.records.take(link, peerIdFromPrivateKey(other), changed)
    await node.records.take(link, peerIdFromPrivateKey(other), new Uint8Array(200))
    expect(node.heard).toEqual([])
  })

  it('does not go back to an address of earlier times that a neighbor digs out', async () => {
    await node.records.take(linkTo(neighbor), peerIdFromPrivateKey(other), await recordOf(other, 8, 2))
    await node.records.take(linkTo(neighbor), peerIdFromPrivateKey(other), await recordOf(other, 7, 1))
    expect(node.heard).toEqual(['other:8'])
  })

  it('passes a neighbor on once over each link, and again when it has moved', async () => {
    const peerID = peerIdFromPrivateKey(neighbor)
    const [link, first, second] = [linkTo(neighbor), linkTo(other), linkTo(other)]
    const record = await recordOf(neighbor, 1, 1)
    await node.records.take(link, peerID, record)
    const told = [first, first, second].map(to => node.records.toTell(to, peerID.toString()))
    expect(told).toEqual([record, undefined, record])
    const moved = await recordOf(neighbor, 2, 2)
    await node.records.take(link, peerID, moved)
    expect(node.records.toTell(first, peerID.toString())).toEqual(moved)
  })

  it('passes on only what a neighbor says of itself, and nothing once it has gone', async () => {
    const link = linkTo(neighbor)
    await node.records.take(link, peerIdFromPrivateKey(other), await recordOf(other, 7, 1))
    await node.records.take(link, peerIdFromPrivateKey(neighbor), await recordOf(neighbor, 7, 1))
    expect(node.records.toTell(linkTo(own), peerIdFromPrivateKey(other).toString())).toBeUndefined()
    node.records.forget(peerIdFromPrivateKey(neighbor).toString())
    expect(node.records.toTell(linkTo(own), peerIdFromPrivateKey(neighbor).toString())).toBeUndefined()
  })

  it('passes on who looks for its place, neighbor or not, once over each link', async () => {
    const peer = peerIdFromPrivateKey(other).toString()
    const record = await recordOf(other, 7, 1)
    await node.records.take(linkTo(neighbor), peerIdFromPrivateKey(other), record)
    const link = linkTo(own)
    expect(node.records.toPassOn(link, peer)).toEqual(record)
    expect(node.records.toPassOn(link, peer)).toBeUndefined()
  })

  it('signs the own addresses, and anew when they change', async () => {
    const signed = node.signed()
    node.records.start()
    await signed
    const link = linkTo(neighbor)
    const before = node.records.ownToTell(link)
    expect(before?.byteLength).toBeGreaterThan(100)
    expect(node.records.ownToTell(link)).toBeUndefined()
    const again = node.signed()
    node.port = 2
    node.dispatchEvent(new Event('self:peer:update'))
    await again
    expect(node.records.ownToTell(link)).not.toEqual(before)
    expect(node.changes).toBe(2)
    node.records.close()
  })
})
