// What a group with objects loads when it is joined.
import type { ObjectStore } from '../net/object-store.ts'
import { Replica } from './replica.ts'

export { GroupObjects } from './group-objects.ts'
export { ObjectExchange } from './object-exchange.ts'

/** Begins to replicate a store. @throws Rejects TypeError for what is no store */
export async function replicate(init: Parameters<typeof Replica.start>[0]): Promise<Replica> {
  for (const method of ['has', 'get', 'put'] as const)
    if (typeof (init.store as ObjectStore | null | undefined)?.[method] !== 'function')
      throw new TypeError(`Cannot replicate a store without ${method}(): give an ObjectStore`)
  const replica = await Replica.start(init)
  return replica
}
