import { describe, expect, test } from 'vitest'
import type * as browser from '../../src/browser.ts'
import { usePages } from '../support/browser/built-pages.ts'
import { skipsBrowser, type TestPage, useBrowser } from '../support/browser/test-browser.ts'
import './pages/window.ts'

describe.skipIf(skipsBrowser)('IndexedDBObjectStore in a page', () => {
  const chromium = useBrowser()
  const pages = usePages('browser/pages/api.html')
  const open = (): Promise<TestPage> => chromium.open(pages.url('browser/pages/api.html'))

  test('gives back what was put, as it was, also after a reload', async () => {
    const { page } = await open()
    await page.evaluate(async () => {
      const { IndexedDBObjectStore } = window.netgroup as unknown as typeof browser
      const store = new IndexedDBObjectStore('films')
      await store.put(3, new Uint8Array([1, 2, 3]))
      await store.put(4, { at: new Date(7), of: new Map([['a', new Set([12n])]]) })
      await store.put(2 ** 53 - 1, null)
    })
    await page.reload()
    const seen = await page.evaluate(async () => {
      const { IndexedDBObjectStore } = window.netgroup as unknown as typeof browser
      const store = new IndexedDBObjectStore('films')
      const [bytes, value] = [
        await store.get(3),
        (await store.get(4)) as { at: Date; of: Map<string, Set<bigint>> }
      ]
      return {
        has: [...(await store.has())],
        bytes: bytes instanceof Uint8Array ? [...bytes] : String(bytes),
        at: value.at.getTime(),
        of: value.of.get('a')?.has(12n),
        last: await store.get(2 ** 53 - 1),
        absent: (await store.get(5)) === undefined,
        ofAnother: [...(await new IndexedDBObjectStore('songs').has())]
      }
    })
    expect(seen).toEqual({
      has: [
        [3, 4],
        [2 ** 53 - 1, 2 ** 53 - 1]
      ],
      bytes: [1, 2, 3],
      at: 7,
      of: true,
      last: null,
      absent: true,
      ofAnother: []
    })
  })

  test('holds more objects than are listed at once', { timeout: 60_000 }, async () => {
    const { page } = await open()
    const has = await page.evaluate(async () => {
      const { IndexedDBObjectStore } = window.netgroup as unknown as typeof browser
      const store = new IndexedDBObjectStore('many')
      await store.put(0, 'made')
      // Behind its back, in one transaction: 70,000 of their own would take a minute.
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('netgroup objects many')
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
      const transaction = database.transaction('objects', 'readwrite')
      for (let i = 2; i < 70_000; i++) transaction.objectStore('objects').put(new Uint8Array([0xf6]), i)
      await new Promise(resolve => {
        transaction.oncomplete = resolve
      })
      return [...(await store.has())]
    })
    expect(has).toEqual([
      [0, 0],
      [2, 69_999]
    ])
  })

  test('lets its database be deleted, and begins anew', async () => {
    const { page } = await open()
    const has = await page.evaluate(async () => {
      const { IndexedDBObjectStore } = window.netgroup as unknown as typeof browser
      const store = new IndexedDBObjectStore('films')
      await store.put(1, 'one')
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('netgroup objects films')
        request.onsuccess = resolve
        request.onerror = () => reject(request.error)
      })
      await store.put(2, 'two')
      return [...(await store.has())]
    })
    expect(has).toEqual([[2, 2]])
  })

  test('rejects PLATFORM_UNSUPPORTED where there is no IndexedDB, and RangeError for no index', async () => {
    const { page } = await chromium.open(pages.url('browser/pages/api.html'), {
      init: () => Object.defineProperty(window, 'indexedDB', { value: undefined })
    })
    const refusals = await page.evaluate(async () => {
      const { IndexedDBObjectStore } = window.netgroup as unknown as typeof browser
      const store = new IndexedDBObjectStore('films')
      const refusal = (error: Error & { code?: string }): string => error.code ?? error.name
      return [await store.has().catch(refusal), await store.put(-1, 1).catch(refusal)]
    })
    expect(refusals).toEqual(['PLATFORM_UNSUPPORTED', 'RangeError'])
  })
})
