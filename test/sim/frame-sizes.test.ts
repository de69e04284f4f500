import { describe, expect, it } from 'vitest'
import {
  frameBytes,
  PEER_ID_BYTES,
  RECORD_BYTES,
  reportBytes,
  wantingBytes
} from '../support/sim-network/frame-sizes.ts'

describe('reportBytes()', () => {
  it('is what the codec makes of the report', () => {
    const peer = new Uint8Array(PEER_ID_BYTES).fill(1)
    const record = new Uint8Array(RECORD_BYTES)
    for (const count of [0, 1, 2, 3, 17, 64])
      for (const records of [0, 1, 9, 64].filter(number => number <= count))
        for (const [span, isRingNeighbor] of [
          [0, true],
          [0.25, false],
          [1, true]
        ] as const) {
          const members = Array.from({ length: count }, (_, i) => (i < records ? { peer, record } : { peer }))
          const encoded = frameBytes({
            report: { members, span: Math.floor(span * (2 ** 32 - 1)), isRingNeighbor }
          })
          const names = members.map(() => 'somebody')
          expect(reportBytes({ members: names, span, isRingNeighbor }, records)).toBe(encoded)
          if (records > 0)
            expect(reportBytes({ members: names.slice(1), span, isRingNeighbor }, records, 1)).toBe(encoded)
        }
  })
})

describe('wantingBytes()', () => {
  it('counts the frame with its length', () => {
    expect(wantingBytes(true)).toBe(frameBytes({ wanting: { isWanted: true } }))
    expect(wantingBytes(false)).toBe(3)
  })
})
