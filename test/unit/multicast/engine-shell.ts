import { expect } from 'vitest'
import { decodeControl, encodeControl } from '../../../src/core/multicast/control-codec.ts'
import type { Fragment } from '../../../src/core/multicast/fragment.ts'
import type {
  MulticastEffect,
  MulticastInit,
  MulticastInput,
  StreamInfo,
  StripeMasks
} from '../../../src/core/multicast/multicast-engine.ts'
import { StripeEngine } from '../../../src/core/multicast/stripe-engine.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

type Of<T extends MulticastEffect['type']> = Extract<MulticastEffect, { type: T }> & { atMs: number }

const NO_MASKS: StripeMasks = {
  subscribe: 0,
  unsubscribe: 0,
  until: 0,
  accept: 0,
  refuse: 0,
  revoke: 0,
  uplinkKbps: 0,
  interior: 0
}

/** What a neighbor says of itself that could give all eight stripes. */
export function infoOf(more: Partial<StreamInfo> & { delayMs?: number; path?: number[] } = {}): StreamInfo {
  const { delayMs = 0, path = [], ...rest } = more
  const stripes = Array.from({ length: 8 }, (_, stripe) => ({ stripe, delayMs, path }))
  return {
    asks: false,
    isLeaving: false,
    uplinkKbps: 10_000,
    rateKbps: 2_000,
    free: 32,
    open: 0xff,
    weakestKbps: 0,
    queueMs: 0,
    stripes,
    ...rest
  }
}

/** That the codec can say it, and says the same. */
function checkSayable(effect: Extract<MulticastEffect, { type: 'sendPull' | 'sendDenial' }>): void {
  const noPeer = (): never => {
    throw new Error('No peer in there')
  }
  const [said] = decodeControl(encodeControl(effect, noPeer), 'me', 8, noPeer)
  expect(said).toMatchObject({ numbers: effect.numbers })
}

/** An engine with a clock, a timer and an uplink that takes all at once, or what the test says. */
export class EngineShell {
  readonly engine: StripeEngine
  readonly effects: { effect: MulticastEffect; atMs: number }[] = []
  nowMs = 1_000_000
  /** Fragments are handed to the network at once, but to these: then the test says when. */
  readonly slow: Set<string> = new Set()
  #timerAtMs: number | undefined

  constructor(init: Partial<MulticastInit> = {}) {
    const random = seededRandom(1)
    this.engine = new StripeEngine({ peer: 'me', publisher: 'publisher', random, ...init })
  }

  tell(...inputs: MulticastInput[]): this {
    for (const input of inputs) this.#handle(input)
    return this
  }

  linkUp(...peers: readonly string[]): this {
    return this.tell(...peers.map(peer => ({ type: 'linkUp', peer, rttMs: 20 }) as const))
  }

  /** A neighbor that carries the stream. */
  carrier(peer: string, info: StreamInfo = infoOf()): this {
    return this.linkUp(peer).tell({ type: 'info', from: peer, info })
  }

  masks(from: string, masks: Partial<StripeMasks>): this {
    return this.tell({ type: 'stripes', from, masks: { ...NO_MASKS, ...masks } })
  }

  fragments(from: string, ...fragments: readonly Fragment[]): this {
    return this.tell(...fragments.map(fragment => ({ type: 'fragment', from, fragment }) as const))
  }

  publish(...fragments: readonly Fragment[]): this {
    return this.tell(...fragments.map(fragment => ({ type: 'publish', fragment }) as const))
  }

  /** A neighbor has all from 1 to this one. */
  has(from: string, base: number, keyframe = 1): this {
    const map = { low: 1, base, bits: new Uint8Array(0), keyframe }
    return this.tell({ type: 'map', from, map, queueMs: 0 })
  }

  /** Lets time pass; timers fire. */
  advance(ms: number): this {
    const untilMs = this.nowMs + ms
    while (this.#timerAtMs !== undefined && this.#timerAtMs <= untilMs) {
      this.nowMs = this.#timerAtMs
      this.#timerAtMs = undefined
      this.#handle({ type: 'timer' })
    }
    this.nowMs = untilMs
    return this
  }

  /** What of one kind has been asked for, in order. */
  all<T extends MulticastEffect['type']>(type: T): Of<T>[] {
    return this.effects
      .filter(({ effect }) => effect.type === type)
      .map(({ effect, atMs }) => ({ ...effect, atMs }) as Of<T>)
  }

  /** The same, and forgets all that was asked for until now. */
  take<T extends MulticastEffect['type']>(type: T): Of<T>[] {
    const all = this.all(type)
    this.effects.length = 0
    return all
  }

  /** The stripes that one neighbor was asked for, or told, so far. */
  said(to: string, word: 'subscribe' | 'unsubscribe' | 'accept' | 'refuse' | 'revoke'): number {
    return this.all('sendStripes')
      .filter(effect => effect.to === to)
      .reduce((mask, { masks }) => mask | masks[word], 0)
  }

  /** `'peer number'` of what was sent. */
  get sent(): string[] {
    return this.all('sendFragment').map(({ to, fragment }) => `${to} ${fragment.number}`)
  }

  get delivered(): number[] {
    return this.all('deliver').map(({ fragment }) => fragment.number)
  }

  #handle(input: MulticastInput): void {
    for (const effect of this.engine.handle(input, this.nowMs)) {
      this.effects.push({ effect, atMs: this.nowMs })
      if (effect.type === 'sendPull' || effect.type === 'sendDenial') checkSayable(effect)
      if (effect.type === 'setTimer') this.#timerAtMs = this.nowMs + effect.afterMs
      if (effect.type === 'sendFragment' && !this.slow.has(effect.to))
        this.#handle({ type: 'sent', to: effect.to, number: effect.fragment.number })
    }
  }
}
