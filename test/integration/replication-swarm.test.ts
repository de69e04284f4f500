import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { killCliProcesses, startCli } from '../support/cli-process.ts'
import { rowsOf } from '../support/peer-process.ts'

/** `npm run bench:replication` measures the same with 64 MiB, and holds it to its bars. */
const BYTES = 8 * 2 ** 20
const LEECHERS = 10

afterEach(killCliProcesses)

test('one seeder with a slow uplink and ten leechers, eleven processes: all have the same bytes, most of them from each other', {
  timeout: 180_000
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'netgroup-eleven-'))
  try {
    const content = randomBytes(BYTES)
    await writeFile(join(folder, 'seeded'), content)
    const share = startCli(['share', '--json', join(folder, 'seeded'), '--limit-up', '1MiB'])
    const { link } = await share.waitForRow('Cli.Shared')
    const fetches = Array.from({ length: LEECHERS }, (_, i) =>
      startCli(['fetch', String(link), '--json', '--seed', '--output', join(folder, String(i))])
    )
    await Promise.all(fetches.map(fetch => fetch.waitForRow('Cli.Seeding', () => true, 120_000)))
    share.kill('SIGINT')
    await share.ended
    const uploadedBytes = Number(rowsOf(share, 'Cli.Progress').at(-1)?.['uploadedBytes'])
    console.log(`the seeder's upload, in copies: ${(uploadedBytes / BYTES).toFixed(2)}`)
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    for (let i = 0; i < LEECHERS; i++)
      expect(sha256(await readFile(join(folder, String(i), 'seeded')))).toBe(sha256(content))
    expect(uploadedBytes).toBeGreaterThanOrEqual(BYTES)
    // They start one after the other: the first ones have much of it from the seeder alone.
    expect(uploadedBytes).toBeLessThan(3 * BYTES)
  } finally {
    await killCliProcesses()
    await rm(folder, { recursive: true, force: true })
  }
})
