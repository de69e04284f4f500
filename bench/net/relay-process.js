// The relay of bench:relay, as a process of its own on the built package: tells its address, and its memory whenever it is asked. NODE_OPTIONS and flags are the bench's.
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as elapsed } from 'node:timers/promises'
import { RelayServer } from 'netgroup/relay'

/** Collections until nothing more is freed: finalizers run in between. */
const COLLECTIONS = 4

/** Linux says here how long the main thread has run, and stood in the queue for a processor, in ns (proc(5), schedstat). */
const SCHEDULER = '/proc/self/schedstat'

const relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], stunPort: 0 })
process.send({ address: relay.multiaddrs[0] })
process.on('message', async () => process.send(await figures()))
process.on('disconnect', () => relay.close())

async function figures() {
  const { rss: rssBefore } = process.memoryUsage()
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc()
    await elapsed(100)
  }
  const memory = process.memoryUsage()
  // `external` counts array buffers too.
  const used = memory.heapUsed + memory.external
  return { ...memory, rssBefore, used, ...schedule(), ...relay.stats }
}

function schedule() {
  if (!existsSync(SCHEDULER)) return { ranMs: 0, waitedMs: 0 }
  const [ran, waited] = readFileSync(SCHEDULER, 'utf8').split(' ')
  return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 }
}
