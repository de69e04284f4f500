import type { GroupOptions } from './options.ts'
import { requireMultiaddr } from './peer-address.ts'

/**
 * Where to look for the others: the local network, unless relays are given by `--relay` or are in the link; `--lan` adds it to them.
 *
 * @param linkRelays - the relays that the groupspec itself names
 */
export function endpointsOf(options: GroupOptions, linkRelays: readonly string[]): string[] {
  if (options.relay === false) return ['lan:']
  const relays = options.relay ?? linkRelays
  for (const address of options.relay ?? []) {
    if (!/^https?:\/\/./.test(address)) requireMultiaddr('--relay', address)
  }
  if (relays.length === 0) return ['lan:']
  return options.lan === true ? ['lan:', ...relays] : [...relays]
}

/** The same in words. */
export function describeEndpoints(endpoints: readonly string[]): string {
  const relays = endpoints.filter(endpoint => endpoint !== 'lan:').length
  const places = endpoints.includes('lan:') ? ['on the local network'] : []
  if (relays > 0) places.push(relays === 1 ? 'through 1 relay' : `through ${relays} relays`)
  return places.join(' and ')
}
