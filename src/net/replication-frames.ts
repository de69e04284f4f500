// Frames of object replication as the engine has them, and back.
import { decodeRanges, encodeRanges } from '../core/replication/range-codec.ts'
import { isRange, type RangeSet } from '../core/replication/range-set.ts'
import type {
  DenialReason,
  ReplicationEffect,
  ReplicationInput,
  SetChange
} from '../core/replication/replication-engine.ts'
import type { Frame } from '../wire/link.ts'
import { Cancel, Denial, Have, Queue, Request, Want } from '../wire/replication.ts'

/** As their numbers in a frame. */
const DENIALS: readonly DenialReason[] = ['denied', 'absent', 'busy', 'elsewhere']

/** What a neighbor says, and in which namespace. */
export interface NamespaceInputs {
  readonly namespace: string
  readonly inputs: readonly ReplicationInput[]
}

/** Undefined for a frame that is not about objects. @throws for what nobody sends who keeps to the rules */
export function inputsOf(
  { have, want, request, cancel, denial, queue }: Frame,
  from: string
): NamespaceInputs | undefined {
  if (have !== undefined) {
    const { namespace, asks, ...ranges } = Have.decode(have)
    return { namespace, inputs: [{ type: 'have', from, change: changeOf(ranges), asks }] }
  }
  if (want !== undefined) {
    const { namespace, ...ranges } = Want.decode(want)
    return { namespace, inputs: [{ type: 'want', from, change: changeOf(ranges) }] }
  }
  if (request !== undefined) {
    const { namespace, indices } = Request.decode(request)
    return { namespace, inputs: indices.map(index => ({ type: 'request', from, index: checked(index) })) }
  }
  if (cancel !== undefined) return about(Cancel.decode(cancel), { type: 'cancel', from })
  if (denial !== undefined) {
    const { reason, instead, ...object } = Denial.decode(denial)
    return about(object, {
      type: 'denial',
      from,
      reason: DENIALS[reason] ?? 'denied',
      ...(instead === undefined ? {} : { instead: checked(instead) })
    })
  }
  if (queue === undefined) return undefined
  const { namespace, waiting } = Queue.decode(queue)
  return { namespace, inputs: [{ type: 'queue', from, waiting }] }
}

/** What of the effects goes to a neighbor as a frame. */
export type FrameEffect = Extract<
  ReplicationEffect,
  { type: 'sendHave' | 'sendWant' | 'sendCancel' | 'sendDenial' | 'sendQueue' }
>

export function frameOf(namespace: string, effect: FrameEffect): Frame {
  switch (effect.type) {
    case 'sendHave':
      return { have: Have.encode({ namespace, ...rangesOf(effect.change), asks: effect.asks }) }
    case 'sendWant':
      return { want: Want.encode({ namespace, ...rangesOf(effect.change) }) }
    case 'sendCancel':
      return { cancel: Cancel.encode({ namespace, index: effect.index }) }
    case 'sendDenial':
      return {
        denial: Denial.encode({
          namespace,
          index: effect.index,
          reason: DENIALS.indexOf(effect.reason),
          ...(effect.instead === undefined ? {} : { instead: effect.instead })
        })
      }
    case 'sendQueue':
      return { queue: Queue.encode({ namespace, waiting: effect.waiting }) }
  }
}

/** The frame's fields. */
interface Ranges {
  readonly isWhole: boolean
  readonly added: number[]
  readonly removed: number[]
}

function rangesOf({ isWhole, added, removed }: SetChange): Ranges {
  return { isWhole, added: encodeRanges(added), removed: encodeRanges(removed) }
}

function changeOf({ isWhole, added, removed }: Ranges): SetChange {
  const decoded: { readonly added: RangeSet; readonly removed: RangeSet } = {
    added: decodeRanges(added),
    removed: decodeRanges(removed)
  }
  return { isWhole, ...decoded }
}

function about(
  { namespace, index }: { namespace: string; index: number },
  input:
    | { readonly type: 'cancel'; readonly from: string }
    | {
        readonly type: 'denial'
        readonly from: string
        readonly reason: DenialReason
        readonly instead?: number
      }
): NamespaceInputs {
  return { namespace, inputs: [{ ...input, index: checked(index) }] }
}

function checked(index: number): number {
  if (!isRange(index, index)) throw new RangeError(`No index of an object: ${index}`)
  return index
}
