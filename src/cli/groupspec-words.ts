import type { Capabilities, GroupDescription } from 'netgroup'
import { sanitize } from './sanitize.ts'

const CAPABILITY_WORDS: Readonly<Record<keyof Capabilities, string>> = {
  postingEnabled: 'posting',
  routingEnabled: 'directed routing',
  objectReplicationEnabled: 'object replication',
  multicastEnabled: 'multicast streams',
  serverChannelEnabled: 'may be found through relays',
  ipMulticastMemberUpdatesEnabled: 'may be found on the LAN',
  peerToPeerDisabled: 'members never connect to each other'
}

const CAPABILITIES = Object.keys(CAPABILITY_WORDS) as (keyof Capabilities)[]

/** What a groupspec says, in words: one labelled line for each thing. */
export function describeInWords(about: GroupDescription): string {
  const enabled = CAPABILITIES.filter(name => about.capabilities[name]).map(name => CAPABILITY_WORDS[name])
  const lines: [string, readonly string[]][] = [
    ['name', [sanitize(about.name)]],
    ['group', [about.groupID]],
    [
      'unique',
      [about.isUnique ? 'yes: another group than any other of this name' : 'no: the name leads here']
    ],
    ['enabled', enabled.length === 0 ? ['nothing'] : enabled],
    [
      'password for',
      about.passwords.length === 0 ? ['nothing: whoever has this groupspec may do all'] : about.passwords
    ],
    ['rights in it', about.rights.length === 0 ? ['none'] : about.rights.map(rightInWords)],
    ['relays', hints(about.relays)],
    ['bootstrap', hints(about.bootstrapPeers)],
    ['IP multicast', hints(about.ipMulticastAddresses)],
    [
      'unknown',
      about.unknownOptions.map(option => `option 0x${option.type.toString(16)}, ${option.bytes} bytes`)
    ]
  ]
  return lines
    .filter(([, values]) => values.length > 0)
    .map(labelled)
    .join('\n')
}

/** Why two groupspecs are not the same group, one reason a line; none when they are. */
export function differences(a: GroupDescription, b: GroupDescription): string[] {
  if (a.groupID === b.groupID) return []
  const reasons: string[] = []
  if (a.name !== b.name) reasons.push(`name: "${sanitize(a.name)}" and "${sanitize(b.name)}"`)
  for (const name of CAPABILITIES) {
    if (a.capabilities[name] !== b.capabilities[name])
      reasons.push(
        `${CAPABILITY_WORDS[name]}: ${yesNo(a.capabilities[name])} and ${yesNo(b.capabilities[name])}`
      )
  }
  for (const role of ['posting', 'publish'] as const) {
    const [inA, inB] = [a.passwords.includes(role), b.passwords.includes(role)]
    if (inA !== inB) reasons.push(`password for ${role}: ${yesNo(inA)} and ${yesNo(inB)}`)
  }
  if (a.isUnique !== b.isUnique) reasons.push(`made unique: ${yesNo(a.isUnique)} and ${yesNo(b.isUnique)}`)
  return reasons.length > 0 ? reasons : [hiddenDifference(a)]
}

/** All that is left when names, flags and the presence of passwords agree. */
function hiddenDifference(about: GroupDescription): string {
  if (about.isUnique && about.passwords.length > 0)
    return 'made unique separately, or with different passwords'
  return about.isUnique ? 'made unique separately' : `different passwords for ${about.passwords.join(' or ')}`
}

function rightInWords(right: GroupDescription['rights'][number]): string {
  if (right.kind === 'authorization')
    return `${right.role}: anybody who has this text, and may grant it to others`
  const until =
    right.expires === undefined ? 'for ever' : `until ${right.expires.toISOString()}${expired(right.expires)}`
  return `${right.role}: ${right.peerID === undefined ? 'one peer' : sanitize(right.peerID)}, ${until}`
}

function expired(date: Date): string {
  return date.getTime() < Date.now() ? ' (expired)' : ''
}

function hints(addresses: readonly string[]): string[] {
  return addresses.map(address => `${sanitize(address)} (a hint of whoever passed this on)`)
}

function labelled([label, values]: [string, readonly string[]]): string {
  return values.map((value, index) => `${(index === 0 ? label : '').padEnd(14)}${value}`).join('\n')
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
