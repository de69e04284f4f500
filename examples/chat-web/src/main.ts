import { GroupSpecifier } from 'netgroup'
import { showChat } from './chat-view.ts'
import { element } from './element.ts'
import { showStart } from './start-view.ts'
import { errorInWords } from './words.ts'

// Another link in the same tab is another group.
addEventListener('hashchange', () => location.reload())

if (location.hash.length > 1) await openLink()
else showStart()

async function openLink(): Promise<void> {
  try {
    await showChat(GroupSpecifier.parse(location.hash.slice(1)))
  } catch (error) {
    element('chat').hidden = true
    element('failed-reason').textContent = errorInWords(error)
    element('failed').hidden = false
  }
}
