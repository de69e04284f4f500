import type { StreamFrame } from '../../core/multicast/fragmenter.ts'

/** A frame of a direct stream. */
export interface DirectFrame extends StreamFrame {
  /** It is a call of `send()`. */
  readonly isCall: boolean
  /** Of a call, at its publisher: what is called. */
  readonly handler?: string
}
