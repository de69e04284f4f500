import { inspect } from 'node:util'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, it } from 'vitest'
import { GroupSpecifier, groupspecOf } from '../../../src/api/group-specifier.ts'
import { type Capabilities, GroupspecError, isNetGroupError, type Role } from '../../../src/core/errors.ts'
import { DEFAULT_GRANT_LIFETIME_MS } from '../../../src/core/groupspec/grant.ts'
import { rightOf } from '../../../src/core/groupspec/right.ts'

const ALICE = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const BOB = '12D3KooWGzBXWNvHpLALvWhuaAaxDxGLmcHPzLUWH8pyoPCyMzFq'
const RELAY = `/dns4/relay.example/tcp/443/tls/ws/p2p/${ALICE}`
const CAPABILITIES: (keyof Capabilities)[] = [
  'postingEnabled',
  'routingEnabled',
  'objectReplicationEnabled',
  'multicastEnabled',
  'serverChannelEnabled',
  'ipMulticastMemberUpdatesEnabled',
  'peerToPeerDisabled'
]
const pidOf = (text: string): Uint8Array => peerIdFromString(text).toMultihash().bytes
/** A wrong type, as a program without type checks would pass it. */
const wrong = (value: unknown): never => value as never

/** Password 'correct horse' for posting. scrypt takes its time, so it is made once; tests only read it. */
let news: GroupSpecifier
beforeAll(async () => {
  news = new GroupSpecifier('news', { postingEnabled: true })
  await news.setPostingPassword('correct horse')
})

function rightFor(
  spec: GroupSpecifier,
  role: Role,
  peer: string,
  nowMs = Date.now()
): Uint8Array | undefined {
  const data = groupspecOf(spec)
  return rightOf(data, role, pidOf(peer), data.groupID, nowMs)
}

describe('new GroupSpecifier()', () => {
  it('allows nothing, but may be found through relays and on the LAN', () => {
    const spec = new GroupSpecifier('x')
    const on = CAPABILITIES.filter(capability => spec[capability])
    expect(on).toEqual(['serverChannelEnabled', 'ipMulticastMemberUpdatesEnabled'])
  })

  it.each(CAPABILITIES)('takes %s in the constructor and as a property, to the same group', capability => {
    for (const isOn of [true, false]) {
      const spec = new GroupSpecifier('x')
      spec[capability] = isOn
      expect(spec[capability]).toBe(isOn)
      expect(spec.groupID).toBe(new GroupSpecifier('x', { [capability]: isOn }).groupID)
    }
  })

  it('gives another group when a capability changes after the groupID was read', () => {
    const spec = new GroupSpecifier('x')
    const before = spec.groupID
    spec.postingEnabled = true
    expect(spec.groupID).not.toBe(before)
    expect(spec.groupID).toMatch(/^[0-9a-f]{64}$/)
  })

  it('takes a name in any normalization to the same group', () => {
    expect(new GroupSpecifier('Zu\u0308rich').groupID).toBe(new GroupSpecifier('Z\u00fcrich').groupID)
  })

  it('refuses names, capabilities and values that are none', () => {
    for (const name of ['', 'x'.repeat(256), 'a\nb', 'a\u202eb', '\ud800'])
      expect(() => new GroupSpecifier(name)).toThrow(RangeError)
    for (const name of [undefined, null, 7, {}])
      expect(() => new GroupSpecifier(wrong(name))).toThrow(TypeError)
    expect(() => new GroupSpecifier('x', wrong({ chatEnabled: true }))).toThrow(
      /'chatEnabled': the capabilities are/
    )
    expect(() => new GroupSpecifier('x', wrong({ toString: true }))).toThrow(TypeError)
    expect(() => new GroupSpecifier('x', wrong({ postingEnabled: 'no' }))).toThrow(/give a boolean/)
    expect(new GroupSpecifier('x', wrong({ postingEnabled: undefined })).postingEnabled).toBe(false)
  })
})

