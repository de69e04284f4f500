// A lock on a name among the pages of one origin, held until this page ends. By the Web Locks API; where that is missing, since the page came over
// plain HTTP, by asking the other pages.

/** How long a page that was reloaded or closed may take to be gone, in ms. Guess. */
const RELEASE_GRACE_MS = 1_000

/** How long the other pages have for an answer, in ms. Guess: longer than a page's event loop is blocked in ordinary life. */
const ANSWER_TIMEOUT_MS = 300

/** Locks that this page has. */
const held = new Set<string>()

/** Takes the lock until this page ends. True as well when this page has it already, false when another one has it. */
export async function lockUntilPageEnds(name: string): Promise<boolean> {
  if (held.has(name)) return true
  const isOurs = await (navigator.locks === undefined ? askOthers(name) : requestLock(navigator.locks, name))
  if (isOurs) held.add(name)
  return isOurs
}

function requestLock(locks: LockManager, name: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const signal = AbortSignal.timeout(RELEASE_GRACE_MS)
  const hold = (): Promise<never> => {
    resolve(true)
    return new Promise(() => {})
  }
  locks.request(name, { signal }, hold).catch(() => resolve(false))
  return promise
}

/** What is said on the channel of a lock. */
type Word =
  | { readonly type: 'ask'; readonly token: number }
  /** To whoever asked with this token. */
  | { readonly type: 'held'; readonly to: number }

/**
 * Asks on a channel whether another page has the lock, and from then on answers who asks. Of two that ask at once, the smaller token gets it. A page that the browser
 * has frozen does not answer: this is weaker than Web Locks.
 */
async function askOthers(name: string): Promise<boolean> {
  const channel = new BroadcastChannel(name)
  const token = Math.random()
  const refused = Promise.withResolvers<false>()
  let isHeld = false
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.type === 'held') {
      if (data.to === token) refused.resolve(false)
    } else if (isHeld || token < data.token)
      channel.postMessage({ type: 'held', to: data.token } satisfies Word)
    else refused.resolve(false)
  }
  channel.postMessage({ type: 'ask', token } satisfies Word)
  const granted = new Promise<true>(resolve => setTimeout(() => resolve(true), ANSWER_TIMEOUT_MS))
  isHeld = await Promise.race([refused.promise, granted])
  if (!isHeld) channel.close()
  return isHeld
}
