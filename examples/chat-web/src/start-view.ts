import { GroupSpecifier } from 'netgroup'
import { element } from './element.ts'
import { relayAddress, relayOfThisPage } from './relay-choice.ts'
import { errorInWords } from './words.ts'

/** Nobody has opened a link: a form that makes one. */
export function showStart(): void {
  const relay = element<HTMLInputElement>('relay')
  const name = element<HTMLInputElement>('group-name')
  element('start').hidden = false
  name.focus()
  void relayOfThisPage().then(found => {
    if (found !== undefined && relay.value === '') relay.value = found
  })
  element('start-form').addEventListener('submit', event => {
    event.preventDefault()
    void start(name.value.trim(), relay.value.trim())
  })
}

async function start(name: string, relay: string): Promise<void> {
  const error = element('start-error')
  error.textContent = ''
  try {
    const spec = new GroupSpecifier(name, { postingEnabled: true, routingEnabled: true })
    // Two groups of one name are two groups: who guesses the name is in neither.
    spec.makeUnique()
    spec.addRelay(await relayAddress(relay))
    location.href = spec.toLink(location.href.split('#')[0] ?? '')
  } catch (failure) {
    error.textContent = errorInWords(failure)
  }
}
