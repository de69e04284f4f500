import type { Fragment } from './fragment.ts'

/** A fragment for a neighbor. */
export interface Outgoing {
  readonly fragment: Fragment
  readonly isPulled: boolean
  /** What is lowest goes first: audio is 0, the others go by their number, so that what has come late does not come later still. */
  readonly rank: number
  /** When it was to go. */
  readonly sinceMs: number
}

/** What waits for one neighbor, here and at the shell. */
export class Outbox {
  readonly peer: string
  /** In order of coming. */
  readonly pushes: Outgoing[] = []
  /** Numbers that it asked for, and since when. */
  readonly pulls: Map<number, number> = new Map()
  /** Given to the shell, and not sent. */
  readonly handed: Outgoing[] = []
  handedBytes = 0
  /** When it took something last, or was given something. */
  takenMs = 0
  /** It takes nothing for a while: others need not wait for that. */
  isStalled = false

  constructor(peer: string) {
    this.peer = peer
  }

  /** Bytes at the shell that others wait for. */
  get activeBytes(): number {
    return this.isStalled ? 0 : this.handedBytes
  }

  /** The push that goes next: of those that go first, the one that came first. */
  nextPush(): Outgoing | undefined {
    let [next] = this.pushes
    if (next === undefined || next.rank === 0) return next
    for (const push of this.pushes) if (push.rank < next.rank) next = push
    return next
  }

  take(push: Outgoing): void {
    this.pushes.splice(this.pushes.indexOf(push), 1)
  }

  /** How long the oldest push has been waiting, in ms. */
  waitMs(nowMs: number): number {
    const oldest = this.handed.find(({ isPulled }) => !isPulled) ?? this.pushes[0]
    return oldest === undefined ? 0 : nowMs - oldest.sinceMs
  }

  /** These are pushed no more. */
  dropPushes(isDropped: (fragment: Fragment) => boolean): void {
    let kept = 0
    for (const push of this.pushes)
      if (!isDropped(push.fragment)) {
        this.pushes[kept] = push
        kept += 1
      }
    this.pushes.length = kept
  }
}
