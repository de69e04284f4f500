import type { Page } from 'playwright-core'

/** What a page wrote to its console and what went wrong in it, line by line, each with its time since the page was opened. */
export class PageLog {
  readonly name: string
  readonly lines: string[] = []
  readonly #openedAtMs = performance.now()

  constructor(name: string, page: Page) {
    this.name = name
    page.on('console', message => this.#add(message.type(), message.text()))
    page.on('pageerror', error => this.#add('uncaught', error.stack ?? error.message))
    page.on('crash', () => this.#add('crash', 'the page crashed'))
    page.on('requestfailed', request =>
      this.#add('request', `${request.url()}: ${request.failure()?.errorText ?? 'failed'}`)
    )
    page.on('framenavigated', frame => this.#add('navigated', frame.url()))
  }

  /** What nobody caught. A page of a test has none of these. */
  get uncaught(): string[] {
    return this.lines.filter(line => line.includes(' uncaught: '))
  }

  toString(): string {
    return this.lines.map(line => `${line}\n`).join('')
  }

  #add(kind: string, text: string): void {
    this.lines.push(`${Math.round(performance.now() - this.#openedAtMs)} ms ${kind}: ${text}`)
  }
}
