import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const PAGE = fileURLToPath(new URL('../../../examples/chat-web', import.meta.url))

/**
 * What a page may load of the library, gzipped, in KiB: at once, to be connected (libp2p with these transports alone is 160); with what every group takes, which is loaded while the page connects; and
 * with what is loaded only when it is needed, as routing, presence, objects, scrypt. Growth beyond what is reached is to be seen.
 */
export const MOST_KIB = { initial: 200, inGroup: 212, total: 288 } as const

/** One script of a built page. */
export interface PageChunk {
  readonly fileName: string
  readonly code: string
  readonly gzipBytes: number
  /** Loaded with the page, and not later if ever. */
  readonly isInitial: boolean
  /** Loaded in every group, whatever that has, if not with the page. */
  readonly isOfEveryGroup: boolean
  /** Has anything in it that is not the page's own: netgroup, what it stands on, the bundler's runtime. */
  readonly isLibrary: boolean
  /** What it imports, statically or later, as the output has it. */
  readonly imports: readonly string[]
  /** The files that went into it. */
  readonly moduleIds: readonly string[]
  readonly map: Rolldown.SourceMap | null
}

/** The page of examples/chat-web, built in memory for production with its own configuration from the built package. */
export async function bundleChatPage(): Promise<PageChunk[]> {
  const built = await build({
    configFile: `${PAGE}/vite.config.ts`,
    logLevel: 'error',
    build: { write: false, sourcemap: 'hidden' }
  })
  const { output } = (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput
  const chunks = output.filter(one => one.type === 'chunk')
  const initial = withImports(chunks, ({ isEntry }) => isEntry)
  const ofEveryGroup = withImports(chunks, ({ moduleIds }) =>
    moduleIds.some(id => id.endsWith('/net/group-member.js'))
  )
  return chunks.map(chunk => ({
    fileName: chunk.fileName,
    code: chunk.code,
    gzipBytes: gzipSync(chunk.code, { level: 9 }).byteLength,
    isInitial: initial.has(chunk.fileName),
    isOfEveryGroup: ofEveryGroup.has(chunk.fileName),
    isLibrary: chunk.moduleIds.some(id => !id.startsWith(PAGE)),
    imports: [...chunk.imports, ...chunk.dynamicImports],
    moduleIds: chunk.moduleIds,
    map: chunk.map
  }))
}

/** An entry of the package by itself, for production, as one file: its gzip size in bytes, and what went into it. */
export async function bundleEntry(name: string): Promise<{ gzipBytes: number; moduleIds: string[] }> {
  const built = await build({
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'one-entry',
        resolveId: id => (id === 'one-entry' ? id : null),
        load: id => (id === 'one-entry' ? `export * from '${name}'` : null)
      }
    ],
    build: {
      write: false,
      minify: true,
      rolldownOptions: { input: 'one-entry', preserveEntrySignatures: 'strict' }
    }
  })
  const { output } = (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput
  const chunks = output.filter(one => one.type === 'chunk')
  return {
    gzipBytes: chunks.reduce((bytes, { code }) => bytes + gzipSync(code, { level: 9 }).byteLength, 0),
    moduleIds: chunks.flatMap(({ moduleIds }) => moduleIds)
  }
}

/** gzip size of what of a page is library: all that it may ever load, what it loads at once, and what it has loaded when it is in a group that has nothing but posts. In bytes. */
export function libraryBytes(chunks: readonly PageChunk[]): {
  total: number
  initial: number
  inGroup: number
} {
  const sum = (some: readonly PageChunk[]): number =>
    some.reduce((bytes, { gzipBytes }) => bytes + gzipBytes, 0)
  const library = chunks.filter(({ isLibrary }) => isLibrary)
  return {
    total: sum(library),
    initial: sum(library.filter(({ isInitial }) => isInitial)),
    inGroup: sum(library.filter(({ isInitial, isOfEveryGroup }) => isInitial || isOfEveryGroup))
  }
}

/** These, and what they import at once. */
function withImports(
  chunks: readonly Rolldown.OutputChunk[],
  isMeant: (chunk: Rolldown.OutputChunk) => boolean
): Set<string> {
  const found = new Set<string>()
  const visit = (fileName: string): void => {
    if (found.has(fileName)) return
    found.add(fileName)
    chunks.find(chunk => chunk.fileName === fileName)?.imports.forEach(visit)
  }
  for (const chunk of chunks) if (isMeant(chunk)) visit(chunk.fileName)
  return found
}
