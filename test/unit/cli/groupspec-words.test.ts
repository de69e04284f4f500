import type { GroupDescription } from 'netgroup'
import { expect, test } from 'vitest'
import { describeInWords, differences } from '../../../src/cli/groupspec-words.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

function description(changes: Partial<GroupDescription> = {}): GroupDescription {
  return {
    name: 'news',
    groupID: 'ab'.repeat(32),
    isUnique: false,
    capabilities: {
      postingEnabled: true,
      routingEnabled: false,
      objectReplicationEnabled: false,
      multicastEnabled: false,
      serverChannelEnabled: true,
      ipMulticastMemberUpdatesEnabled: true,
      peerToPeerDisabled: false
    },
    passwords: [],
    rights: [],
    relays: [],
    bootstrapPeers: [],
    ipMulticastAddresses: [],
    unknownOptions: [],
    ...changes
  }
}

test('describeInWords() says everything a groupspec says, hints as hints', () => {
  const text = describeInWords(
    description({
      passwords: ['posting'],
      rights: [
        { role: 'posting', kind: 'authorization' },
        { role: 'posting', kind: 'grant', peerID: PEER, expires: new Date('2001-02-03T00:00:00Z') }
      ],
      relays: ['/dns4/relay.example/tcp/4001'],
      unknownOptions: [{ type: 0x99, bytes: 3 }]
    })
  )
  expect(text).toContain('enabled       posting\n              may be found through relays\n')
  expect(text).toContain('password for  posting')
  expect(text).toContain('posting: anybody who has this text')
  expect(text).toContain(`posting: ${PEER}, until 2001-02-03T00:00:00.000Z (expired)`)
  expect(text).toContain('/dns4/relay.example/tcp/4001 (a hint of whoever passed this on)')
  expect(text).toContain('option 0x99, 3 bytes')
  expect(text).not.toContain('bootstrap')
})

test('differences() is empty for one group, whatever hints and rights came with it', () => {
  expect(differences(description(), description({ relays: ['/dns4/relay.example/tcp/4001'] }))).toEqual([])
})

test('differences() names the name, each flag, the passwords and the unique tag', () => {
  const other = description({
    groupID: 'cd'.repeat(32),
    name: 'olds',
    isUnique: true,
    passwords: ['posting'],
    capabilities: { ...description().capabilities, routingEnabled: true }
  })
  expect(differences(description(), other)).toEqual([
    'name: "news" and "olds"',
    'directed routing: no and yes',
    'password for posting: no and yes',
    'made unique: no and yes'
  ])
})

test('differences() knows what is left when all that can be read is the same', () => {
  const pair = (changes: Partial<GroupDescription>): string[] =>
    differences(description(changes), description({ ...changes, groupID: 'cd'.repeat(32) }))
  expect(pair({ passwords: ['posting'] })).toEqual(['different passwords for posting'])
  expect(pair({ isUnique: true })).toEqual(['made unique separately'])
  expect(pair({ isUnique: true, passwords: ['posting'] })).toEqual([
    'made unique separately, or with different passwords'
  ])
})
