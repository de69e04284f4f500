// What a page has to load for netgroup, and which package it comes from. Bytes per package are those of the minified script before gzip, by its source map:
// how far each compresses cannot be told apart.
//
//   npm run bench:size
import { SourceMap, type SourceMapPayload } from 'node:module'
import { bundleChatPage, libraryBytes, MOST_KIB } from '../../test/support/browser/page-bundle.ts'

const chunks = await bundleChatPage()
const bytes = new Map<string, number>()
for (const { code, map } of chunks.filter(({ isLibrary }) => isLibrary)) {
  // The bundler's own runtime has none.
  const sources = map === null ? undefined : new SourceMap(map as unknown as SourceMapPayload)
  for (const [line, text] of code.split('\n').entries())
    for (let column = 0; column < text.length; column++) {
      const entry = sources?.findEntry(line, column)
      const name = packageOf(
        entry !== undefined && 'originalSource' in entry ? entry.originalSource : undefined
      )
      bytes.set(name, (bytes.get(name) ?? 0) + 1)
    }
}

function packageOf(source: string | undefined): string {
  if (source === undefined) return '(bundler)'
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? []
  return name ?? (/(?:dist|src)\//.test(source) ? 'netgroup' : '(bundler)')
}

const all = [...bytes.values()].reduce((sum, size) => sum + size, 0)
console.table(
  [...bytes]
    .sort(([, a], [, b]) => b - a)
    .map(([name, size]) => ({
      package: name,
      'minified bytes': size,
      'share %': Number(((100 * size) / all).toFixed(1))
    }))
)
const { total, initial, inGroup } = libraryBytes(chunks)
const figures = { initial: initial / 1_024, inGroup: inGroup / 1_024, total: total / 1_024 }
const met = {
  initial: figures.initial <= MOST_KIB.initial,
  inGroup: figures.inGroup <= MOST_KIB.inGroup,
  total: figures.total <= MOST_KIB.total
}
console.log(JSON.stringify({ bench: 'size', kib: figures, mostKib: MOST_KIB, met }))
process.exit(met.initial && met.inGroup && met.total ? 0 : 1)
