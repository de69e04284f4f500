import type { EmitMulticast } from './multicast-engine.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'

interface Masks {
  subscribe: number
  unsubscribe: number
  accept: number
  refuse: number
  revoke: number
  until: number
}

/** What is to be said about stripes goes out together, one frame to each neighbor, when an input has been dealt with. */
export class Outgo {
  readonly #masks = new Map<MulticastNeighbor, Masks>()

  subscribe(to: MulticastNeighbor, mask: number): void {
    const masks = this.#of(to)
    masks.subscribe |= mask
    masks.unsubscribe &= ~mask
  }

  /** @param until fragments up to this one are still to come */
  unsubscribe(to: MulticastNeighbor, stripe: number, until = 0): void {
    const masks = this.#of(to)
    masks.until = Math.max(masks.until, until)
    masks.unsubscribe |= 1 << stripe
    masks.subscribe &= ~(1 << stripe)
  }

  accept(to: MulticastNeighbor, stripe: number): void {
    const masks = this.#of(to)
    masks.accept |= 1 << stripe
    masks.refuse &= ~(1 << stripe)
  }

  refuse(to: MulticastNeighbor, stripe: number): void {
    const masks = this.#of(to)
    masks.refuse |= 1 << stripe
    masks.accept &= ~(1 << stripe)
  }

  revoke(to: MulticastNeighbor, stripe: number): void {
    this.#of(to).revoke |= 1 << stripe
  }

  /** The neighbor is gone. */
  forget(to: MulticastNeighbor): void {
    this.#masks.delete(to)
  }

  flush(emit: EmitMulticast, uplinkKbps: number, children: { readonly interior: number }): void {
    if (this.#masks.size === 0) return
    const { interior } = children
    for (const [{ peer }, masks] of this.#masks)
      emit({ type: 'sendStripes', to: peer, masks: { ...masks, uplinkKbps, interior } })
    this.#masks.clear()
  }

  #of(to: MulticastNeighbor): Masks {
    let masks = this.#masks.get(to)
    if (masks === undefined) {
      masks = { subscribe: 0, unsubscribe: 0, accept: 0, refuse: 0, revoke: 0, until: 0 }
      this.#masks.set(to, masks)
    }
    return masks
  }
}
