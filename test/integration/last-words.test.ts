import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'
import { expect, test } from 'vitest'

test('a post right before leaving is heard', async () => {
  for (let run = 0; run < 5; run++) {
    const spec = new GroupSpecifier(`last words ${Math.random()}`, { postingEnabled: true })
    await using listener = await NetConnection.connect('lan:')
    const heard = (await NetGroup.join<string>(listener, spec))
      .statuses({ code: 'NetGroup.Posting.Notify', signal: AbortSignal.timeout(10_000) })
      [Symbol.asyncIterator]()
    const leaver = await NetConnection.connect('lan:')
    const group = await NetGroup.join<string>(leaver, spec)
    await group.post('farewell', { waitForNeighborMs: 10_000 })
    await leaver.close()
    expect((await heard.next()).value?.message).toBe('farewell')
  }
}, 60_000)
