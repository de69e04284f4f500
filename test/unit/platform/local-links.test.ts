import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { localLinks } from '../../../src/platform/local-links.ts'

const isOnLocalLink = localLinks()

describe('localLinks()', () => {
  it('is true for every address of this host', () => {
    const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
    expect(own.length).toBeGreaterThan(0)
    for (const { address, family } of own)
      expect(isOnLocalLink(address, family === 'IPv4' ? 4 : 6)).toBe(true)
  })

  it('is false for addresses that no link has', () => {
    expect(isOnLocalLink('240.0.0.1', 4)).toBe(false)
    expect(isOnLocalLink('100::1', 6)).toBe(false)
  })

  it('is true for neighbors on the loopback link', () => {
    expect(isOnLocalLink('127.9.9.9', 4)).toBe(true)
  })
})
