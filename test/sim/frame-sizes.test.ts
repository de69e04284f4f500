import { describe, expect, it } from 'vitest'
import type { ReportedMember } from '../../src/core/topology/topology-engine.ts'
import {
  frameBytes,
  PEER_ID_BYTES,
  RECORD_BYTES,
  reportBytes,
  wantingBytes
} from '../support/sim-network/frame-sizes.ts'

describe('reportBytes()', () => {
  it('is what the codec makes of the report', () => {
    const record = { bytes: new Uint8Array(RECORD_BYTES), sequence: 1 }
    const ages = [0, 900, 1_000, 127_000, 128_500, 20_000_000]
    const all: ReportedMember[] = ages.flatMap(ageMs => [
      { peer: 'a', ageMs },
      { peer: 'b', ageMs, record }
    ])
    for (let count = 0; count <= all.length; count++)
      for (const [span, known] of [
        [0, 0],
        [0.25, 1],
        [1e-4, 127],
        [0.5, 128],
        [1, 10_000]
      ] as const) {
        const members = all.slice(0, count)
        const encoded = frameBytes({
          report: {
            members: members.map(({ ageMs, record }) => ({
              peer: new Uint8Array(PEER_ID_BYTES).fill(1),
              ageSeconds: Math.floor(ageMs / 1_000),
              ...(record === undefined ? {} : { record: record.bytes })
            })),
            span: BigInt(Math.floor(span * 2 ** 32)) << 31n,
            known
          }
        })
        expect(reportBytes({ members, span, known })).toBe(encoded)
      }
  })
})

describe('wantingBytes()', () => {
  it('counts the frame with its length', () => {
    expect(wantingBytes(true)).toBe(frameBytes({ wanting: { isWanted: true } }))
    expect(wantingBytes(false)).toBe(3)
  })
})
