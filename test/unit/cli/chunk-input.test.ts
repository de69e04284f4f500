import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { chunksOf } from '../../../src/cli/chunk-input.ts'
import type { StreamChunk } from '../../../src/cli/containers/chunk.ts'
import { chunkerFor } from '../../../src/cli/containers/container-format.ts'

const text = (chunk: StreamChunk | undefined): string => new TextDecoder().decode(chunk?.data)

async function all(chunks: AsyncIterable<StreamChunk>): Promise<string> {
  const texts: string[] = []
  for await (const chunk of chunks) texts.push(text(chunk))
  return texts.join('|')
}

test('what was written comes, and its end', async () => {
  const input = new PassThrough()
  const chunks = chunksOf(input, chunkerFor('raw'), new AbortController().signal, () => 7)
  input.write('one')
  expect(text((await chunks.next()).value ?? undefined)).toBe('one')
  input.end('two')
  expect(await all(chunks)).toBe('two')
})

test('what is not known yet comes when nothing follows it for a moment', async () => {
  const input = new PassThrough()
  const chunks = chunksOf(input, chunkerFor('auto'), new AbortController().signal)
  input.write('Good morning')
  expect(text((await chunks.next()).value ?? undefined)).toBe('Good morning')
  input.end()
  expect(await all(chunks)).toBe('')
})

test('abort is as good as an end: what is held still comes', async () => {
  const input = new PassThrough()
  const abort = new AbortController()
  const chunks = chunksOf(input, chunkerFor('webm'), abort.signal)
  input.write(Uint8Array.of(0x1a, 0x45))
  const rest = all(chunks)
  await new Promise(setImmediate)
  abort.abort(new Error('interrupted'))
  expect(await rest).toBe('\u001aE')
  expect(input.destroyed).toBe(true)
})

test('an input that fails fails here', async () => {
  const input = new PassThrough()
  const rest = all(chunksOf(input, chunkerFor('raw'), new AbortController().signal))
  input.destroy(new Error('broken'))
  await expect(rest).rejects.toThrow('broken')
})

test('whoever stops taking chunks ends the input', async () => {
  const input = new PassThrough()
  const chunks = chunksOf(input, chunkerFor('raw'), new AbortController().signal)
  input.write('one')
  await chunks.next()
  await chunks.return(undefined)
  expect(input.destroyed).toBe(true)
})
