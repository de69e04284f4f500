// Posting in a group of 40, against stock gossipsub on the same dialed graph, in the same process and run, in alternating order.
//
//   npm run bench:posting            all bars
//   ROUNDS=5 npm run bench:posting   more rounds
//
// Payload copies are counted where they arrive, at the streams of the network in memory, the same way on both sides: every gossipsub RPC that comes in
// is decoded and its messages are counted. CPU is the process's, user and system, from the first post to the last delivery; the idle second before is
// subtracted from neither. Loss and churn are then put on ours: messages vanish at the transport, and peers are replaced.

import { median } from '../support/median.ts'
import { measureChurn } from './posting-churn.ts'
import { measureOurs, measureStock, type SideResult } from './posting-sides.ts'

const PEERS = 40
const POSTS_PER_PEER = 5
const BARS = { copies: 2.2, cpuRatio: 0.6, p95Ratio: 1 }
const rounds = Number(process.env['ROUNDS'] ?? 3)

const ours: SideResult[] = []
const stock: SideResult[] = []
for (let round = 0; round < rounds; round++) {
  const seed = round + 1
  // The graph comes from ours; stock dials the same edges. Whose turn it is to be measured first changes each round.
  const pair = await measureOurs({ peers: PEERS, postsPerPeer: POSTS_PER_PEER, seed })
  ours.push(pair.result)
  stock.push(await measureStock({ peers: PEERS, postsPerPeer: POSTS_PER_PEER, edges: pair.edges }))
  if (round % 2 === 1)
    ours[ours.length - 1] = (await measureOurs({ peers: PEERS, postsPerPeer: POSTS_PER_PEER, seed })).result
}
const churn = await measureChurn({ peers: PEERS, loss: 0.1, replacedPerMinute: 0.1, seconds: 60, seed: 1 })

const pick = (side: typeof ours, key: keyof (typeof ours)[number]): number =>
  median(side.map(run => run[key]))
const figures = {
  delivered: Math.min(...[...ours].map(run => run.delivered)),
  stockDelivered: pick(stock, 'delivered'),
  copies: pick(ours, 'copies'),
  stockCopies: pick(stock, 'copies'),
  cpuMs: pick(ours, 'cpuMs'),
  stockCpuMs: pick(stock, 'cpuMs'),
  p95Ms: pick(ours, 'p95Ms'),
  stockP95Ms: pick(stock, 'p95Ms'),
  churnDelivered: churn.delivered
}
const ratios = { cpuRatio: figures.cpuMs / figures.stockCpuMs, p95Ratio: figures.p95Ms / figures.stockP95Ms }

console.table({
  netgroup: {
    delivered: figures.delivered,
    'copies/delivery': figures.copies,
    'CPU ms/delivery': figures.cpuMs,
    'p95 ms': figures.p95Ms
  },
  'stock gossipsub': {
    delivered: figures.stockDelivered,
    'copies/delivery': figures.stockCopies,
    'CPU ms/delivery': figures.stockCpuMs,
    'p95 ms': figures.stockP95Ms
  }
})
console.log('raw', JSON.stringify({ ours, stock, churn }))
const met = {
  delivered: figures.delivered === 1,
  copies: figures.copies <= BARS.copies,
  cpu: ratios.cpuRatio <= BARS.cpuRatio,
  p95: ratios.p95Ratio <= BARS.p95Ratio,
  churn: churn.delivered === 1
}
console.log(JSON.stringify({ bench: 'posting', ...figures, ...ratios, bars: BARS, met }))
process.exit(Object.values(met).every(Boolean) ? 0 : 1)
