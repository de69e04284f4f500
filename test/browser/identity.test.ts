import { describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { skipsBrowser, type TestPage, UNTRUSTED_HOST, useBrowser } from '../support/browser/test-browser.ts'
import './pages/window.ts'

/** The public key of an identity as a page gets it, or the code of its refusal. */
function load({ page }: TestPage, name: string): Promise<string> {
  return page.evaluate(
    async name =>
      await window.netgroup.loadIdentity(name).then(
        key => key.publicKey.toString(),
        error => String(error.code ?? error)
      ),
    name
  )
}

describe.skipIf(skipsBrowser)('loadIdentity() in a page', () => {
  const browser = useBrowser()
  const pages = usePages('browser/pages/api.html')
  const open = (host?: string, besides?: TestPage): Promise<TestPage> =>
    browser.open(pages.url('browser/pages/api.html', host), besides === undefined ? {} : { besides })

  describe.each([
    ['by Web Locks', undefined, true],
    ['without Web Locks, over plain HTTP', UNTRUSTED_HOST, false]
  ] as const)('%s', (_, host, hasLocks) => {
    test('gives the same key twice in one page, and again after a reload', async () => {
      const tab = await open(host)
      expect(await tab.page.evaluate(() => 'locks' in navigator)).toBe(hasLocks)
      const [first, second] = await Promise.all([load(tab, 'ada'), load(tab, 'ada')])
      expect(first).toMatch(/^12D3Koo/)
      expect(second).toBe(first)
      await tab.page.reload()
      expect(await load(tab, 'ada')).toBe(first)
    })

    test('gives another key under another name', async () => {
      const tab = await open(host)
      expect(await load(tab, 'ada')).not.toBe(await load(tab, 'bob'))
    })

    test('refuses a second tab, which gets the key when the first has closed', async () => {
      const first = await open(host)
      const key = await load(first, 'ada')
      const second = await open(host, first)
      expect(await load(second, 'ada')).toBe('IDENTITY_IN_USE')
      await first.page.close()
      expect(await load(second, 'ada')).toBe(key)
    })

    test('lets one of two tabs have it that ask at once', async () => {
      const first = await open(host)
      const second = await open(host, first)
      const answers = await Promise.all([load(first, 'ada'), load(second, 'ada')])
      expect(answers.filter(answer => answer === 'IDENTITY_IN_USE')).toHaveLength(1)
    })
  })

  test('rejects PLATFORM_UNSUPPORTED where there is no IndexedDB', async () => {
    const { page } = await browser.open(pages.url('browser/pages/api.html'), {
      init: () => Object.defineProperty(window, 'indexedDB', { value: undefined })
    })
    const code = await page.evaluate(() =>
      window.netgroup.loadIdentity('ada').catch((error: { code: string }) => error.code)
    )
    expect(code).toBe('PLATFORM_UNSUPPORTED')
  })

  test('throws TypeError for a name that is none', async () => {
    const tab = await open()
    expect(await load(tab, '../ada')).toMatch(/^TypeError: Cannot load identity "..\/ada"/)
  })
})
