// Programs 6 and 7 of the plan, as they are written, in pages.
import { GroupSpecifier } from 'netgroup'
import { afterEach, describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { waitForPictures, waitForSound } from '../support/browser/shown-media.ts'
import { skipsBrowser, type TestPage, useBrowser } from '../support/browser/test-browser.ts'
import { killCliProcesses } from '../support/cli-process.ts'
import { addressOf, leave, startRelay } from '../support/peer-process.ts'

afterEach(killCliProcesses)

const BROADCAST = 'browser/pages/broadcast.html'
const CALL = 'browser/pages/call.html'

/** What the page of program 7 calls its relay. */
const RELAY_PAGE = 'https://relay.example/.well-known/netgroup'

describe.skipIf(skipsBrowser)('netgroup/media', () => {
  const browser = useBrowser({ hasDevices: true })
  const pages = usePages(BROADCAST, CALL)

  test('program 6: who may publish shows camera and microphone to a page that watches, and to one that comes later', {
    timeout: 150_000
  }, async () => {
    const relay = startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    const spec = new GroupSpecifier(`stage ${crypto.randomUUID()}`, { multicastEnabled: true })
    await spec.setPublishPassword('curtain')
    spec.addRelay(await addressOf(relay))
    const url = pages.url(BROADCAST)
    const viewer = await browser.open(spec.toLink(url), { name: 'viewer' })
    const stage = await browser.open(`${url}#${spec.groupspecWithAuthorizations()}`, { name: 'stage' })
    await waitForPictures(viewer)
    await waitForSound(viewer)
    const late = await browser.open(spec.toLink(url), { name: 'late' })
    await waitForPictures(late)
    await waitForSound(late)
    for (const { log } of [viewer, stage, late]) expect(log.uncaught).toEqual([])
    await leave(relay)
  })

  test('program 7: two pages call each other, and each sees and hears the other', {
    timeout: 150_000
  }, async () => {
    const relay = startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    const body = JSON.stringify({ multiaddrs: [await addressOf(relay)] })
    const open = async (name: string): Promise<TestPage> => {
      const opened = await browser.open('about:blank', { name })
      const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/json' }
      await opened.page.route(RELAY_PAGE, route => route.fulfill({ body, headers }))
      opened.page.once('dialog', dialog => {
        void dialog.accept()
        // Who shows who calls is called back by it, and so on: a person answers once.
        opened.page.on('dialog', again => void again.dismiss())
      })
      await opened.page.goto(pages.url(CALL))
      return opened
    }
    const [ada, bob] = [await open('ada'), await open('bob')]
    await bob.page.fill('input', await calledAt(ada))
    await calledAt(bob)
    await bob.page.click('button')
    await Promise.all([waitForPictures(ada), waitForPictures(bob)])
    await Promise.all([waitForSound(ada), waitForSound(bob)])
    expect(ada.log.uncaught).toEqual([])
    // Nobody catches that the call back was not answered.
    expect(bob.log.uncaught).toEqual([
      expect.stringContaining('NetGroupError: Cannot play direct stream "call"')
    ])
    await leave(relay)
  })
})

/** The peer id that a page of program 7 tells, once it can be called. */
async function calledAt({ log, page }: TestPage): Promise<string> {
  const told = (): string | undefined => /call me at (\S+)/.exec(log.toString())?.[1]
  await expect.poll(told, { timeout: 20_000 }).toBeDefined()
  await page.waitForFunction(() => document.querySelector('button')?.onclick != null)
  return String(told())
}
