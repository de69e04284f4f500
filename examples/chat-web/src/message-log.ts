import type { PeerID } from 'netgroup'
import type { ChatMessage } from './chat-message.ts'
import { element, withText } from './element.ts'
import type { People } from './people.ts'
import { nameTag } from './people-view.ts'
import { timeInWords } from './words.ts'

/** So many messages stay in the page; older ones go. */
const MAX_MESSAGES = 500

/** The end is in sight within this many pixels: then what is new is scrolled to. */
const NEAR_END_PX = 80

/** One of our own posts. */
export interface OwnPost {
  readonly messageID: string
  readonly text: string
  /** Nobody is here yet: the library keeps it for a while. */
  readonly isKept: boolean
  /** Posts it once more. */
  readonly again: () => void
}

/** The messages, the newest last. */
export class MessageLog {
  readonly #list = element('log')
  readonly #scroll = element('scroll')
  readonly #people: People
  /** Own posts that nobody has got yet, by message id. */
  readonly #kept = new Map<string, { row: HTMLElement; post: OwnPost }>()
  #unread = 0
  readonly #title = document.title

  constructor(people: People) {
    this.#people = people
    document.addEventListener('visibilitychange', () => this.#countUnread(0))
  }

  addReceived({ from, message, sentAt }: { from: PeerID; message: ChatMessage; sentAt: Date }): void {
    const { name, text } = typeof message === 'string' ? { name: undefined, text: message } : message
    if (name !== undefined) this.#people.heard(from, name)
    this.#append(nameTag(from, this.#people), text, sentAt, 'message')
    if (document.hidden) this.#countUnread(this.#unread + 1)
  }

  addOwn(post: OwnPost): void {
    const row = this.#append(withText('span', 'who', 'you'), post.text, new Date(), 'message own')
    if (!post.isKept) return
    row.append(withText('span', 'note', 'waits for somebody to be here'))
    this.#kept.set(post.messageID, { row, post })
  }

  /** What was kept is on its way. */
  somebodyCame(): void {
    for (const { row } of this.#kept.values()) row.querySelector('.note')?.remove()
    this.#kept.clear()
  }

  markFailed(messageID: string): void {
    const kept = this.#kept.get(messageID)
    if (kept === undefined) return
    this.#kept.delete(messageID)
    const { row, post } = kept
    row.classList.add('failed')
    const again = withText('button', 'again', 'Try again')
    again.addEventListener('click', () => {
      row.remove()
      post.again()
      element('message').focus()
    })
    row.querySelector('.note')?.replaceWith(withText('span', 'note', 'not sent: nobody was here'), again)
  }

  #append(who: HTMLElement, text: string, at: Date, className: string): HTMLElement {
    const list = this.#list
    const scroll = this.#scroll
    const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX
    const row = withText('li', className, '')
    const time = withText('time', 'time', timeInWords(at)) as HTMLTimeElement
    time.dateTime = at.toISOString()
    const body = withText('p', 'text', text)
    body.dir = 'auto'
    row.append(who, time, body)
    list.append(row)
    while (list.childElementCount > MAX_MESSAGES) list.firstElementChild?.remove()
    if (isAtEnd || className.includes('own')) scroll.scrollTop = scroll.scrollHeight
    return row
  }

  #countUnread(unread: number): void {
    this.#unread = document.hidden ? unread : 0
    document.title = this.#unread === 0 ? this.#title : `(${this.#unread}) ${this.#title}`
  }
}
