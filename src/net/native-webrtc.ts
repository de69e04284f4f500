// Node's WebRTC is a native library whose resources belong to the process, and some of them outlive their connections: a data channel of
// node-datachannel 0.33.4 that never opened, or that was closed before JavaScript saw it (libp2p's `init` channels are both at times), keeps
// the process running for good. So when the last node of netgroup's in this process that has WebRTC stops, the library is told to let go of
// everything. Whoever uses node-datachannel beside netgroup in one process, a libp2p node of one's own included, loses its connections then.
import type { Libp2p } from '@libp2p/interface'

/** Nodes that may have WebRTC connections now. It is the process's, as the library is. */
let users = 0

/** Lets go of the native library when this node has stopped, unless others are running. To be called before it starts. */
export function followNativeWebRTC(node: Pick<Libp2p, 'addEventListener'>): void {
  node.addEventListener('start', () => {
    users += 1
    node.addEventListener('stop', () => void release().catch(() => {}), { once: true })
  })
}

async function release(): Promise<void> {
  users -= 1
  if (users > 0) return
  // Loaded already, by whoever used it.
  const { cleanup } = await import('node-datachannel')
  // Unless another node has started meanwhile.
  if (users === 0) cleanup()
}
