import { mkdtemp, open, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readFrames, writeFrame, writeHead } from '../../../examples/recorder/recording.ts'
import type { MediaFrame } from '../../../src/index.ts'

const FRAMES: MediaFrame[] = [
  { kind: 'video', timestamp: 0, keyframe: true, data: Uint8Array.of(1, 2, 3) },
  { kind: 'audio', timestamp: 5_000_000_000_000, keyframe: false, data: new Uint8Array(0) },
  { kind: 'data', timestamp: 20_000, keyframe: false, data: new Uint8Array(100_000).fill(7) }
]

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'netgroup-recording-')), 'rec')
  const file = await open(path, 'wx')
  await writeHead(file)
  for (const frame of FRAMES) await writeFrame(file, frame)
  await file.close()
})
afterEach(async () => {
  await rm(join(path, '..'), { recursive: true })
})

async function frames(): Promise<MediaFrame[]> {
  const file = await open(path)
  try {
    const all: MediaFrame[] = []
    for await (const frame of readFrames(file)) all.push(frame)
    return all
  } finally {
    await file.close()
  }
}

test('a recording gives the frames that were recorded', async () => {
  expect(await frames()).toEqual(FRAMES)
})

test('of a frame that is cut off nothing comes', async () => {
  await truncate(path, 21 + 17 + 14 + 50_000)
  expect(await frames()).toEqual(FRAMES.slice(0, 2))
})

test.each([
  ['another file', 0, 'This file is no recording'],
  ['a damaged one', 21, 'This recording is damaged']
])('%s is told', async (_, at, message) => {
  const file = await open(path, 'r+')
  await file.write(new Uint8Array(14).fill(0xff), 0, 14, at)
  await file.close()
  await expect(frames()).rejects.toThrow(message)
})
