// npm start: examples/chat-web, with everything that it needs on one port. Builds the package and the page, runs a relay that serves the page, joins the
// page's group as a peer in Node, and prints the link.
//
//   npm start                     http://localhost:8080, or the next free port
//   npm start -- --port 9000      this port and no other; PORT=9000 does the same
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { staticFiles } from './static-files.js'

const DEFAULT_PORT = 8080

/** So many ports after the first are tried. */
const PORTS_TO_TRY = 20

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = join(ROOT, 'examples', 'chat-web')

/** Interfaces of virtual machines and containers: nobody's phone is there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|utun|tailscale|zt)/

try {
  await main()
} catch (error) {
  console.error(`npm start: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function main() {
  const port = await choosePort(askedPort())
  if (isOlderThanSource(join(ROOT, 'dist', 'browser.js'))) {
    console.log('Building the package …')
    execFileSync('npm', ['run', '--silent', 'build'], {
      cwd: ROOT,
      stdio: 'inherit',
      shell: process.platform === 'win32'
    })
  }
  console.log('Building the page …')
  await build({ configFile: join(PAGE, 'vite.config.ts'), logLevel: 'error' })
  // Only now: before the build they may not exist.
  const { RelayServer } = await import('netgroup/relay')
  const { startCompanion } = await import('./chat-companion.js')
  const relay = await RelayServer.start({
    listen: [`/ip4/0.0.0.0/tcp/${port}/ws`],
    httpPort: port,
    // For pages that meet over the internet; its port is told to them.
    stunPort: 0,
    identity: await relayIdentity(),
    onRequest: staticFiles(join(PAGE, 'dist'))
  })
  const name = `a Node peer on ${hostname()}`
  const spec = await groupAt(relay.multiaddrs)
  const companion = await startCompanion(spec.toString(), name)
  endOnSignal(async () => {
    await companion.close()
    await relay.close()
  })
  printLinks(spec, port, name)
}

/** The port that was asked for; undefined when none was. */
function askedPort() {
  const { values } = parseArgs({ options: { port: { type: 'string' } } })
  const asked = values.port ?? process.env.PORT
  if (asked === undefined || asked === '') return undefined
  const port = Number(asked)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${asked} is no port: give 1 to 65535, or 0 for any free one`)
  return port
}

async function choosePort(asked) {
  const [first, last] = asked === undefined ? [DEFAULT_PORT, DEFAULT_PORT + PORTS_TO_TRY] : [asked, asked]
  for (let port = first; port <= last; port++) {
    const free = await listenOnce(port)
    if (free !== undefined) return free
  }
  throw new Error(
    asked === undefined
      ? `ports ${first} to ${last} are taken: choose one with --port`
      : `port ${asked} is taken or not allowed`
  )
}

/** The port when it is free, of 0 a free one; undefined when it is taken. */
async function listenOnce(port) {
  const server = createServer()
  return await new Promise(resolve => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '0.0.0.0', () => {
      const free = server.address().port
      server.close(() => resolve(free))
    })
  })
}

function isOlderThanSource(file) {
  if (!existsSync(file)) return true
  const builtAtMs = statSync(file).mtimeMs
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
  return sources.some(name => statSync(join(ROOT, 'src', name)).mtimeMs > builtAtMs)
}

/** The same relay at each start, so that links and open pages go on. A second one at the same time is another relay. */
async function relayIdentity() {
  const { isNetGroupError, loadIdentity } = await import('netgroup')
  try {
    return await loadIdentity('npm-start-relay')
  } catch (error) {
    if (isNetGroupError(error, 'IDENTITY_IN_USE')) return undefined
    throw error
  }
}

/** The group of this relay: named after this machine, and the same at each start. */
async function groupAt(multiaddrs) {
  const { GroupSpecifier } = await import('netgroup')
  const spec = new GroupSpecifier(`Chat at ${hostname()}`, { postingEnabled: true, routingEnabled: true })
  const web = multiaddrs.filter(address => address.includes('/ws/'))
  const inNetwork = web.find(address => address.includes(`/${lanAddress()}/`))
  spec.addRelay(inNetwork ?? web.find(address => address.includes('/127.0.0.1/')) ?? web[0])
  return spec
}

/** This machine's address in its network, for phones and others there. */
function lanAddress() {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}

function printLinks(spec, port, name) {
  const lan = lanAddress()
  console.log(`\nOn this machine:  ${spec.toLink(`http://localhost:${port}/`)}`)
  if (lan !== undefined) console.log(`In this network:  ${spec.toLink(`http://${lan}:${port}/`)}`)
  console.log(`\nWhoever opens the link is in the group, and ${name} is there. Ctrl-C ends it.`)
}

function endOnSignal(close) {
  let isEnding = false
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      // The second one does not wait.
      if (isEnding) process.exit(130)
      isEnding = true
      close().catch(error => {
        console.error(error)
        process.exitCode = 1
      })
    })
}
