import type { GroupMember, MemberListener } from '../net/group-member.ts'

/** Resolves when so many peers, or just these, are neighbors, and known to hear posts, where the group has posts. Rejects with the signal's reason. */
export async function waitUntilKnown(
  member: GroupMember,
  wanted: number | ReadonlySet<string>,
  signal: AbortSignal
): Promise<void> {
  const { posts, groupspec } = member
  const isSilent = !groupspec.capabilities.postingEnabled
  const isKnown = (): boolean => {
    const { hearers } = posts
    const known = [...member.links.keys()].filter(peer => isSilent || hearers.has(peer))
    return typeof wanted === 'number'
      ? known.length >= wanted
      : known.filter(peer => wanted.has(peer)).length === wanted.size
  }
  const known = Promise.withResolvers<void>()
  const check = (): void => {
    if (isKnown()) known.resolve()
  }
  const listener: MemberListener = { onNeighborConnect: check }
  const onAbort = (): void => known.reject(signal.reason)
  member.listeners.add(listener)
  const stop = posts.onHearersChange(check)
  signal.addEventListener('abort', onAbort)
  try {
    check()
    await known.promise
  } finally {
    stop()
    member.listeners.delete(listener)
    signal.removeEventListener('abort', onAbort)
  }
}