describe('GroupSpecifier.parse()', () => {
  it('takes a groupspec or a link to the same group', () => {
    for (const text of [
      String(news),
      news.toLink('https://news.example'),
      news.groupspecWithAuthorizations()
    ])
      expect(GroupSpecifier.parse(text).groupID).toBe(news.groupID)
    expect(GroupSpecifier.parse(String(news)).postingEnabled).toBe(true)
  })

  it('makes it read-only: what would make another group throws and says so', async () => {
    const spec = GroupSpecifier.parse(news.groupspecWithAuthorizations())
    for (const capability of CAPABILITIES)
      expect(() => {
        spec[capability] = true
      }).toThrow(/Cannot set .*: group "news" was parsed/)
    expect(() => spec.makeUnique()).toThrow(TypeError)
    await expect(spec.setPostingPassword('x')).rejects.toThrow(TypeError)
    await expect(spec.setPublishPassword(null)).rejects.toThrow(TypeError)
    expect(spec.groupspecWithAuthorizations()).toBe(news.groupspecWithAuthorizations())
  })

  it('throws GroupspecError for other text and TypeError for what is no text', () => {
    expect(() => GroupSpecifier.parse('hello')).toThrow(GroupspecError)
    expect(() => GroupSpecifier.parse('G:0103')).toThrow(/version 1/)
    expect(() => GroupSpecifier.parse(wrong(news))).toThrow(TypeError)
  })
})

describe('Passwords', () => {
  it('lead two people who know name and password to the same group, and others elsewhere', async () => {
    const same = new GroupSpecifier('news', { postingEnabled: true })
    await same.setPostingPassword('correct \uff48orse')
    expect(same.groupID).toBe(news.groupID)
    const other = new GroupSpecifier('news', { postingEnabled: true })
    await other.setPostingPassword('wrong horse')
    expect(other.groupID).not.toBe(news.groupID)
  })

  it.each(['setPostingPassword', 'setPublishPassword'] as const)(
    '%s() without await makes no open group: all that prints or uses it throws',
    async method => {
      const spec = new GroupSpecifier('news', { postingEnabled: true })
      const pending = spec[method]('correct horse')
      const uses: (() => unknown)[] = [
        () => spec.toString(),
        () => `${spec}`,
        () => spec.groupID,
        () => spec.groupspecWithAuthorizations(),
        () => spec.groupspecWithoutAuthorizations(),
        () => spec.authorizations(),
        () => spec.toLink('https://news.example'),
        () => spec.has('posting'),
        () => spec.grant(ALICE, 'posting'),
        () => groupspecOf(spec)
      ]
      for (const use of uses) expect(use).toThrow(new RegExp(`await ${method}\\(\\) first`))
      await expect(spec.authorize('posting', 'x')).rejects.toThrow(TypeError)
      await pending
      for (const use of uses.slice(0, 8)) expect(use).not.toThrow()
    }
  )

  it('that are refused leave the specifier unusable until one is set', async () => {
    const spec = new GroupSpecifier('news', { postingEnabled: true })
    await expect(spec.setPostingPassword('')).rejects.toThrow(/empty; give null for none/)
    expect(() => spec.toString()).toThrow(TypeError)
    await expect(spec.setPostingPassword(wrong(undefined))).rejects.toThrow(TypeError)
    await expect(spec.setPostingPassword('x', new Uint8Array(15))).rejects.toThrow(RangeError)
    await expect(spec.setPostingPassword('x', wrong('salt'))).rejects.toThrow(TypeError)
    expect(() => spec.groupID).toThrow(TypeError)
    await spec.setPostingPassword(null)
    expect(spec.groupID).toBe(new GroupSpecifier('news', { postingEnabled: true }).groupID)
  })

  it('count in the order of the calls, and null takes one away', async () => {
    const spec = new GroupSpecifier('news', { postingEnabled: true })
    await Promise.all([spec.setPostingPassword('wrong horse'), spec.setPostingPassword('correct horse')])
    expect(spec.groupID).toBe(news.groupID)
    const overtaken = spec.setPostingPassword('wrong horse')
    await spec.setPostingPassword(null)
    await overtaken
    expect(spec.groupID).toBe(new GroupSpecifier('news', { postingEnabled: true }).groupID)
  })

  it('keep working after makeUnique(), which gives passwords set later random salts', async () => {
    const before = new GroupSpecifier('news')
    await before.setPostingPassword('correct horse')
    before.makeUnique()
    const after = new GroupSpecifier('news')
    after.makeUnique()
    await after.setPostingPassword('correct horse')
    const saltOf = (spec: GroupSpecifier) => groupspecOf(spec).authorities.posting?.salt
    expect(saltOf(before)).toEqual(saltOf(news))
    expect(saltOf(after)).not.toEqual(saltOf(news))
    for (const spec of [before, after]) {
      const reader = GroupSpecifier.parse(String(spec))
      await reader.authorize('posting', 'correct horse')
      expect(reader.has('posting')).toBe(true)
      expect(reader.groupID).toBe(spec.groupID)
    }
  })

  it('take a salt of their own', async () => {
    const salt = new Uint8Array(16).fill(5)
    const spec = new GroupSpecifier('news')
    const done = spec.setPublishPassword('x', salt)
    salt.fill(6)
    await done
    expect(groupspecOf(spec).authorities.publish?.salt).toEqual(new Uint8Array(16).fill(5))
    expect(spec.has('publish')).toBe(true)
  })
})

