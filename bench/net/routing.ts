// What sendToPeer to a neighbor costs: ping-pong between two processes over TCP on this machine, against a bare libp2p stream on the same connection, in the same run.
//
//   npm run bench:routing             all bars
//   ROUNDS=40 npm run bench:routing   more rounds
//
// The other side answers from its handler: with sendToPeer what came by sendToPeer, with the same bytes what came on the stream. One message is under way at a time. Batches of both
// alternate, and which of them is first changes each round; medians are taken over the batches' medians. The stream's side is as bare as it can be: no frames, no lengths, no copy.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Stream } from '@libp2p/interface'
import { NetConnection, NetGroup } from 'netgroup'
import { median } from '../support/median.ts'

/** Messages of three sizes: what is fixed and what grows. */
const PAYLOAD_BYTES = [64, 1_024, 16_384]

/** The goal, for all sizes, and what each run keeps: docs/KNOWN-GAPS.md. */
const GOAL = 1.3
const BARS: Readonly<Record<number, number>> = { 64: 1.45, 16384: 1.4 }
const PINGS = 200
const WARM_UP_ROUNDS = 20
const rounds = Number(process.env['ROUNDS'] ?? 20)

/** Sends one message. What it is answered with calls back `onAnswer`. */
interface Ping {
  send(payload: Uint8Array<ArrayBuffer>): void
  onAnswer: () => void
}

/** One round trip after the other, the next one from the handler of the one before. The median, in ms. */
function batch(ping: Ping, bytes: number): Promise<number> {
  const payload = crypto.getRandomValues(new Uint8Array(bytes))
  const times: number[] = []
  return new Promise(resolve => {
    let startMs = performance.now()
    ping.onAnswer = () => {
      const nowMs = performance.now()
      times.push(nowMs - startMs)
      startMs = nowMs
      if (times.length < PINGS) ping.send(payload)
      else resolve(median(times))
    }
    ping.send(payload)
  })
}

function pingOver(stream: Stream): Ping {
  let awaited = 0
  const ping: Ping = {
    send: payload => {
      awaited = payload.byteLength
      stream.send(payload)
    },
    onAnswer: () => {}
  }
  stream.addEventListener('message', ({ data }) => {
    awaited -= data.byteLength
    if (awaited === 0) ping.onAnswer()
  })
  return ping
}

function pingIn(group: NetGroup<Uint8Array>, peerID: string): Ping {
  const ping: Ping = {
    send: payload => void group.sendToPeer(payload, peerID),
    onAnswer: () => {}
  }
  group.addEventListener('NetGroup.SendTo.Notify', () => ping.onAnswer())
  return ping
}

/** Both, in turns: the median of each, in ms. */
async function measure(ours: Ping, bare: Ping, bytes: number): Promise<{ oursMs: number; bareMs: number }> {
  const times = { ours: [] as number[], bare: [] as number[] }
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const isOursFirst = round % 2 === 0
    const first = await batch(isOursFirst ? ours : bare, bytes)
    const second = await batch(isOursFirst ? bare : ours, bytes)
    if (round < 0) continue
    times.ours.push(isOursFirst ? first : second)
    times.bare.push(isOursFirst ? second : first)
  }
  console.log('raw', JSON.stringify({ bytes, ...times }))
  return { oursMs: median(times.ours), bareMs: median(times.bare) }
}

const echo = fork(fileURLToPath(new URL('routing-echo.js', import.meta.url)))
const [groupspec] = (await once(echo, 'message')) as [string]
const connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
const group = await NetGroup.join<Uint8Array>(connection, groupspec)
await group.waitForNeighbors(1, { signal: AbortSignal.timeout(20_000) })
const peerID = group.neighbors[0]?.peerID as string
const carrier = connection.libp2p
  .getConnections()
  .find(({ streams }) => streams.some(({ protocol }) => protocol.startsWith('/netgroup/link/')))
if (carrier === undefined) throw new Error('There is no connection that carries the link')
const bare = pingOver(await carrier.newStream('/bench/echo/1.0.0'))
const ours = pingIn(group, peerID)

const results: { bytes: number; oursMs: number; bareMs: number; ratio: number }[] = []
for (const bytes of PAYLOAD_BYTES) {
  const { oursMs, bareMs } = await measure(ours, bare, bytes)
  results.push({ bytes, oursMs, bareMs, ratio: oursMs / bareMs })
}
echo.disconnect()

console.table(
  Object.fromEntries(
    results.map(({ bytes, oursMs, bareMs, ratio }) => [
      `${bytes} bytes`,
      { 'sendToPeer, round trip ms': oursMs, 'bare stream ms': bareMs, ratio }
    ])
  )
)
const met = { ratio: results.every(({ bytes, ratio }) => ratio <= (BARS[bytes] ?? GOAL)) }
console.log(
  JSON.stringify({
    bench: 'routing',
    transport: group.neighbors[0]?.transport,
    results,
    goal: GOAL,
    bars: BARS,
    met
  })
)
process.exit(met.ratio ? 0 : 1)
