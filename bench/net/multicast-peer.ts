// A process of bench:multicast, on the built package: the relay, the publisher, or some of the viewers. Does what it is asked, and answers; ends when its parent is gone.
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setTimeout as elapsed } from 'node:timers/promises'
import { RelayServer } from 'netgroup/relay'
import { Camera, FRAMES_PER_SECOND } from '../support/camera.ts'
import { nowMs, nowUs } from './arrivals.ts'
import { SIDES, type Side, type SideInit, type SideName } from './multicast-sides.ts'

/** What a process has used, in all. */
export interface UsageFigures {
  readonly cpuMs: number
  /** Of all its TCP sockets, encryption and everything else included. */
  readonly writtenBytes: number
  readonly readBytes: number
}

/** What a publisher has sent. */
export interface SentFigures {
  readonly frames: number
  readonly bytes: number
}

/** Every TCP socket there was: counted below all of libp2p. */
const sockets: Socket[] = []
for (const name of ['net.client.socket', 'net.server.socket'])
  subscribe(name, message => sockets.push((message as { socket: Socket }).socket))

let side: Side | undefined

function requireSide(): Side {
  if (side === undefined) throw new Error('There is nobody in this process')
  return side
}

const commands = {
  relay: async () => {
    const relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], stunPort: 0 })
    return { address: relay.multiaddrs[0] }
  },
  start: async ({ name, ...init }: SideInit & { name: SideName }) => {
    side = await SIDES[name](init)
    return side.members
  },
  neighbors: () => requireSide().neighbors,
  dial: ({ member, address }: { member: number; address: string }) => requireSide().dial(member, address),
  publish: ({ name }: { name: string }) => requireSide().publish(name),
  watch: ({ name, publisher }: { name: string; publisher: string }) => requireSide().watch(name, publisher),
  end: async () => {
    await requireSide().end()
    requireSide().frames.length = 0
    requireSide().pieces.length = 0
  },
  /** A frame goes out when its time has come, whatever became of those before. */
  send: async ({ seconds, bitsPerSecond }: { seconds: number; bitsPerSecond: number }) => {
    const camera = new Camera(1, bitsPerSecond)
    const startMs = nowMs()
    const sent = { frames: 0, bytes: 0 }
    for (; sent.frames < seconds * FRAMES_PER_SECOND; sent.frames++) {
      await elapsed(startMs + (sent.frames * 1_000) / FRAMES_PER_SECOND - nowMs())
      const { bytes, isKeyframe: keyframe } = camera.next()
      const data = crypto.getRandomValues(new Uint8Array(bytes))
      requireSide()
        .send({ kind: 'video', timestamp: nowUs(), keyframe, data })
        .catch(error => console.error('A frame could not be sent:', error))
      sent.bytes += bytes
    }
    return sent
  },
  arrivals: () => {
    const { frames, pieces } = requireSide()
    return { frames: frames.map(({ figures }) => figures), pieces: pieces.map(({ figures }) => figures) }
  },
  usage: (): UsageFigures => {
    const { user, system } = process.cpuUsage()
    const sum = (of: (socket: Socket) => number): number => sockets.reduce((all, each) => all + of(each), 0)
    return {
      cpuMs: (user + system) / 1_000,
      writtenBytes: sum(({ bytesWritten }) => bytesWritten),
      readBytes: sum(({ bytesRead }) => bytesRead)
    }
  }
}

type Command = (given: unknown) => unknown

interface Question {
  readonly id: number
  readonly command: keyof typeof commands
}

process.on('message', async ({ id, command, ...given }: Question) => {
  try {
    process.send?.({ id, answer: (await (commands[command] as Command)(given)) ?? {} })
  } catch (error) {
    process.send?.({ id, error: String((error as Error).stack ?? error) })
  }
})
process.once('disconnect', () => process.exit())
process.send?.({ id: 0, answer: {} })
