// Imports go down only: fails when a file of src/ imports from a room above its own, or core/ touches the outside world.
// The rooms and their levels are those of docs/ARCHITECTURE.md.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const src = join(root, 'src')

/** What each room may import of ours, and packages it must not name. */
const rooms = {
  shared: { may: [], mustNot: [/^libp2p$/, /^@libp2p\//, /^node:/] },
  wire: { may: ['shared'], mustNot: [/^libp2p$/, /^@libp2p\//, /^node:/] },
  core: { may: ['shared', 'wire'], mustNot: [/^libp2p$/, /^@libp2p\//, /^node:/] },
  net: { may: ['shared', 'wire', 'core'], mustNot: [/^libp2p$/, /^node:/, TRANSPORTS()] },
  discovery: { may: ['shared', 'wire', 'core', 'net'], mustNot: [/^node:/] },
  relay: { may: ['shared', 'wire', 'core', 'net'], mustNot: [] },
  platform: { may: ['shared', 'wire', 'core', 'net', 'discovery'], mustNot: [] },
  api: { may: ['shared', 'wire', 'core', 'net'], mustNot: [/^libp2p$/, /^node:/, TRANSPORTS()] },
  media: { may: ['shared', 'wire', 'core', 'net', 'api'], mustNot: [/^libp2p$/, /^node:/, TRANSPORTS()] },
  testing: { may: ['shared', 'wire', 'core', 'net', 'platform', 'api'], mustNot: [/^node:/] },
  '': {
    may: ['shared', 'wire', 'core', 'net', 'discovery', 'relay', 'platform', 'api', 'media', 'testing'],
    mustNot: []
  },
  cli: { may: [], mustNot: [] }
}

/** Engines take time, randomness and timers as arguments. */
const banned =
  /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|queueMicrotask|console\.|process\.|async |await |Promise\b|crypto\.getRandomValues)/

function TRANSPORTS() {
  return /^@libp2p\/(tcp|websockets|webrtc|circuit-relay-v2|memory|mdns|noise|yamux|plaintext|upnp-nat)$/
}

const problems = []
for (const file of readdirSync(src, { recursive: true }).filter(name => name.endsWith('.ts'))) {
  const path = join(src, file)
  const room = file.includes(sep) ? file.split(sep)[0] : ''
  const rule = rooms[room]
  if (rule === undefined) {
    problems.push(`src/${file}: ${room}/ is not a room of docs/ARCHITECTURE.md`)
    continue
  }
  const text = readFileSync(path, 'utf8')
  for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const typeOnly = new RegExp(
      `import type [^;]*?from '${name.replaceAll(/[/.*+?^${}()|[\]\\]/g, '\\$&')}'`
    ).test(text)
    if (name.startsWith('.')) {
      const target = relative(src, resolve(dirname(path), name))
      const targetRoom = target.includes(sep) ? target.split(sep)[0] : ''
      if (targetRoom !== room && !rule.may.includes(targetRoom))
        problems.push(
          `src/${file} imports ${name}: ${room || 'an entry'} must not import ${targetRoom || 'an entry'}`
        )
    } else if (!typeOnly && rule.mustNot.some(pattern => pattern.test(name))) {
      problems.push(`src/${file} imports ${name}: ${room}/ must not name it`)
    }
  }
  if (room === 'core') {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    const found = banned.exec(code)
    if (found)
      problems.push(`src/${file} uses ${found[1]}: engines get time, randomness and timers from outside`)
  }
}

for (const problem of problems) console.error(problem)
console.log(problems.length === 0 ? 'imports go down only' : `${problems.length} imports go the wrong way`)
process.exitCode = problems.length === 0 ? 0 : 1
