// Writes dist/vendor/gossipsub.js, which pages load in the place of @libp2p/gossipsub (package.json, "imports"): the same code without its metrics and
// without dialing peers that it is told of, which nothing here asks for. Why: docs/decisions/0003-gossipsub-without-metrics.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const NAME = '@libp2p/gossipsub'
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = `${ROOT}dist/vendor`

const { dependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
const entry = fileURLToPath(import.meta.resolve(NAME))
const { version } = JSON.parse(readFileSync(packageJsonOf(entry), 'utf8'))

/** Where its options are asked whether there are to be metrics, and where it is asked whether there are: never. What then cannot run, the bundler drops. */
const ASKS_FOR_METRICS = /\boptions\.metricsRegister\b|\bthis\.metrics\b(?! =)/g

/** What is called for metrics only. */
const COLLECTS_METRICS = /\n {4}onScrapeMetrics\(metrics\) \{[\s\S]*?\n {4}\}/

/** Who leaves a mesh may name others to dial in its place. Only who has a score that none of ours comes to is believed, and whom to dial the topology says. */
const TAKES_PEERS = /\n {4}async pxConnect\(peers\) \{[\s\S]*?\n {4}\}/
const DIALS_PEERS = /await this\.pxConnect\(peers\);/

/** For looking into it. */
const DUMPS = /\n {4}dumpPeerScoreStats\(\) \{[\s\S]*?\n {4}\}/

/** What protons generates for reading a message field by field: a third function of each codec, and what calls it. */
const STREAMING =
  /, function\* \(reader, length, prefix, opts = \{\}\) \{[\s\S]*?\n *\}(?=\);\n *\}\n *return _codec)|\n *function stream\(.*\n.*\n *\}\n *[\w.]+\.stream = stream;/g

/** What is left out, by file. Seen in 17.1.1. */
const LEFT_OUT = [
  { file: '/gossipsub/dist/src/gossipsub.js', what: COLLECTS_METRICS, instead: '' },
  { file: '/gossipsub/dist/src/gossipsub.js', what: ASKS_FOR_METRICS, instead: 'undefined' },
  { file: '/gossipsub/dist/src/gossipsub.js', what: TAKES_PEERS, instead: '' },
  { file: '/gossipsub/dist/src/gossipsub.js', what: DIALS_PEERS, instead: '' },
  { file: '/gossipsub/dist/src/gossipsub.js', what: DUMPS, instead: '' },
  { file: '/gossipsub/dist/src/score/peer-score.js', what: DUMPS, instead: '' },
  { file: '/gossipsub/dist/src/tracer.js', what: ASKS_FOR_METRICS, instead: 'undefined' },
  { file: '/gossipsub/dist/src/score/peer-score.js', what: ASKS_FOR_METRICS, instead: 'undefined' },
  { file: '/gossipsub/dist/src/message/rpc.js', what: STREAMING, instead: '' }
]

const withoutUnused = {
  name: 'without-unused',
  transform(code, id) {
    return LEFT_OUT.filter(({ file }) => id.endsWith(file)).reduce((kept, { file, what, instead }) => {
      const left = kept.replace(what, instead)
      if (left === kept)
        throw new Error(`${NAME} ${version}: ${file} is not what it was: look how it does this now`)
      return left
    }, code)
  }
}

await build({
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  plugins: [withoutUnused],
  build: {
    lib: { entry, formats: ['es'], fileName: () => 'gossipsub.js' },
    outDir: FOLDER,
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      // What we depend on ourselves is found from here as well; the rest comes along.
      external: id => id in dependencies || Object.keys(dependencies).some(name => id.startsWith(`${name}/`)),
      output: {
        banner: `// ${NAME} ${version} without its metrics and peer exchange. Apache-2.0 OR MIT: https://github.com/libp2p/js-libp2p`
      }
    }
  }
})
writeFileSync(`${FOLDER}/gossipsub.d.ts`, `export * from '${NAME}'\n`)

function packageJsonOf(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = `${folder}/package.json`
    try {
      if (JSON.parse(readFileSync(path, 'utf8')).name === NAME) return path
    } catch {}
  }
}
