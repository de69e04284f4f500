import { describe, expect, it } from 'vitest'
import { SEEKERS } from '../../../src/core/topology/known-member.ts'
import { KnownMembers } from '../../../src/core/topology/known-members.ts'
import { placeOf } from '../../../src/shared/ring.ts'
import { MAX_CANDIDATES_PER_REPORTER } from '../../../src/wire/limits.ts'

/** Each at the place that its name is. */
function placed(): KnownMembers {
  return new KnownMembers(peer => placeOf(new TextEncoder().encode(peer.padEnd(32))))
}

describe('KnownMembers: the share of one reporter', () => {
  it('is not passed by those who were seekers before it told of them', () => {
    const known = placed()
    for (let i = 0; i < 2 * MAX_CANDIDATES_PER_REPORTER; i++) {
      known.reported(`seeker ${i}`, SEEKERS, i, i)
      known.reported(`seeker ${i}`, 'liar', i, i)
    }
    const its = [...known.values()].filter(({ onlyReporter }) => onlyReporter === 'liar')
    expect(its).toHaveLength(MAX_CANDIDATES_PER_REPORTER)
  })
})
