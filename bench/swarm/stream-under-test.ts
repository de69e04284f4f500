import { FRAGMENT_PAYLOAD_BYTES } from '../../src/core/multicast/fragmenter.ts'
import type { MulticastParameters } from '../../src/core/multicast/multicast-parameters.ts'
import { STRIPES } from '../../src/core/multicast/multicast-parameters.ts'
import type { SimGroup } from '../../test/support/sim-network/sim-group.ts'
import type { SimMember } from '../../test/support/sim-network/sim-member.ts'
import {
  FRAGMENT_KIND,
  SimMulticast,
  STREAM_CONTROL_KINDS
} from '../../test/support/sim-network/sim-multicast.ts'
import { FRAMES_PER_SECOND } from '../support/camera.ts'
import { Audience } from './audience.ts'
import { groupUnderTest } from './group-under-test.ts'
import { StreamSource } from './stream-source.ts'

/** Uplinks, as the issue has them: of the publisher, of most viewers, and of the weak part of them. */
const PUBLISHER_BITS_PER_SECOND = 10_000_000
const VIEWER_BITS_PER_SECOND = 3_000_000
const WEAK_BITS_PER_SECOND = 500_000
const WEAK_PART = 0.2

/** Of how many packets one is lost. */
const LOSS_RATE = 0.01

/** From so many viewers on, fragments are larger, since a run takes long. */
const LARGE_GROUP = 1_000
const LARGE_FRAGMENT_BYTES = 8_192

/** How the stream differs from the usual. */
export interface StreamTest {
  readonly seed: number
  /** So many will watch. */
  readonly viewers: number
  /** So many ms are published at most. */
  readonly durationMs: number
  /** By how much what members think of their uplink is wrong at most, either way. @default 0 */
  readonly misjudged?: number
  readonly stripes?: number
  readonly fragmentBytes?: number
  readonly parameters?: Partial<MulticastParameters>
}

/** A publisher, and viewers with uplinks of their own who watch; between eight regions, with loss. */
export class StreamUnderTest {
  readonly group: SimGroup
  readonly source: StreamSource
  readonly audience: Audience
  readonly #test: StreamTest
  #publisher: SimMember | undefined
  readonly #stripes: number
  readonly #members: SimMember[] = []

  constructor(test: StreamTest) {
    this.#test = test
    const fragmentBytes = test.viewers >= LARGE_GROUP ? LARGE_FRAGMENT_BYTES : FRAGMENT_PAYLOAD_BYTES
    this.source = new StreamSource(test.seed, test.fragmentBytes ?? fragmentBytes)
    this.#stripes = test.stripes ?? STRIPES
    this.group = groupUnderTest(test.seed, {
      lossRate: LOSS_RATE,
      protocols: [shell => new SimMulticast(shell, this.audience)]
    })
    const frames = Math.ceil((test.durationMs / 1_000) * FRAMES_PER_SECOND) + 1
    this.audience = new Audience(this.source, frames, () => this.group.network.nowMs)
  }

  /** A publisher and so many others come to be members, and settle. */
  gather(viewers: number, settlingMs: number): void {
    const { queue } = this.group.network
    this.#publisher = this.group.join({ uplinkBitsPerSecond: PUBLISHER_BITS_PER_SECOND })
    this.#members.push(this.#publisher)
    const joiningMs = Math.max(4_000, viewers * 4)
    for (let i = 0; i < viewers; i++) queue.after((joiningMs * i) / viewers, () => this.#join())
    this.group.network.advance(joiningMs + settlingMs)
  }

  /** The publisher announces its stream. */
  announce(): void {
    this.#carry(this.publisher)
  }

  /** Its first frame, and those that follow. */
  publish(): void {
    const { network } = this.group
    const stream = streamOf(this.publisher)
    const endMs = network.nowMs + this.#test.durationMs
    const next = (): void => {
      for (const fragment of this.source.next(network.nowMs)) stream.publish(fragment)
      if (network.nowMs + 1_000 / FRAMES_PER_SECOND < endMs)
        network.queue.after(1_000 / FRAMES_PER_SECOND, next)
    }
    next()
  }

  get publisher(): SimMember {
    if (this.#publisher === undefined) throw new Error('Nobody publishes')
    return this.#publisher
  }

  /** Who is there, but the publisher. */
  get others(): SimMember[] {
    return [...this.group.members.values()].filter(member => member !== this.publisher)
  }

  /** A member begins to watch. */
  watch(member: SimMember): void {
    if (!member.isAlive) return
    this.audience.join(member.peer)
    this.#carry(member)
  }

  /** Somebody comes, and watches at once. */
  arrive(): void {
    this.watch(this.#join())
  }

  /** A viewer goes without a word, and another comes. */
  replaceOne(): void {
    const gone = this.group.sample(2).find(member => member !== this.publisher)
    if (gone === undefined) return
    this.audience.leave(gone.peer)
    this.group.kill([gone])
    this.arrive()
  }

  figures(): Record<string, number> {
    const sum = (members: readonly SimMember[], kinds: readonly string[]): number =>
      members.reduce(
        (bytes, member) => bytes + kinds.reduce((all, kind) => all + this.#sent(member, kind), 0),
        0
      )
    const media = sum(this.#members, [FRAGMENT_KIND])
    const insights = this.#members.flatMap(member => {
      const insight = member.isAlive ? streamOf(member).engine?.insight : undefined
      return insight === undefined ? [] : [insight]
    })
    const mean = (of: (insight: (typeof insights)[number]) => number): number =>
      insights.reduce((all, insight) => all + of(insight), 0) / insights.length
    return {
      ...this.audience.figures(),
      publisher: sum([this.publisher], [FRAGMENT_KIND, ...STREAM_CONTROL_KINDS]) / this.source.bytes,
      control: sum(this.#members, STREAM_CONTROL_KINDS) / media,
      pulled: this.#pulled() / media,
      slots: mean(({ slots }) => slots),
      used: mean(({ used }) => used),
      parentless: mean(({ parentless }) => parentless),
      neighbors: mean(({ carrying }) => carrying),
      waitMs: mean(({ waitMs }) => waitMs)
    }
  }

  #pulled(): number {
    return this.#members.reduce(
      (all, member) => all + (streamOf(member).engine?.counters.bytesRequestedByPeers ?? 0),
      0
    )
  }

  #sent(member: SimMember, kind: string): number {
    return member.node.sentBytes[this.group.network.kindOf(kind)] ?? 0
  }

  #join(): SimMember {
    const isWeak = this.group.random() < WEAK_PART
    const member = this.group.join({
      uplinkBitsPerSecond: isWeak ? WEAK_BITS_PER_SECOND : VIEWER_BITS_PER_SECOND
    })
    this.#members.push(member)
    return member
  }

  #carry(member: SimMember): void {
    const { misjudged = 0, parameters = {} } = this.#test
    const error = member === this.publisher ? 0 : misjudged * (2 * this.group.random() - 1)
    streamOf(member).carry({
      publisher: this.publisher.peer,
      stripes: this.#stripes,
      parameters,
      uplinkBitsPerSecond: member.node.uplinkBitsPerSecond * (1 + error)
    })
  }
}

export function streamOf(member: SimMember): SimMulticast {
  const stream = member.protocols.find(protocol => protocol instanceof SimMulticast)
  if (stream === undefined) throw new Error(`${member.peer} has no stream`)
  return stream
}
