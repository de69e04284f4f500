// Several members of one group in a process of their own, on the built package: node ring-peers.js COUNT GROUPSPEC ENDPOINT…
// Tells on stdout in rows of JSON who its members are and whom each is linked to. A line of input is a JSON array of peer ids: each member sends each of them a message and waits for the receipt. Ends
// with its input.
import { createInterface } from 'node:readline'
import { NetConnection, NetGroup } from 'netgroup'
import { tell } from './process-rows.js'

/** Neighbors are told so long after they have changed, in ms: telling costs time that the members need for each other. */
const TELL_AFTER_MS = 100

/** Sends of one member at once. */
const AT_ONCE = 4

const [count, groupspec, ...endpoints] = process.argv.slice(2)

const groups = await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const connection = await NetConnection.connect(endpoints, { connectTimeoutMs: 30_000 })
    const group = await NetGroup.join(connection, groupspec)
    let told = ''
    let isTelling = false
    const tellNeighbors = () => {
      isTelling = false
      const neighbors = group.neighbors.map(({ peerID }) => peerID).sort()
      if (neighbors.join() === told) return
      told = neighbors.join()
      tell('Neighbors', { peerID: connection.nearID, neighbors })
    }
    group.subscribe(() => {
      if (!isTelling) setTimeout(tellNeighbors, TELL_AFTER_MS).unref()
      isTelling = true
    })
    tell('Member', { peerID: connection.nearID, groupAddress: group.groupAddress })
    return group
  })
)
tell('Joined', {})

for await (const line of createInterface({ input: process.stdin })) {
  const peers = JSON.parse(line)
  const results = (await Promise.all(groups.map(group => sendAll(group, peers)))).flat()
  tell('Sent', { results })
}
await Promise.all(groups.map(({ connection }) => connection.close()))

async function sendAll(group, peers) {
  const waiting = peers.filter(peer => peer !== group.connection.nearID)
  const results = []
  const work = async () => {
    for (let peer = waiting.pop(); peer !== undefined; peer = waiting.pop()) {
      const sinceMs = performance.now()
      const outcome = await group
        .sendToPeer('hello', peer, { receipt: true })
        .catch(error => ({ result: error.message }))
      results.push({ from: group.connection.nearID, to: peer, ms: performance.now() - sinceMs, ...outcome })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}
