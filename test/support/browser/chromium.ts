import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

/** How long Debian's package may take to come, in ms: it is 80 MB with what it depends on, and mirrors are slow at times. */
const INSTALL_TIMEOUT_MS = 600_000

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** Where installers put it that do not put it on the PATH. */
const ELSEWHERE = [
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env['ProgramFiles'] ?? 'C:\\Program Files', 'Google/Chrome/Application/chrome.exe'),
  join(process.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)', 'Google/Chrome/Application/chrome.exe')
]

/** The path of a Chromium on this machine: named, installed, or installed now where that may be done. @throws Error with one line that says how to get one */
export function findChromium(): string {
  const named = process.env['NETGROUP_CHROMIUM']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new Error(`There is no Chromium at ${named}, which NETGROUP_CHROMIUM names`)
  }
  const found = findInstalled() ?? findAfterInstalling()
  if (found !== undefined) return found
  throw new Error(
    'No Chromium: install one (Debian: apt-get install chromium; elsewhere: npx playwright-core install chromium), name its path in NETGROUP_CHROMIUM, or skip these tests with NETGROUP_SKIP_BROWSER=1'
  )
}

function findInstalled(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  const onPath = folders.flatMap(folder => NAMES.map(name => join(folder, name)))
  return [...onPath, ...ELSEWHERE, ...playwrights()].find(path => existsSync(path))
}

/** What `playwright install chromium` has left: of this version of Playwright, or of another one. */
function playwrights(): string[] {
  const own = chromium.executablePath()
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache', 'ms-playwright')
  const others = existsSync(cache) ? readdirSync(cache).filter(name => name.startsWith('chromium-')) : []
  return [
    own,
    ...others
      .sort()
      .reverse()
      .map(name => join(cache, name, 'chrome-linux', 'chrome'))
  ]
}

/** Debian's package, by root only. The lock makes several test processes install it once. */
function findAfterInstalling(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  console.log('No Chromium on this machine: apt-get install chromium')
  const install =
    'command -v chromium || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }'
  try {
    execFileSync('flock', [join(tmpdir(), 'netgroup-chromium.lock'), 'sh', '-c', install], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: INSTALL_TIMEOUT_MS
    })
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer }
    console.log(`It could not be installed: ${String(stderr ?? error).trim()}`)
  }
  return findInstalled()
}
