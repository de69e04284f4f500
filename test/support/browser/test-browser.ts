import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { findChromium } from './chromium.ts'
import { ChromiumProcess } from './chromium-process.ts'
import { PageLog } from './page-log.ts'

/** Long enough to install a browser. */
const LAUNCH_TIMEOUT_MS = 660_000

/** Where what pages said is kept when a test fails. In .gitignore. */
const RESULTS = fileURLToPath(new URL('../../../test-results/browser', import.meta.url))

/** This machine under a name that browsers do not trust as they trust localhost: a page from there is like one that came over plain HTTP from a LAN. */
export const UNTRUSTED_HOST = 'netgroup.test'

/** Nothing but the pages under test may use the network, and UDP is for WebRTC. */
const FLAGS = [
  `--host-resolver-rules=MAP ${UNTRUSTED_HOST} 127.0.0.1`,
  '--headless=new',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const DEVICES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

/** Browser tests are not to be run: `describe.skipIf(skipsBrowser)`. Importing this file says so. */
export const skipsBrowser: boolean = process.env['NETGROUP_SKIP_BROWSER'] === '1'
if (skipsBrowser) console.log('Skipped, since NETGROUP_SKIP_BROWSER=1: tests in a browser')

/** A page under test, in a profile of its own: no storage, cache or network state is shared with others. */
export interface TestPage {
  readonly page: Page
  readonly context: BrowserContext
  readonly log: PageLog
}

/** How a page is opened. */
export interface OpenOptions {
  /** What it is called in logs. @default page 1, page 2 … */
  name?: string
  /** Runs in the page before anything else does. */
  init?: () => void
  /** Share storage with this page, as two tabs of one browser do. */
  besides?: TestPage
  /** @default 1280 × 720 */
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
}

/** How the browser is started. */
export interface LaunchOptions {
  /** As a user has it, in one window with one profile: a page is hidden while another is in front, and then its timers are slow. @default false */
  asUser?: boolean
  /** Pages may use a camera and a microphone, which show a moving disc, and beep. @default false */
  hasDevices?: boolean
}

/** Chromium with a fresh profile. What pages log is kept, and shown only when a test fails. */
export class TestBrowser {
  readonly #browser: Browser
  readonly #stop: () => Promise<void>
  /** The window that all pages share, when there is one. */
  readonly #window: BrowserContext | undefined
  readonly #pages: TestPage[] = []

  private constructor(browser: Browser, stop: () => Promise<void>, window?: BrowserContext) {
    this.#browser = browser
    this.#stop = stop
    this.#window = window
  }

  /** @throws Error with one line that says how to get a Chromium where there is none */
  static async launch({ asUser = false, hasDevices = false }: LaunchOptions = {}): Promise<TestBrowser> {
    const isRoot = process.getuid?.() === 0
    const executablePath = findChromium()
    const flags = [...FLAGS, ...(hasDevices ? DEVICES : [])]
    if (asUser) {
      const started = await ChromiumProcess.start(executablePath, [
        ...flags,
        ...(isRoot ? ['--no-sandbox'] : [])
      ])
      return new TestBrowser(started.browser, () => started.stop(), started.browser.contexts()[0])
    }
    const browser = await chromium.launch({
      executablePath,
      args: flags,
      ignoreDefaultArgs: ['--headless'],
      // Chromium's sandbox does not run as root.
      chromiumSandbox: !isRoot
    })
    return new TestBrowser(browser, () => browser.close())
  }

  /** Opens a page and waits until it has loaded. */
  async open(url: string, options: OpenOptions = {}): Promise<TestPage> {
    const { name = `page ${this.#pages.length + 1}`, init, besides, ...look } = options
    const context = besides?.context ?? this.#window ?? (await this.#browser.newContext(look))
    const page = await context.newPage()
    const opened = { page, context, log: new PageLog(name, page) }
    this.#pages.push(opened)
    if (init !== undefined) await page.addInitScript(init)
    await page.goto(url)
    return opened
  }

  /** Closes all pages. When the test has failed, prints what they said, and keeps it under test-results/browser. */
  async endTest(test: string, hasFailed: boolean): Promise<void> {
    const pages = this.#pages.splice(0)
    if (hasFailed) for (const { log } of pages) keep(test, log)
    await Promise.all(pages.map(({ page }) => page.close()))
    const contexts = new Set(pages.map(({ context }) => context).filter(context => context !== this.#window))
    await Promise.all([...contexts].map(context => context.close()))
  }

  async close(): Promise<void> {
    await this.#stop()
  }
}

function keep(test: string, log: PageLog): void {
  console.log(`What ${log.name} said:\n${log}`)
  const folder = join(RESULTS, fileName(test))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${fileName(log.name)}.log`), log.toString())
}

function fileName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 80)
}

/** A browser for the tests of a file: started before them, its pages closed after each. Call it inside `describe`. */
export function useBrowser(options: LaunchOptions = {}): { readonly open: TestBrowser['open'] } {
  let browser: TestBrowser | undefined
  beforeAll(async () => {
    browser = await TestBrowser.launch(options)
  }, LAUNCH_TIMEOUT_MS)
  afterEach(async ({ task }) => await browser?.endTest(task.name, task.result?.state === 'fail'))
  afterAll(async () => await browser?.close())
  return {
    open: async (url, options) => {
      if (browser === undefined) throw new Error('The browser has not been started')
      return await browser.open(url, options)
    }
  }
}
