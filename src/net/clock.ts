// Time as an argument: the shell and its tests share one way to ask for it. Engines get `nowMs` from here.

/** A timer that has been set. */
export interface Timer {
  /** Stops it. Safe after it has fired. */
  cancel(): void
}

/** Where the shell gets time from. Tests inject one that stands still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once after this many ms. A timer alone does not keep a process alive. */
  setTimer(callback: () => void, afterMs: number): Timer
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, afterMs) {
    const timer: unknown = setTimeout(callback, afterMs)
    // Node's timers hold the process, the browser's are numbers.
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
    return { cancel: () => clearTimeout(timer as number) }
  }
}
