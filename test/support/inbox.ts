import type { NetConnection } from '../../src/api/net-connection.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { type GroupSpecifier, NetGroup } from '../../src/index.ts'
import { waitUntilKnown } from '../../src/testing/wait-until-known.ts'

/** What a group has heard: every post, in the order in which it was told. */
export class Inbox {
  readonly messages: unknown[] = []
  readonly from: string[] = []

  constructor(group: NetGroup) {
    group.addEventListener('NetGroup.Posting.Notify', ({ info }) => {
      this.messages.push(info.message)
      this.from.push(info.from)
    })
  }
}

/** Joins each connection with a groupspec of its own, and waits until all know each other. */
export async function joinEach(
  connections: readonly NetConnection[],
  groupspecs: readonly (string | GroupSpecifier)[]
): Promise<NetGroup[]> {
  const groups = await Promise.all(
    connections.map((connection, i) => NetGroup.join(connection, groupspecs[i] ?? ''))
  )
  const deadline = AbortSignal.timeout(10_000)
  await Promise.all(groups.map(group => waitUntilKnown(memberOf(group), groups.length - 1, deadline)))
  return groups
}

/** One of each, for those who index. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new RangeError(`There is no item ${index}`)
  return item
}
