// The files of one folder over HTTP, and nothing outside it.
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const CONTENT_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml'
}

/** Answers requests with the files of a folder: `node:http`'s request listener. */
export function staticFiles(folder) {
  return (request, response) => {
    answer(folder, request, response).catch(() => response.destroy())
  }
}

async function answer(folder, request, response) {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const file = isRead ? await fileOf(folder, request.url ?? '/') : undefined
  if (file === undefined) {
    response.writeHead(isRead ? 404 : 405, { 'content-type': 'text/plain' }).end('nothing here\n')
    return
  }
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.body.byteLength,
    // Built files carry a hash in their names.
    'cache-control': file.path.includes(`${sep}assets${sep}`) ? 'max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff'
  })
  response.end(request.method === 'HEAD' ? undefined : file.body)
}

async function fileOf(folder, url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
    const inFolder = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    if (!inFolder.startsWith(folder + sep)) return undefined
    return { path: inFolder, body: await readFile(inFolder) }
  } catch {
    return undefined
  }
}
