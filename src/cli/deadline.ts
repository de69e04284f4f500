/** A signal that aborts with another one, or when its time is up. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Was it the time that ended it? */
  readonly isOver: boolean
  /** Stop the timer; the signal still aborts with the other one. */
  lift(): void
  /** Stop the timer, and follow the other signal no more. */
  clear(): void
}

/** Abort with `signal`, or after `timeoutS` seconds when given. */
export function deadline(signal: AbortSignal, timeoutS?: number): Deadline {
  // Not AbortSignal.any with AbortSignal.timeout: Node 20 can collect both while somebody still waits for them.
  const controller = new AbortController()
  let isOver = false
  const onAbort = (): void => controller.abort(signal.reason)
  const onTime = (): void => {
    isOver = !controller.signal.aborted
    controller.abort(new Error(`Time is up after ${timeoutS} s`))
  }
  const timer = timeoutS === undefined ? undefined : setTimeout(onTime, timeoutS * 1000)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    get isOver() {
      return isOver
    },
    lift() {
      clearTimeout(timer)
    },
    clear() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
