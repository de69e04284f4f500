// examples/chat-web as `npm start` serves it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenOptions, skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'
import { CliProcess, killCliProcesses } from '../support/cli-process.ts'

const START = fileURLToPath(new URL('../../scripts/start.js', import.meta.url))

/** Builds the page, and the package when that is older than its source. */
const START_TIMEOUT_MS = 90_000

const DEADLINE = { timeout: 20_000 }

describe.skipIf(skipsBrowser)('the chat page of npm start', () => {
  const browser = useBrowser()
  let home = ''
  let server: CliProcess
  let link = ''

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'netgroup-start-'))
    server = start('0')
    link = await linkOf(server)
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    server.kill('SIGINT')
    expect((await server.ended).exitCode).toBe(0)
    await killCliProcesses()
    rmSync(home, { recursive: true, force: true })
  }, 30_000)

  function start(port: string): CliProcess {
    return new CliProcess(['--port', port], {
      command: [process.execPath, START],
      env: { NETGROUP_HOME: home },
      input: ''
    })
  }

  /** A page of the group, by somebody of this name. */
  async function enter(name: string, options: OpenOptions = {}, url = link): Promise<Page> {
    const { page } = await browser.open(url, { name, ...options })
    await page.locator('#my-name').evaluate((field, name) => {
      ;(field as HTMLInputElement).value = name
      field.dispatchEvent(new Event('change'))
    }, name)
    return page
  }

  const say = async (page: Page, text: string): Promise<void> => {
    await page.fill('#message', text)
    await page.press('#message', 'Enter')
  }
  const log = async (page: Page): Promise<string> => (await page.textContent('#log')) ?? ''

  test('a link leads into the group: the Node peer is there and says welcome, two pages hear each other, and all is said in words', {
    timeout: 60_000
  }, async () => {
    const [ada, bob] = [await enter('Ada'), await enter('Bob')]
    for (const page of [ada, bob]) {
      await expect.poll(() => page.textContent('#relay-state'), DEADLINE).toBe('connected to relay')
      await expect.poll(() => page.locator('.person').count(), DEADLINE).toBe(2)
      await expect.poll(() => page.textContent('#people'), DEADLINE).toContain('a Node peer on')
      for (const path of await page.locator('.path').allTextContents())
        expect(path).toMatch(/^(through relay|direct(, (\d+|under 1) ms)?)$/)
    }
    await expect.poll(() => ada.textContent('#people'), DEADLINE).toContain('Bob')
    await expect.poll(() => log(ada), DEADLINE).toContain('Welcome')
    await say(ada, 'hello Bob')
    await expect.poll(() => log(bob), DEADLINE).toContain('hello Bob')
    await expect.poll(() => ada.inputValue('#message')).toBe('')
  })

  test('what strangers write is text: in names and in messages', { timeout: 60_000 }, async () => {
    const [ada, eve] = [await enter('Ada'), await enter('<img src=x onerror=alert(1)>')]
    await expect.poll(() => ada.textContent('#people'), DEADLINE).toContain('<img src=x onerror')
    await say(eve, '<b>bold</b>')
    await expect.poll(() => log(ada), DEADLINE).toContain('<b>bold</b>')
    expect(await ada.locator('#log b, #log img, #people img').count()).toBe(0)
  })

  test('without a link, a form makes a group, whose invite link leads others there', {
    timeout: 60_000
  }, async () => {
    const ada = (await browser.open(link.split('#')[0] ?? '', { name: 'ada' })).page
    await expect.poll(() => ada.inputValue('#relay')).toMatch(/^http:/)
    await ada.fill('#group-name', 'Kitchen table')
    await ada.press('#group-name', 'Enter')
    await expect.poll(() => ada.textContent('#title'), DEADLINE).toBe('Kitchen table')
    await expect.poll(() => ada.textContent('#relay-state'), DEADLINE).toBe('connected to relay')
    const bob = await enter('Bob', {}, await ada.inputValue('#invite-link'))
    await expect.poll(() => ada.textContent('#people'), DEADLINE).toContain('Bob')
    await say(bob, 'here I am')
    await expect.poll(() => log(ada), DEADLINE).toContain('here I am')
  })

  test('a post that reached nobody is marked, and can be tried again', { timeout: 90_000 }, async () => {
    const ada = (await browser.open(link.split('#')[0] ?? '', { name: 'ada' })).page
    await expect.poll(() => ada.inputValue('#relay')).toMatch(/^http:/)
    await ada.fill('#group-name', 'Nobody else')
    await ada.press('#group-name', 'Enter')
    await ada.waitForSelector('#message:visible')
    await say(ada, 'anybody?')
    await expect.poll(() => log(ada), DEADLINE).toContain('waits for somebody to be here')
    // The library keeps it for 30 s.
    await expect.poll(() => log(ada), { timeout: 45_000 }).toContain('not sent: nobody was here')
    await ada.click('text=Try again')
    await expect.poll(() => log(ada), DEADLINE).toContain('waits for somebody to be here')
    expect(await log(ada)).not.toContain('not sent')
  })

  test('a damaged link is told in words', async () => {
    const { page } = await browser.open(link.slice(0, -7))
    await expect.poll(() => page.textContent('#failed-reason'), DEADLINE).toContain('The link is damaged')
    expect(await page.isVisible('#chat')).toBe(false)
  })

  test.each([320, 360, 1280])(
    '%i px wide: nothing is cut off, the line to write in is in view, and the keyboard leads everywhere',
    {
      timeout: 60_000
    },
    async width => {
      const asked = new Set<string>()
      const { page, log: pageLog } = await browser.open('about:blank', { viewport: { width, height: 640 } })
      page.on('request', request => asked.add(new URL(request.url()).host))
      await page.goto(link)
      await expect.poll(() => page.textContent('#relay-state'), DEADLINE).toBe('connected to relay')
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      expect(await page.locator('#composer').evaluate(line => line.getBoundingClientRect().bottom)).toBe(640)
      const reached = new Set<string>()
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      if (width < 736) await page.focus('#panel-toggle').then(() => page.keyboard.press('Enter'))
      for (let tab = 0; tab < 12; tab++) {
        await page.keyboard.press('Tab')
        reached.add(await page.evaluate(() => document.activeElement?.id ?? ''))
        const outline = await page.evaluate(
          () => getComputedStyle(document.activeElement ?? document.body).outlineStyle
        )
        if (await page.evaluate(() => document.activeElement !== document.body))
          expect(outline).not.toBe('none')
      }
      for (const id of ['my-name', 'invite-link', 'invite-copy', 'message'])
        expect([...reached]).toContain(id)
      // Nothing comes from anywhere else: no fonts, no counters.
      expect([...asked]).toEqual([new URL(link).host])
      expect(pageLog.uncaught).toEqual([])
    }
  )

  test('an asked-for port that is taken is told in one line', { timeout: START_TIMEOUT_MS }, async () => {
    const { exitCode, stderr } = await start(new URL(link).port).ended
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^npm start: port \d+ is taken or not allowed$/m)
  })

  test('when the relay is gone the page says so, with the time of the next try', {
    timeout: START_TIMEOUT_MS
  }, async () => {
    const second = start('0')
    const ada = await enter('Ada', {}, await linkOf(second))
    await expect.poll(() => ada.textContent('#relay-state'), DEADLINE).toBe('connected to relay')
    second.kill('SIGKILL')
    await second.ended
    await expect
      .poll(() => ada.textContent('#relay-state'), DEADLINE)
      .toMatch(/^relay lost, trying again at \d\d:\d\d:\d\d$/)
    await ada.context().setOffline(true)
    await expect.poll(() => ada.textContent('#relay-state'), DEADLINE).toBe('offline')
  })
})

async function linkOf(server: CliProcess): Promise<string> {
  const line = await server.waitForLine(/^On this machine:/, START_TIMEOUT_MS)
  return line.replace(/^On this machine:\s+/, '')
}
