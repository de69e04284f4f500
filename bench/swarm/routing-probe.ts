import type { SimGroup } from '../../test/support/sim-network/sim-group.ts'
import type { SimMember } from '../../test/support/sim-network/sim-member.ts'
import type { SimProtocolFactory } from '../../test/support/sim-network/sim-protocol.ts'
import { SimRouting } from '../../test/support/sim-network/sim-routing.ts'
import { percentile } from '../support/median.ts'

const PAYLOAD = new Uint8Array(100)

interface Sent {
  readonly to: string
  readonly atMs: number
  arrivedAtMs: number | undefined
  hops: number
}

/** Sends messages between members at random, and sees what becomes of them. Its protocol is to be among those of the group. */
export class RoutingProbe {
  /** Messages that somebody got for whom they were not. */
  misdelivered = 0
  /** Messages that came more than once. */
  doubled = 0
  readonly #sent = new Map<string, Sent>()
  #group: SimGroup | undefined

  /** For {@link SimGroupInit.protocols}. */
  readonly protocol: SimProtocolFactory = shell =>
    new SimRouting(shell, {
      onDelivered: (peer, message, travel) => this.#onDelivered(peer, message.id, travel?.hops ?? 0)
    })

  /** So many sends, evenly over this time, each from a member to another one. Time is let pass by the caller. */
  start(group: SimGroup, count: number, overMs: number): void {
    this.#group = group
    const members = [...group.members.values()]
    const pick = (): SimMember | undefined => members[Math.floor(group.random() * members.length)]
    for (let i = 0; i < count; i++) {
      let [from, to] = [pick(), pick()]
      while (from === to) to = pick()
      group.network.queue.after((overMs * i) / count, () => this.#send(from, to))
    }
  }

  get count(): number {
    return this.#sent.size
  }

  get arrived(): number {
    return this.#those().length
  }

  /** How many links messages passed that arrived: the mean, and the most. */
  get hops(): { readonly mean: number; readonly max: number } {
    const hops = this.#those().map(sent => sent.hops)
    return { mean: hops.reduce((sum, each) => sum + each, 0) / hops.length, max: Math.max(...hops) }
  }

  /** How long they took, in s: this share of them, no longer. */
  tookS(share: number): number {
    const took = this.#those().map(({ atMs, arrivedAtMs }) => ((arrivedAtMs ?? Number.NaN) - atMs) / 1_000)
    return percentile(took, share)
  }

  #those(): Sent[] {
    return [...this.#sent.values()].filter(({ arrivedAtMs }) => arrivedAtMs !== undefined)
  }

  #send(from: SimMember | undefined, to: SimMember | undefined): void {
    const routing = from?.protocols.find(protocol => protocol instanceof SimRouting)
    if (routing === undefined || to === undefined || this.#group === undefined) return
    // What goes to oneself is delivered before `send` returns; that is not sent here.
    const { id } = routing.send(to.peer, PAYLOAD)
    this.#sent.set(id.join(), {
      to: to.peer,
      atMs: this.#group.network.nowMs,
      arrivedAtMs: undefined,
      hops: 0
    })
  }

  #onDelivered(peer: string, id: Uint8Array, hops: number): void {
    const sent = this.#sent.get(id.join())
    if (sent === undefined || this.#group === undefined) return
    if (peer !== sent.to) this.misdelivered += 1
    else if (sent.arrivedAtMs !== undefined) this.doubled += 1
    else Object.assign(sent, { arrivedAtMs: this.#group.network.nowMs, hops })
  }
}
