import type { NetGroup, PeerID } from 'netgroup'
import type { ChatMessage } from './chat-message.ts'
import { element, withText } from './element.ts'
import { cleanName, hueOf, rememberName, shortPeer } from './names.ts'
import type { People } from './people.ts'
import { pathInWords } from './words.ts'

/** Who is here, and how each is reached. */
export function showPeople(group: NetGroup<ChatMessage>, people: People): void {
  const { neighbors } = group
  const rows = neighbors.map(neighbor => {
    const row = withText('li', 'person', '')
    const path = withText('span', 'path', pathInWords(neighbor))
    path.dataset['relayed'] = String(neighbor.relayed)
    path.title = neighbor.transport
    row.append(nameTag(neighbor.peerID, people), path)
    return row
  })
  element('people').replaceChildren(...rows)
  element('nobody').hidden = neighbors.length > 0
  element('panel-count').textContent = String(neighbors.length)
}

/** A name as it stands in lists and before messages. The end of the peer id is always there: two may claim one name. */
export function nameTag(peerID: PeerID, people: People): HTMLElement {
  const tag = withText('span', 'who', '')
  tag.style.setProperty('--hue', String(hueOf(peerID)))
  const name = people.nameOf(peerID)
  if (name !== undefined) tag.append(withText('bdi', 'name', name), ' ')
  tag.append(withText('span', name === undefined ? 'name' : 'id', shortPeer(peerID)))
  tag.title = peerID
  return tag
}

/** The field for one's own name. */
export function showOwnName(people: People): void {
  const field = element<HTMLInputElement>('my-name')
  const take = (): void => {
    people.ownName = cleanName(field.value)
    field.value = people.ownName ?? ''
    rememberName(people.ownName)
  }
  // Somebody may have been quicker than the connection.
  if (field.value === '') field.value = people.ownName ?? ''
  else take()
  field.addEventListener('change', take)
  field.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') element('message').focus()
  })
}

/** On a phone the list is behind a button. */
export function showPanelToggle(): void {
  const toggle = element<HTMLButtonElement>('panel-toggle')
  const set = (isOpen: boolean): void => {
    toggle.setAttribute('aria-expanded', String(isOpen))
    element('panel').dataset['open'] = String(isOpen)
  }
  toggle.addEventListener('click', () => set(toggle.getAttribute('aria-expanded') !== 'true'))
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || toggle.getAttribute('aria-expanded') !== 'true') return
    set(false)
    toggle.focus()
  })
  set(false)
}
