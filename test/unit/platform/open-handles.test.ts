import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OpenHandles } from '../../../src/platform/files/open-handles.ts'

test('a file that is read from end to end holds up nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'netgroup-handles-'))
  const path = join(folder, 'film')
  await writeFile(path, 'x'.repeat(100))
  const handles = new OpenHandles(() => path, false)
  try {
    await handles.read(0, 0, 1)
    let turns = 0
    let isReading = true
    const turn = (): void => {
      turns += 1
      if (isReading) setImmediate(turn)
    }
    setImmediate(turn)
    for (let i = 0; i < 64 * 20; i++) await handles.read(0, i % 100, 1)
    isReading = false
    expect(turns).toBeGreaterThanOrEqual(19)
  } finally {
    await handles.close()
    await rm(folder, { recursive: true })
  }
})
