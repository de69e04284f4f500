import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/net/clock.ts'
import { DepartedReservations } from '../../../src/relay/departed-reservations.ts'

let timers: (() => void)[]
let held: Set<string>
let cleared: number
let peer: PeerId
let departed: DepartedReservations

beforeEach(async () => {
  timers = []
  held = new Set()
  cleared = 0
  peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const clock: Clock = {
    now: () => 0,
    setTimer(callback) {
      timers.push(callback)
      return { cancel: () => void timers.splice(timers.indexOf(callback), 1) }
    }
  }
  const signal = Object.assign(new AbortController().signal, { clear: () => void cleared++, reset: () => {} })
  const reservations = {
    get: (peerID: PeerId) => (held.has(peerID.toString()) ? { signal } : undefined),
    delete: (peerID: PeerId) => void held.delete(peerID.toString())
  }
  departed = new DepartedReservations(reservations, clock, 30_000)
})

function passGrace(): void {
  for (const callback of [...timers]) callback()
}

describe('DepartedReservations', () => {
  it('frees the place of a peer that stays away, and stops the signal that would end its next reservation', () => {
    held.add(peer.toString())
    departed.left(peer)
    expect(held.size).toBe(1)
    passGrace()
    expect(held.size).toBe(0)
    expect(cleared).toBe(1)
  })

  it('keeps it for a peer that comes back in time', () => {
    held.add(peer.toString())
    departed.left(peer)
    departed.came(peer)
    passGrace()
    expect(held.size).toBe(1)
  })

  it('waits once for a peer that leaves often, for nobody without a reservation, and for nobody when closed', () => {
    departed.left(peer)
    expect(timers).toHaveLength(0)
    held.add(peer.toString())
    departed.left(peer)
    departed.left(peer)
    expect(timers).toHaveLength(1)
    departed.close()
    expect(timers).toHaveLength(0)
  })
})
