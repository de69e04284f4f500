import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, chromium } from 'playwright-core'

const START_TIMEOUT_MS = 30_000

/**
 * Chromium as a user has it. Playwright's own way of starting it makes every page believe that it is in front and keeps timers of pages in the background
 * from being slowed down; here tabs are really hidden behind others.
 */
export class ChromiumProcess {
  readonly browser: Browser
  readonly #child: ChildProcess
  readonly #profile: string

  private constructor(browser: Browser, child: ChildProcess, profile: string) {
    this.browser = browser
    this.#child = child
    this.#profile = profile
  }

  static async start(path: string, flags: readonly string[]): Promise<ChromiumProcess> {
    const profile = mkdtempSync(join(tmpdir(), 'netgroup-chromium-'))
    const own = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
    const child = spawn(path, [...flags, ...own], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true
    })
    try {
      const browser = await chromium.connectOverCDP(await debuggingAddress(child), { noDefaults: true })
      return new ChromiumProcess(browser, child, profile)
    } catch (error) {
      killGroup(child)
      throw error
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    await this.browser.close()
    killGroup(this.#child)
    await ended
    // Helpers that were killed are gone a moment later.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

/** With its helpers, which write into the profile when it has ended already. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // All have ended.
  }
}

async function debuggingAddress(child: ChildProcess): Promise<string> {
  const said: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (why: string): void => reject(new Error(`Chromium ${why}: ${said.join('\n')}`))
  const timer = setTimeout(() => fail(`did not start within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
  child.once('error', reject)
  child.once('exit', code => fail(`ended with exit code ${code}`))
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', line => {
      const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
      if (address === undefined) said.push(line)
      else resolve(address)
    })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
