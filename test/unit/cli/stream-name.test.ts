import { expect, test } from 'vitest'
import { streamName } from '../../../src/cli/options.ts'
import { MAX_STREAM_NAME_BYTES } from '../../../src/wire/limits.ts'

test('a stream’s name is as long as the library takes it', () => {
  const longest = 'x'.repeat(MAX_STREAM_NAME_BYTES)
  expect(streamName(longest)).toBe(longest)
  for (const wrong of ['', `${longest}x`, 'ä'.repeat(128)])
    expect(() => streamName(wrong)).toThrow(`1 to ${MAX_STREAM_NAME_BYTES} bytes`)
})
