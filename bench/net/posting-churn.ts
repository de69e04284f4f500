// Loss and churn on ours: messages vanish at the transport, members are replaced all the time, and whoever was there throughout hears everything.
import type { NetConnection } from 'netgroup'
import { NetGroup } from 'netgroup'
import { createTestNetwork, joinAll } from 'netgroup/testing'
import { pause, protectedGroup } from './posting-sides.ts'

const PAYLOAD_BYTES = 1_024
const POST_EVERY_MS = 500
/** A message that was lost on its way comes with gossip, one heartbeat (1 s) after another. */
const LAST_WORDS_MS = 15_000

interface Member {
  connection: NetConnection
  group: NetGroup<Uint8Array>
  heard: Set<number>
  joinedAtPost: number
}

interface ChurnLoad {
  peers: number
  loss: number
  replacedPerMinute: number
  seconds: number
  seed: number
}

export async function measureChurn(
  load: ChurnLoad
): Promise<{ delivered: number; expected: number; missed: number; replaced: number; posts: number }> {
  const { peers, loss, replacedPerMinute, seconds, seed } = load
  const network = await createTestNetwork(peers, { seed })
  const spec = await protectedGroup()
  let posts = 0
  const watch = (connection: NetConnection, group: NetGroup<Uint8Array>): Member => {
    const member: Member = { connection, group, heard: new Set(), joinedAtPost: posts }
    group.addEventListener('NetGroup.Posting.Notify', ({ info }) => {
      member.heard.add(new DataView(info.message.buffer, info.message.byteOffset).getUint32(0))
    })
    return member
  }
  const groups = await joinAll<Uint8Array>(network.connections, spec, { maxNeighbors: 10 })
  const members = groups.map((group, i) => watch(network.connections[i] as NetConnection, group))
  // The first half stays throughout; the second half is replaced, oldest first.
  const staying = members.slice(0, peers / 2)
  const leaving = members.slice(peers / 2)
  network.setLoss(loss)
  const replaceEveryMs = 60_000 / (peers * replacedPerMinute)
  const endAtMs = performance.now() + seconds * 1_000
  let nextReplacementMs = performance.now() + replaceEveryMs / 2
  let replaced = 0
  const said = new Map<number, Member>()
  while (performance.now() < endAtMs) {
    const poster = staying[posts % staying.length] as Member
    const payload = crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES))
    new DataView(payload.buffer).setUint32(0, posts)
    said.set(posts, poster)
    posts += 1
    await poster.group.post(payload)
    if (performance.now() >= nextReplacementMs) {
      nextReplacementMs += replaceEveryMs
      replaced += 1
      void (leaving.shift() as Member).connection.close()
      const connection = await network.connect()
      leaving.push(watch(connection, await NetGroup.join<Uint8Array>(connection, spec, { maxNeighbors: 10 })))
    }
    await pause(POST_EVERY_MS)
  }
  await pause(LAST_WORDS_MS)
  let expected = 0
  let missed = 0
  for (const member of staying) {
    for (const [post, poster] of said) {
      if (poster === member) continue
      expected += 1
      if (!member.heard.has(post)) missed += 1
    }
  }
  await network.close()
  return { delivered: (expected - missed) / expected, expected, missed, replaced, posts }
}
