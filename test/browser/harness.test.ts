// What the browser tests stand on: Chromium is found, and what a page says is there when it is needed.
import { describe, expect, test } from 'vitest'
import { findChromium } from '../support/browser/chromium.ts'
import { skipsBrowser, useBrowser } from '../support/browser/test-browser.ts'

describe.skipIf(skipsBrowser)('a browser for tests', () => {
  const browser = useBrowser()

  test('keeps what a page says and what nobody caught in it', async () => {
    const { page, log } = await browser.open('data:text/html,<title>t</title>', { name: 'speaker' })
    await page.evaluate(() => {
      console.log('a word')
      setTimeout(() => {
        throw new Error('nobody caught this')
      }, 0)
    })
    await expect.poll(() => log.uncaught.length).toBe(1)
    expect(log.toString()).toMatch(/ms log: a word\n/)
    expect(log.uncaught[0]).toMatch(/nobody caught this/)
  })

  test('is told by name when NETGROUP_CHROMIUM names a file that is not there', () => {
    const before = process.env['NETGROUP_CHROMIUM']
    process.env['NETGROUP_CHROMIUM'] = '/nowhere/chromium'
    try {
      expect(findChromium).toThrow(/no Chromium at \/nowhere\/chromium/)
    } finally {
      if (before === undefined) delete process.env['NETGROUP_CHROMIUM']
      else process.env['NETGROUP_CHROMIUM'] = before
    }
  })
})
