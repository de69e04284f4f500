import { afterEach, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { meet } from '../support/group-meeting.ts'
import { addressOf, leave, newGroup, startPeer, startRelay } from '../support/peer-process.ts'

afterEach(killCliProcesses)

test('three peers that know only the address of a relay find each other through it, and each hears each', {
  timeout: 120_000
}, async () => {
  const relay = startRelay()
  const address = await addressOf(relay)
  const relayID = address.split('/p2p/')[1] ?? ''
  const groupspec = newGroup()
  const start = () => startPeer({ groupspec, endpoints: [address] })
  const { afterMs } = await meet(3, start, [relayID])
  console.log(`first neighbor through a relay after the second process's start: ${afterMs} ms`)
  await leave(relay)
})
