import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig } from 'vite'
import { afterAll, beforeAll } from 'vitest'

/** Pages and the programs in them lie under here. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const BUILD_TIMEOUT_MS = 60_000

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json'
}

/**
 * Pages of test/, built by Vite as a user's would be: the package is taken by its name, as published, through its `browser` condition. Served from
 * 127.0.0.1 on a free port.
 */
export class BuiltPages {
  readonly #folder: string
  readonly #server: Server

  private constructor(folder: string, server: Server) {
    this.#folder = folder
    this.#server = server
  }

  /** @param pages paths below test/ */
  static async start(pages: readonly string[]): Promise<BuiltPages> {
    const folder = mkdtempSync(join(tmpdir(), 'netgroup-pages-'))
    await build(configFor(pages, folder))
    const server = createServer((request, response) => void answer(folder, request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BuiltPages(folder, server)
  }

  /** The address of one of the pages. `host`: another name for this machine. */
  url(page: string, host = '127.0.0.1'): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}/${page}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function configFor(pages: readonly string[], outDir: string): InlineConfig {
  return {
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      // So that a stack in a page's log says something.
      minify: false,
      rolldownOptions: { input: pages.map(page => join(ROOT, page)) }
    }
  }
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
  try {
    const body = await readFile(join(folder, path))
    response.writeHead(200, { 'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream' })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}

/** Pages for the tests of a file, built once before them. Call it inside `describe`. */
export function usePages(...paths: readonly string[]): { readonly url: BuiltPages['url'] } {
  let pages: BuiltPages | undefined
  beforeAll(async () => {
    pages = await BuiltPages.start(paths)
  }, BUILD_TIMEOUT_MS)
  afterAll(async () => await pages?.close())
  return {
    url: (page, host) => {
      if (pages === undefined) throw new Error('The pages have not been built')
      return pages.url(page, host)
    }
  }
}
