import { describe, expect, it } from 'vitest'
import { onPageChange, type PageChange } from '../../../src/platform/page-events.ts'

/** A page as far as its events go. */
class FakePage extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  readonly navigator = { onLine: true, connection: new EventTarget() }
}

function listen(page: FakePage): { changes: PageChange[]; stop: () => void } {
  const changes: PageChange[] = []
  return { changes, stop: onPageChange(change => changes.push(change), page) }
}

const pageshow = (persisted: boolean): Event => Object.assign(new Event('pageshow'), { persisted })

describe('onPageChange()', () => {
  it('tells that the network goes and comes', () => {
    const page = new FakePage()
    const { changes } = listen(page)
    page.dispatchEvent(new Event('offline'))
    page.dispatchEvent(new Event('online'))
    expect(changes).toEqual(['offline', 'online'])
  })

  it('tells that the page is hidden and shown', () => {
    const page = new FakePage()
    const { changes } = listen(page)
    for (const state of ['hidden', 'visible']) {
      page.document.visibilityState = state
      page.document.dispatchEvent(new Event('visibilitychange'))
    }
    expect(changes).toEqual(['hidden', 'visible'])
  })

  it('tells that the page comes back from the back/forward cache, and not that it begins', () => {
    const page = new FakePage()
    const { changes } = listen(page)
    page.dispatchEvent(pageshow(false))
    expect(changes).toEqual([])
    page.dispatchEvent(pageshow(true))
    expect(changes).toEqual(['visible'])
  })

  it('tells that the browser puts the page to sleep and wakes it', () => {
    const page = new FakePage()
    const { changes } = listen(page)
    page.document.dispatchEvent(new Event('freeze'))
    page.document.dispatchEvent(new Event('resume'))
    expect(changes).toEqual(['hidden', 'visible'])
  })

  it('tells that another network is in use, or none', () => {
    const page = new FakePage()
    const { changes } = listen(page)
    page.navigator.connection.dispatchEvent(new Event('change'))
    page.navigator.onLine = false
    page.navigator.connection.dispatchEvent(new Event('change'))
    expect(changes).toEqual(['online', 'offline'])
  })

  it('tells nothing after it was stopped', () => {
    const page = new FakePage()
    const { changes, stop } = listen(page)
    stop()
    stop()
    page.dispatchEvent(new Event('online'))
    page.document.dispatchEvent(new Event('resume'))
    page.navigator.connection.dispatchEvent(new Event('change'))
    expect(changes).toEqual([])
  })

  it('tells what a worker can know, which has no document', () => {
    const worker = new EventTarget()
    const changes: PageChange[] = []
    onPageChange(change => changes.push(change), worker)
    worker.dispatchEvent(new Event('offline'))
    expect(changes).toEqual(['offline'])
  })

  it('is silent where there is no page at all', () => {
    expect(() => onPageChange(() => {}, {})()).not.toThrow()
    expect(() => onPageChange(() => {})()).not.toThrow()
  })
})
