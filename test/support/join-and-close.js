// Joins and closes a group many times on one connection, and tells the heap before and after:
// node --expose-gc join-and-close.js GROUPSPEC WARM-UP TIMES [neighbor]
// With `neighbor`, a second peer in the group is linked and posted to each time.
import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'

const [groupspec, warmUp, times, neighbor] = process.argv.slice(2)

const connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
const other = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
if (neighbor !== undefined) await NetGroup.join(other, groupspec)

const spec = GroupSpecifier.parse(groupspec)
if (neighbor !== undefined) for (const address of other.multiaddrs) spec.addBootstrapPeer(address)

async function joinAndClose() {
  const group = await NetGroup.join(connection, spec)
  if (neighbor !== undefined) await group.post('hello', { waitForNeighborMs: 10_000 })
  await group.close()
}

/** What is still in use, once all that has just ended is really over. */
async function heapBytes() {
  // Posts are kept for 17 s, for neighbors that missed them.
  if (neighbor !== undefined) await new Promise(resolve => setTimeout(resolve, 18_000))
  for (let round = 0; round < 5; round++) {
    await new Promise(resolve => setTimeout(resolve, 200))
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}

for (let count = 0; count < Number(warmUp); count++) await joinAndClose()
const beforeBytes = await heapBytes()
for (let count = 0; count < Number(times); count++) await joinAndClose()
const afterBytes = await heapBytes()
console.log(JSON.stringify({ code: 'Heap', beforeBytes, afterBytes }))
await connection.close()
await other.close()
