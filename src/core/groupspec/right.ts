import { equals } from 'uint8arrays/equals'
import type { Role } from '../errors.ts'
import { DEFAULT_GRANT_LIFETIME_MS, type Grant, isExpired, signGrant, verifyGrant } from './grant.ts'
import type { Groupspec } from './groupspec.ts'

/**
 * The grant that this peer may show for a role, as it travels: the one in the groupspec that is made out to it, has not expired
 * and lasts longest; otherwise one that the groupspec's seed signs for it now, good for {@link DEFAULT_GRANT_LIFETIME_MS}.
 * `undefined` when the groupspec has neither, or nothing guards the role: then no grant is needed.
 */
export function rightOf(
  spec: Groupspec,
  role: Role,
  peerIDBytes: Uint8Array,
  groupID: Uint8Array,
  nowMs: number
): Uint8Array | undefined {
  const authority = spec.authorities[role]
  if (authority === undefined) return undefined
  const held = spec.grants
    .filter(
      grant => grant.role === role && equals(grant.peerIDBytes, peerIDBytes) && !isExpired(grant, nowMs)
    )
    .filter(grant => verifyGrant(grant, authority.publicKey, groupID))
    .reduce<Grant | undefined>(
      (best, grant) => (best && lasts(best) >= lasts(grant) ? best : grant),
      undefined
    )
  if (held !== undefined) return held.bytes
  const seed = spec.seeds[role]
  if (seed === undefined) return undefined
  const notAfterMs = Math.floor(nowMs) + DEFAULT_GRANT_LIFETIME_MS
  return signGrant({ seed, groupID, role, notAfterMs, peerIDBytes })
}

function lasts({ notAfterMs }: Grant): number {
  return notAfterMs === 0 ? Number.POSITIVE_INFINITY : notAfterMs
}
