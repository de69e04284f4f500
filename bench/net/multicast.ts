// A live stream from one process to viewers in others, over TCP on this machine, against what it would cost to send it to each, and against stock gossipsub.
//
//   npm run bench:multicast                                           all bars: 40 viewers in 8 processes, 60 s
//   npm run bench:multicast -- --viewers 10 --processes 2 --seconds 10
//   npm run bench:multicast -- --only group                           one of group, direct, stock
//   PEER_FLAGS='--cpu-prof --cpu-prof-dir=/tmp/profiles' npm run bench:multicast
//
// The publisher, the relay, and groups of viewers are processes of their own on the built package. All join by the relay's address alone. The stream is 1 Mbit/s: 25 frames a second, a keyframe eight
// times as large every 2 s. A frame goes out when its time has come, whatever became of those before; its timestamp says when, and clocks are one machine's.
//
// Each side has viewers, processes and frames alike: `group` is NetStream.publish in a group; `direct` NetStream.publishDirect, a stream for each viewer; `stock` a gossipsub topic with a message for each
// frame, over the links that the group had. Those two run for a shorter time. Before each there is a small stream that does not count: code is compiled, on processors that all of them share.
//
// A frame counts when it is there, in its turn, within 3 s. Received is what came as fragments (or messages), headers and duplicates too, in multiples of the stream's bytes; at sockets everything counts:
// encryption, control, pings, gossip. CPU is in processors.
import { parseArgs } from 'node:util'
import { type Edge, measureSide, type SideFigures, type StreamLoad } from './multicast-measures.ts'
import type { SideName } from './multicast-sides.ts'

const BARS = { continuity: 1, received: 1.15, publisherAtSockets: 5, p95Ms: 300 }
const NAMES: readonly SideName[] = ['group', 'direct', 'stock']

/** The others run for so much of the time. */
const OTHERS_PART = 1 / 4

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '40' },
    processes: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '60' },
    'warm-up': { type: 'string', default: '15' },
    only: { type: 'string', multiple: true, default: [...NAMES] },
    json: { type: 'boolean', default: false }
  }
})
const names = NAMES.filter(name => values.only.includes(name))
if (names.length !== values.only.length) throw new Error(`--only takes ${NAMES.join(', ')}`)
const load: StreamLoad = {
  viewers: Number(values.viewers),
  processes: Number(values.processes),
  seconds: Number(values.seconds),
  warmUpSeconds: Number(values['warm-up']),
  bitsPerSecond: 1_000_000
}

const figures: Partial<Record<SideName, SideFigures>> = {}
let edges: readonly Edge[] = ringOf(load.viewers + 1)
for (const name of names) {
  const seconds = name === 'group' ? load.seconds : Math.ceil(load.seconds * OTHERS_PART)
  const side = await measureSide(name, { ...load, seconds }, name === 'stock' ? edges : [])
  if (name === 'group') edges = side.edges
  figures[name] = side.figures
}
tell()

const { group } = figures
const met =
  group === undefined
    ? {}
    : {
        continuity: group.continuity >= BARS.continuity,
        received: group.received <= BARS.received,
        publisher: group.publisherAtSockets <= BARS.publisherAtSockets,
        p95: group.p95Ms <= BARS.p95Ms
      }
console.log(JSON.stringify({ bench: 'multicast', ...load, ...figures, bars: BARS, met }))
process.exit(Object.values(met).every(Boolean) ? 0 : 1)

function tell(): void {
  if (values.json) return
  const names = Object.keys(Object.values(figures)[0] ?? {}) as (keyof SideFigures)[]
  const row = (name: keyof SideFigures): Record<string, number> =>
    Object.fromEntries(
      Object.entries(figures).map(([side, told]) => [side, Math.round(told[name] * 1_000) / 1_000])
    )
  console.table(Object.fromEntries(names.map(name => [name, row(name)])))
}

/** Where no group was measured before: each with ten others on each side. */
function ringOf(members: number): Edge[] {
  const steps = Math.min(10, Math.floor((members - 1) / 2))
  return Array.from({ length: members }, (_, a) =>
    Array.from({ length: steps }, (_, i): Edge => [a, (a + i + 1) % members])
  ).flat()
}
