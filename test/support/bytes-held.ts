import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of buffers that this process holds once its garbage is collected: the heap beside them grows with V8's own code too. */
export function bytesHeld(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
