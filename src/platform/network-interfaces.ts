import { networkInterfaces } from 'node:os'
import type { NetworkChange } from '../net/platform.ts'

/** How often the interfaces are looked at, in ms: Node tells nobody when one comes or goes. Guess: noticed well before a person does something about it. */
const LOOK_EVERY_MS = 2_000

/** Calls back when this machine has other addresses than before. Keeps no process alive. Answers how to stop it. */
export function onInterfaceChange(listener: (change: NetworkChange) => void): () => void {
  let before = addresses()
  const timer = setInterval(() => {
    const now = addresses()
    if (now === before) return
    before = now
    listener('other')
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function addresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, links]) => (links ?? []).map(({ cidr, address }) => `${name} ${cidr ?? address}`))
    .sort()
    .join()
}
