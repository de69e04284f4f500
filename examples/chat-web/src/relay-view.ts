import type { NetConnection } from 'netgroup'
import { element } from './element.ts'
import { relaysInWords } from './words.ts'

/** How it stands with the relay, always as it is now. */
export function showRelays(connection: NetConnection): void {
  const line = element('relay-state')
  let wasConnected = false
  const show = (): void => {
    const { relays } = connection
    wasConnected ||= relays.some(({ state }) => state === 'connected')
    const { text, mood } = relaysInWords(relays, wasConnected, navigator.onLine)
    // Not written anew when nothing changed: screen readers would say it again.
    if (line.textContent === text) return
    line.textContent = text
    line.dataset['mood'] = mood
    line.title = relays
      .flatMap(({ address, reason }) => (reason === undefined ? [] : [`${address}: ${reason}`]))
      .join('\n')
  }
  connection.subscribe(show)
  addEventListener('online', show)
  addEventListener('offline', show)
  show()
}
