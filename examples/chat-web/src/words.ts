// What the library knows, in words.
import { isNetGroupError, type Neighbor, type RelayState } from 'netgroup'

/** How a person is reached. `undefined`: there is no link, only others who pass on. */
export function pathInWords(neighbor: Pick<Neighbor, 'relayed' | 'rttMs'> | undefined): string {
  if (neighbor === undefined) return 'through others'
  if (neighbor.relayed) return 'through relay'
  const { rttMs } = neighbor
  if (!(rttMs > 0)) return 'direct'
  return rttMs < 1 ? 'direct, under 1 ms' : `direct, ${Math.round(rttMs)} ms`
}

/** How it stands with the relays, and how serious that is. `wasConnected`: has any of them ever been reached? */
export function relaysInWords(
  relays: readonly RelayState[],
  wasConnected: boolean,
  isOnline: boolean
): { text: string; mood: 'good' | 'waiting' | 'bad' } {
  const connected = relays.filter(({ state }) => state === 'connected').length
  if (!isOnline) return { text: 'offline', mood: 'bad' }
  if (connected > 0)
    return {
      text:
        relays.length === 1 ? 'connected to relay' : `connected to ${connected} of ${relays.length} relays`,
      mood: 'good'
    }
  if (relays.length === 0) return { text: 'no relay', mood: 'waiting' }
  const retries = relays.flatMap(({ state, retryAt }) =>
    state === 'waiting' && retryAt !== undefined ? [retryAt] : []
  )
  if (retries.length < relays.length) return { text: 'connecting to relay …', mood: 'waiting' }
  const next = new Date(Math.min(...retries.map(Number)))
  const what = wasConnected ? 'relay lost' : 'relay not reached'
  return { text: `${what}, trying again at ${timeInWords(next, true)}`, mood: 'bad' }
}

/** A time of day. */
export function timeInWords(time: Date, withSeconds = false): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = `${two(time.getHours())}:${two(time.getMinutes())}`
  return withSeconds ? `${minutes}:${two(time.getSeconds())}` : minutes
}

/** What went wrong, for somebody who does not know the library. */
export function errorInWords(error: unknown): string {
  if (isNetGroupError(error, 'GROUPSPEC_INVALID'))
    return 'The link is damaged: a part is missing or was changed on the way. Ask for it again, and take all of it.'
  if (isNetGroupError(error, 'GROUPSPEC_UNSUPPORTED'))
    return 'The link was made by another version of netgroup than this page knows.'
  if (isNetGroupError(error, 'NOT_AUTHORIZED'))
    return 'In this group only those can write who have the password or were given the right. You can read along.'
  if (isNetGroupError(error, 'CAPABILITY_DISABLED')) return 'In this group nobody can write messages.'
  if (isNetGroupError(error, 'MESSAGE_TOO_LARGE')) return 'This message is too long.'
  if (isNetGroupError(error, 'CONNECT_FAILED'))
    return `The relay does not answer. ${error.detail.attempts.map(({ address, reason }) => `${address}: ${reason}`).join('; ')}`
  return error instanceof Error ? error.message : String(error)
}
