import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Readings of which the least counts: V8 goes on sweeping behind its collections. */
const READINGS = 4

/** Bytes of buffers that this process holds once its garbage is collected: the heap beside them grows with V8's own code too. */
export async function bytesHeld(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < READINGS; reading++) {
    collectGarbage()
    await new Promise(resolve => setImmediate(resolve))
    least = Math.min(least, process.memoryUsage().arrayBuffers)
  }
  return least
}
