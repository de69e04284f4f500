import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const PIECE_BYTES = 1_024 * 1_024

/** A folder for the files of a measurement, gone after it. */
export interface BenchFolder extends AsyncDisposable {
  path(name: string): string
  /** A file of random bytes. */
  fill(name: string, bytes: number): Promise<string>
}

export async function makeFolder(): Promise<BenchFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'netgroup-bench-'))
  const path = (name: string): string => join(folder, name)
  return {
    path,
    fill: async (name, bytes) => {
      await using file = await open(path(name), 'w')
      for (let written = 0; written < bytes; written += PIECE_BYTES)
        await file.write(randomBytes(Math.min(PIECE_BYTES, bytes - written)))
      return path(name)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

/** SHA-256 of a file's content, in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
