// Somebody who is always in the group of examples/chat-web: a peer in Node, which says its name and greets who comes.
import { NetConnection, NetGroup } from 'netgroup'

/** Each peer is greeted once. So many are remembered. */
const MAX_GREETED = 1_000

/** A longer name is no name. */
const MAX_NAME_LENGTH = 64

/**
 * Joins the group. Resolves when it has; the answered connection ends it.
 *
 * @param link the group, with its relay
 * @param name what it calls itself
 */
export async function startCompanion(link, name) {
  const connection = await NetConnection.connect(link)
  const group = await NetGroup.join(connection, link)
  const names = group.channel('names', { validate: isNaming })
  const greeted = new Set()
  group.addEventListener('NetGroup.Neighbor.Connect', () => names.post({ name }).catch(ignoreClosed))
  // Pages say their name, if only an empty one, as soon as they are in the group.
  names.addEventListener('NetGroup.Posting.Notify', ({ info: { from, message } }) => {
    if (greeted.has(from)) return
    greeted.add(from)
    if (greeted.size > MAX_GREETED) greeted.delete(greeted.values().next().value)
    const text = `Welcome, ${message.name || from.slice(-6)}! I am in this group like you, without a browser.`
    group.post({ name, text }).catch(ignoreClosed)
  })
  return connection
}

function isNaming(value) {
  return typeof value?.name === 'string' && value.name.length <= MAX_NAME_LENGTH
}

/** The end of the program may come between the event and the post. */
function ignoreClosed(error) {
  if (error.code !== 'CLOSED') throw error
}