describe('makeUnique()', () => {
  it('makes another group each time, of the same name', () => {
    const spec = new GroupSpecifier('x')
    const ids = [spec.groupID]
    for (let i = 0; i < 2; i++) {
      spec.makeUnique()
      ids.push(spec.groupID)
    }
    expect(new Set(ids).size).toBe(3)
    expect(groupspecOf(GroupSpecifier.parse(String(spec)))).toMatchObject({ name: 'x', isUnique: true })
  })
})

describe('authorize()', () => {
  it('gains the right by the password, in the same group, and prints it with the authorizations only', async () => {
    const spec = GroupSpecifier.parse(String(news))
    expect(spec.has('posting')).toBe(false)
    await spec.authorize('posting', 'correct horse')
    expect(spec.has('posting')).toBe(true)
    expect(spec.groupID).toBe(news.groupID)
    expect(String(spec)).toBe(String(news))
    expect(spec.groupspecWithAuthorizations()).toBe(news.groupspecWithAuthorizations())
    expect(rightFor(spec, 'posting', BOB)).toBeDefined()
  })

  it('rejects WRONG_PASSWORD for another password, and for a role without one', async () => {
    const spec = GroupSpecifier.parse(String(news))
    const attempt = spec.authorize('posting', 'wrong horse')
    await expect(attempt).rejects.toMatchObject({ code: 'WRONG_PASSWORD', detail: { role: 'posting' } })
    await expect(attempt).rejects.toThrow('Cannot authorize posting in group "news": the password is wrong')
    expect(spec.has('posting')).toBe(false)
    await expect(spec.authorize('publish', 'x')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
  })

  it('rejects a role and a password that are none', async () => {
    await expect(news.authorize(wrong('admin'), 'x')).rejects.toThrow(/'posting' or 'publish'/)
    await expect(news.authorize('posting', wrong(null))).rejects.toThrow(TypeError)
  })
})

describe('has()', () => {
  it('is true where nothing guards the role, and with the right; not with a grant, which is one peer’s', () => {
    expect(new GroupSpecifier('x').has('posting')).toBe(true)
    expect(news.has('posting')).toBe(true)
    expect(news.has('publish')).toBe(true)
    expect(GroupSpecifier.parse(news + news.grant(ALICE, 'posting')).has('posting')).toBe(false)
    expect(() => news.has(wrong('admin'))).toThrow(TypeError)
  })
})

describe('grant()', () => {
  it('gives text to append that gives the right to that peer only, until it expires', () => {
    const expires = new Date(Date.now() + 60_000)
    const spec = GroupSpecifier.parse(news + news.grant(ALICE, 'posting', { expires }))
    expect(spec.groupID).toBe(news.groupID)
    expect(rightFor(spec, 'posting', ALICE, expires.getTime())).toBeDefined()
    expect(rightFor(spec, 'posting', ALICE, expires.getTime() + 1)).toBeUndefined()
    expect(rightFor(spec, 'posting', BOB)).toBeUndefined()
  })

  it('lasts 90 days when nothing else is said', () => {
    const before = Date.now()
    const [grant] = groupspecOf(GroupSpecifier.parse(news + news.grant(ALICE, 'posting'))).grants
    const lifetime = (grant?.notAfterMs ?? 0) - before
    expect(lifetime - DEFAULT_GRANT_LIFETIME_MS).toBeGreaterThanOrEqual(0)
    expect(lifetime - DEFAULT_GRANT_LIFETIME_MS).toBeLessThan(60_000)
  })

  it('throws NOT_AUTHORIZED where the right is not there to give', () => {
    const reader = GroupSpecifier.parse(String(news))
    const granted = GroupSpecifier.parse(news + news.grant(ALICE, 'posting'))
    for (const attempt of [
      () => reader.grant(BOB, 'posting'),
      () => granted.grant(BOB, 'posting'),
      () => news.grant(BOB, 'publish')
    ])
      expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_AUTHORIZED' }))
  })

  it('refuses a peer id, a role and a date that are none', () => {
    for (const peer of ['12D3KooWAlice', '', 'alice', news.groupID, wrong(7), wrong(undefined)])
      expect(() => news.grant(peer, 'posting')).toThrow(TypeError)
    expect(() => news.grant(ALICE, wrong('admin'))).toThrow(TypeError)
    expect(() => news.grant(ALICE, 'posting', { expires: wrong(5) })).toThrow(TypeError)
    for (const expires of [new Date(Number.NaN), new Date(0), new Date(-1)])
      expect(() => news.grant(ALICE, 'posting', { expires })).toThrow(RangeError)
  })
})

describe('toLink()', () => {
  it('puts the groupspec behind #, without authorizations unless asked for', () => {
    expect(news.toLink('https://news.example')).toBe(`https://news.example#${news}`)
    expect(news.toLink(new URL('https://news.example/a'))).toBe(`https://news.example/a#${news}`)
    const whole = GroupSpecifier.parse(news.toLink('https://news.example', { authorizations: true }))
    expect(whole.has('posting')).toBe(true)
  })

  it('puts in a grant for one peer, and no more', () => {
    const spec = GroupSpecifier.parse(news.toLink('https://news.example', { for: ALICE }))
    expect(rightFor(spec, 'posting', ALICE)).toBeDefined()
    expect(rightFor(spec, 'posting', BOB)).toBeUndefined()
    expect(spec.has('posting')).toBe(false)
  })

  it('puts in a grant for each role it can give', async () => {
    const spec = new GroupSpecifier('tv', { multicastEnabled: true })
    await Promise.all([spec.setPostingPassword('a'), spec.setPublishPassword('b')])
    const guest = GroupSpecifier.parse(spec.toLink('', { for: ALICE }))
    expect(groupspecOf(guest).grants.map(({ role }) => role)).toEqual(['publish', 'posting'])
  })

  it('for a peer in an open group is the plain link; without the right to give, it throws', () => {
    const open = new GroupSpecifier('x')
    expect(open.toLink('', { for: ALICE })).toBe(`#${open}`)
    const reader = GroupSpecifier.parse(String(news))
    const attempt = () => reader.toLink('', { for: ALICE })
    expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_AUTHORIZED', detail: { role: 'posting' } }))
  })

  it('refuses a base and a peer id that are none', () => {
    expect(() => news.toLink(wrong(undefined))).toThrow(TypeError)
    expect(() => news.toLink('https://news.example/#top')).toThrow(RangeError)
    expect(() => news.toLink('', { for: '12D3KooWAlice' })).toThrow(TypeError)
    expect(() => new GroupSpecifier('x').toLink('', { for: '12D3KooWAlice' })).toThrow(TypeError)
  })
})

describe('Printing', () => {
  it('gives no authorizations away: not in toString(), not in inspection, not as JSON', () => {
    const secret = news.authorizations().slice(1)
    expect(secret).not.toBe('')
    expect(news.groupspecWithAuthorizations()).toBe(`${news.groupspecWithoutAuthorizations()}.${secret}`)
    for (const text of [
      String(news),
      `${news}`,
      inspect(news, { showHidden: true, depth: 9 }),
      JSON.stringify(news),
      news.toLink('')
    ])
      expect(text).not.toContain(secret)
    expect(new GroupSpecifier('x').authorizations()).toBe('')
  })
})

describe('Addresses', () => {
  it('are kept in the groupspec, before and after parsing, and make no other group', () => {
    const spec = new GroupSpecifier('x')
    const { groupID } = spec
    spec.addRelay(RELAY)
    const parsed = GroupSpecifier.parse(String(spec))
    parsed.addRelay(multiaddr(RELAY))
    parsed.addBootstrapPeer(`/ip4/192.0.2.1/tcp/4001/p2p/${BOB}`)
    parsed.addIPMulticastAddress('224.0.0.254:30000')
    const data = groupspecOf(GroupSpecifier.parse(String(parsed)))
    expect(data.relays.map(bytes => multiaddr(bytes).toString())).toEqual([RELAY])
    expect(data.bootstrapPeers).toHaveLength(1)
    expect(data.ipMulticastAddresses).toHaveLength(1)
    expect(parsed.groupID).toBe(groupID)
  })

  it('of a parsed groupspec leave its authorizations where they are', () => {
    const spec = GroupSpecifier.parse(news.groupspecWithAuthorizations())
    spec.addRelay(RELAY)
    expect(spec.has('posting')).toBe(true)
    expect(spec.authorizations()).toBe(news.authorizations())
    expect(spec.groupspecWithAuthorizations()).toBe(String(spec) + news.authorizations())
  })

  it('may be added while a password is being set', async () => {
    const spec = new GroupSpecifier('x')
    const done = spec.setPostingPassword('x')
    spec.addRelay(RELAY)
    spec.postingEnabled = true
    await done
    expect(groupspecOf(spec).relays).toHaveLength(1)
    expect(spec.postingEnabled).toBe(true)
  })

  it('are refused when they are none, or too many', () => {
    const spec = new GroupSpecifier('x')
    for (const address of ['relay.example', '', '/', '/ip4/1.2.3', wrong(7), wrong(undefined)]) {
      expect(() => spec.addRelay(address)).toThrow(TypeError)
      expect(() => spec.addBootstrapPeer(address)).toThrow(TypeError)
    }
    expect(() => spec.addIPMulticastAddress('192.0.2.1', 1)).toThrow(RangeError)
    for (let i = 0; i < 16; i++) spec.addRelay(`/ip4/192.0.2.${i}/tcp/4001`)
    spec.addRelay('/ip4/192.0.2.0/tcp/4001')
    expect(() => spec.addRelay('/ip4/192.0.2.16/tcp/4001')).toThrow(/16 of a kind/)
    expect(() => GroupSpecifier.parse(String(spec)).addRelay('/ip4/192.0.2.16/tcp/4001')).toThrow(RangeError)
    const long = (i: number): string => `/dns4/${String(i).repeat(60)}.${'x'.repeat(300)}/tcp/1`
    const fill = () => {
      for (let i = 0; i < 16; i++) spec.addBootstrapPeer(long(i))
    }
    expect(fill).toThrow(/4096 bytes/)
    expect(() => GroupSpecifier.parse(String(spec))).not.toThrow()
  })
})

describe('groupspecOf()', () => {
  it('reads a specifier of another copy of netgroup by its text', () => {
    const foreign = { groupspecWithAuthorizations: () => news.groupspecWithAuthorizations() }
    expect(groupspecOf(wrong(foreign)).groupID).toEqual(groupspecOf(news).groupID)
  })

  it('throws TypeError for anything else', () => {
    for (const value of [null, undefined, 'G:', {}])
      expect(() => groupspecOf(wrong(value))).toThrow(TypeError)
  })
})

describe('Errors', () => {
  it('are told by code', () => {
    try {
      GroupSpecifier.parse('G:An8D')
      expect.unreachable()
    } catch (error) {
      expect(isNetGroupError(error, 'GROUPSPEC_INVALID')).toBe(true)
    }
  })
})
