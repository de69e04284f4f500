import { type GroupSpecifier, isNetGroupError, loadIdentity, NetConnection, NetGroup } from 'netgroup'
import { type ChatMessage, isChatMessage } from './chat-message.ts'
import { showComposer } from './composer.ts'
import { element } from './element.ts'
import { showInvite } from './invite.ts'
import { MessageLog } from './message-log.ts'
import { rememberedName } from './names.ts'
import { People } from './people.ts'
import { showOwnName, showPanelToggle, showPeople } from './people-view.ts'
import { showRelays } from './relay-view.ts'

/** In the group. @throws what `connect` and `join` reject with */
export async function showChat(spec: GroupSpecifier): Promise<void> {
  const { name } = spec.describe()
  document.title = name
  element('title').textContent = name
  element('chat').hidden = false
  showInvite(spec)
  showPanelToggle()
  // Not waiting for a relay: the page is there at once and says how it stands.
  const connection = await NetConnection.connect(spec.toString(), {
    requireRelay: false,
    ...(await identity())
  })
  showRelays(connection)
  // So that the others hear at once that we left, and not when the connection is found dead.
  addEventListener('pagehide', event => {
    if (!event.persisted) void connection.close()
  })
  // With the rights that the link gives, which `toString` leaves out.
  const group = await NetGroup.join<ChatMessage>(connection, spec, { validate: isChatMessage })
  const people = new People(group as NetGroup, rememberedName(), () => showPeople(group, people))
  const log = new MessageLog(people)
  showOwnName(people)
  showPeople(group, people)
  group.subscribe(() => showPeople(group, people))
  group.addEventListener('NetGroup.Neighbor.Connect', () => log.somebodyCame())
  group.addEventListener('NetGroup.Posting.Notify', ({ info }) => log.addReceived(info))
  group.addEventListener('NetGroup.Posting.Failed', ({ info }) => log.markFailed(info.messageID))
  showComposer(group, people, log)
}

/** The same peer after a reload. A second tab is somebody else, since two peers with one identity take each other's connections. */
async function identity(): Promise<{ identity?: Awaited<ReturnType<typeof loadIdentity>> }> {
  try {
    return { identity: await loadIdentity('chat-web') }
  } catch (error) {
    if (isNetGroupError(error, 'IDENTITY_IN_USE') || isNetGroupError(error, 'PLATFORM_UNSUPPORTED')) return {}
    throw error
  }
}
