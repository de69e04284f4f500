import { describe, expect, it } from 'vitest'
import { Uplink } from '../../../src/core/multicast/uplink.ts'

describe('Uplink: what was measured in a busy moment', () => {
  const busy = (): Uplink => {
    const uplink = new Uplink(undefined)
    uplink.onBusy(0)
    uplink.onSent(10_000, 600)
    expect([uplink.isMeasured, uplink.slots(1_000, 8)]).toEqual([true, 0])
    return uplink
  }

  it('holds no longer once it carries more', () => {
    const uplink = busy()
    uplink.onSlots(2, 1_000, 8)
    expect(uplink.slots(1_000, 8)).toBe(2)
  })

  it('gives way to what somebody else has measured, and that stays', () => {
    const uplink = busy()
    uplink.onTold(500_000)
    uplink.onSlots(8, 1_000, 8)
    expect(uplink.slots(1_000, 8)).toBe(3)
  })
})
