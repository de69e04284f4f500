import { MAX_KEPT_FRAGMENT_BYTES, MAX_KEPT_FRAGMENTS, MAX_UNVERIFIED_FRAGMENTS } from '../../wire/limits.ts'
import { type AvailabilityMap, bitsAbove } from './availability-map.ts'
import { END_OF_STREAM, type Fragment } from './fragment.ts'

/** Places at first. Guess: ten seconds of 2 Mbit/s take half of them. */
const FIRST_PLACES = 1_024

/** A neighbor's word is no more than this ahead of the fragment itself, in ms. Guess: twice the delay of streams to 500. */
const MAX_FORESIGHT_MS = 2_000

/** The fragments of the window and the relay margin, and since when each number is known to exist. */
export class FragmentStore {
  #fragments: (Fragment | undefined)[] = new Array(FIRST_PLACES)
  #knownAtMs = new Float64Array(FIRST_PLACES)
  #start: number | undefined
  #low = 1
  #base = 0
  #skipped = 0
  #highest = 0
  #known = 0
  #bytes = 0
  #keyframe = 0
  #last = Number.POSITIVE_INFINITY

  /** Where the stream begins for this member; undefined: nothing of it has come. */
  get start(): number | undefined {
    return this.#start
  }

  /** The lowest number that may still be here. */
  get low(): number {
    return this.#low
  }

  /** Nothing is missing up to here: it has come, or its time is over. */
  get base(): number {
    return this.#base
  }

  /** The highest that was given up, 0: none. */
  get skipped(): number {
    return this.#skipped
  }

  /** The highest that has come, 0: none. */
  get highest(): number {
    return this.#highest
  }

  /** The highest known to exist: by later ones, or by a neighbor's word. */
  get known(): number {
    return this.#known
  }

  /** The first fragment of the latest keyframe. */
  get keyframe(): number {
    return this.#keyframe
  }

  /** Is the last one known, and nothing missing up to it? */
  get isEnded(): boolean {
    return this.#base >= this.#last
  }

  /** Is the last one known? */
  get isEnding(): boolean {
    return this.#last !== Number.POSITIVE_INFINITY
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'places' | 'bytes', number>> {
    return { places: this.#fragments.length, bytes: this.#bytes }
  }

  /** The stream begins with this number. */
  begin(number: number): void {
    this.#start = number
    this.#low = number
    this.#base = number - 1
    this.#known = Math.max(this.#known, number - 1)
  }

  has(number: number): boolean {
    return this.get(number) !== undefined
  }

  get(number: number): Fragment | undefined {
    if (number < this.#low || number > this.#highest) return undefined
    return this.#fragments[number % this.#fragments.length]
  }

  /** Would it be new, and is its time not over? */
  expects(number: number): boolean {
    return (
      this.#start !== undefined && number > this.#base && !this.has(number) && number < this.#low + 2 ** 31
    )
  }

  /** Since when it is known to exist, in ms. */
  knownAtMs(number: number): number {
    return this.#knownAtMs[number % this.#knownAtMs.length] as number
  }

  /** A verified one. Only if {@link expects} says so. */
  add(fragment: Fragment, nowMs: number): void {
    const { number } = fragment
    this.#makeKnown(number, nowMs)
    this.#fragments[number % this.#fragments.length] = fragment
    this.#bytes += fragment.bytes.byteLength
    if (number > this.#highest) this.#prove(number, nowMs)
    if (fragment.keyframe > this.#keyframe) this.#keyframe = fragment.keyframe
    if ((fragment.flags & END_OF_STREAM) !== 0) this.#last = number
    this.#advance()
    while (this.#bytes > MAX_KEPT_FRAGMENT_BYTES && this.#low < number) this.#dropLowest()
  }

  /** Somebody says that it exists. */
  hearOf(number: number, nowMs: number): void {
    if (this.#start === undefined || this.#highest === 0) return
    // Nothing that is kept goes for somebody's word.
    const most = Math.min(this.#highest + MAX_UNVERIFIED_FRAGMENTS, this.#low + MAX_KEPT_FRAGMENTS - 1)
    const believed = Math.min(number, most, this.#last)
    if (believed > this.#known) this.#makeKnown(believed, nowMs)
  }

  /** Gives up what has been missing for longer than the window, and drops what is older than window and margin. */
  trim(nowMs: number, windowMs: number, marginMs: number): void {
    // What is beyond all that has come may be an invention: true ones up to there would be refused.
    while (this.#base < this.#highest && nowMs - this.knownAtMs(this.#base + 1) > windowMs) {
      this.#base += 1
      this.#skipped = this.#base
      this.#advance()
    }
    while (this.#low <= this.#base && nowMs - this.knownAtMs(this.#low) > windowMs + marginMs)
      this.#dropLowest()
  }

  /** What is missing up to here is given up, as far as anything has come. */
  giveUp(number: number): void {
    const last = Math.min(number, this.#highest)
    if (last <= this.#base) return
    this.#base = last
    this.#skipped = this.#base
    this.#advance()
  }

  /** As neighbors are told. */
  map(): AvailabilityMap {
    const base = this.#base
    return {
      low: this.#low,
      base,
      bits: bitsAbove(base, this.#highest, number => this.has(number)),
      keyframe: this.#keyframe
    }
  }

  /** All up to this one exist. Who said so much earlier cannot have known: what it invented is no older than the true ones may be. */
  #prove(number: number, nowMs: number): void {
    const places = this.#knownAtMs.length
    for (let next = Math.max(this.#highest + 1, this.#low); next <= number; next++)
      this.#knownAtMs[next % places] = Math.max(this.knownAtMs(next), nowMs - MAX_FORESIGHT_MS)
    this.#highest = number
  }

  #advance(): void {
    while (this.#base < this.#highest && this.has(this.#base + 1)) this.#base += 1
  }

  #makeKnown(number: number, nowMs: number): void {
    while (number - this.#low >= this.#fragments.length)
      if (this.#fragments.length < MAX_KEPT_FRAGMENTS) this.#grow()
      else this.#dropTo(number - this.#fragments.length + 1)
    const places = this.#knownAtMs.length
    for (let next = Math.max(this.#known + 1, this.#low); next <= number; next++) {
      this.#knownAtMs[next % places] = nowMs
      this.#fragments[next % places] = undefined
    }
    if (number > this.#known) this.#known = number
  }

  #grow(): void {
    const places = 2 * this.#fragments.length
    const fragments = new Array<Fragment | undefined>(places)
    const knownAtMs = new Float64Array(places)
    for (let number = this.#low; number <= this.#known; number++) {
      fragments[number % places] = this.get(number)
      knownAtMs[number % places] = this.knownAtMs(number)
    }
    this.#fragments = fragments
    this.#knownAtMs = knownAtMs
  }

  #dropTo(number: number): void {
    // A jump over all that is kept.
    if (number > this.#known) {
      this.#fragments.fill(undefined)
      this.#bytes = 0
      this.#low = number
    }
    while (this.#low < number) this.#dropLowest()
    this.#known = Math.max(this.#known, this.#low - 1)
    this.#passOver()
    this.#advance()
  }

  #dropLowest(): void {
    const at = this.#low % this.#fragments.length
    if (this.#low <= this.#highest) this.#bytes -= this.#fragments[at]?.bytes.byteLength ?? 0
    this.#fragments[at] = undefined
    this.#low += 1
    this.#passOver()
  }

  /** What was missing below the lowest that is kept is given up. */
  #passOver(): void {
    if (this.#base >= this.#low - 1) return
    this.#base = this.#low - 1
    this.#skipped = this.#base
  }
}
