import type { NetGroup } from 'netgroup'
import type { ChatMessage } from './chat-message.ts'
import { element } from './element.ts'
import type { MessageLog } from './message-log.ts'
import type { People } from './people.ts'
import { errorInWords } from './words.ts'

/** The line to write in. Enter sends. */
export function showComposer(group: NetGroup<ChatMessage>, people: People, log: MessageLog): void {
  const field = element<HTMLInputElement>('message')
  const error = element('composer-error')
  const post = async (text: string): Promise<void> => {
    const message = people.ownName === undefined ? text : { name: people.ownName, text }
    const messageID = await group.post(message)
    log.addOwn({ messageID, text, isKept: group.neighborCount === 0, again: () => send(text) })
  }
  const send = (text: string): void => {
    error.textContent = ''
    post(text).catch(failure => {
      error.textContent = errorInWords(failure)
      // Nothing of what was written is lost.
      if (field.value === '') field.value = text
    })
  }
  element('composer').addEventListener('submit', event => {
    event.preventDefault()
    const text = field.value.trim()
    if (text === '') return
    field.value = ''
    send(text)
  })
  if (!group.can('posting')) {
    field.placeholder = 'You can read along, not write'
    return
  }
  // Only now: what is sent before anybody listens here would send the form, and the page with it.
  field.disabled = false
  element<HTMLButtonElement>('send').disabled = false
  if (matchMedia('(hover: hover)').matches) field.focus()
}
