// Writes dist/vendor/gossipsub.js, which pages load in the place of @libp2p/gossipsub (package.json, "imports"): the same code without its metrics, which
// nothing here asks for. Why: docs/decisions/0003-gossipsub-without-metrics.md.
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

/** Where its options are asked whether there are to be metrics. Seen in 17.1.1. */
const ASKS_FOR_METRICS = 'options.metricsRegister'

const withoutMetrics = {
  name: 'without-metrics',
  transform(code, id) {
    if (!id.endsWith('/gossipsub/dist/src/gossipsub.js')) return undefined
    if (!code.includes(ASKS_FOR_METRICS))
      throw new Error(`${NAME} ${version} has no ${ASKS_FOR_METRICS}: look how it makes its metrics now`)
    return code.replaceAll(ASKS_FOR_METRICS, 'undefined')
  }
}

await build({
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  plugins: [withoutMetrics],
  build: {
    lib: { entry, formats: ['es'], fileName: () => 'gossipsub.js' },
    outDir: FOLDER,
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      // What we depend on ourselves is found from here as well; the rest comes along.
      external: id => id in dependencies || Object.keys(dependencies).some(name => id.startsWith(`${name}/`)),
      output: {
        banner: `// ${NAME} ${version} without its metrics. Apache-2.0 OR MIT: https://github.com/libp2p/js-libp2p`
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
