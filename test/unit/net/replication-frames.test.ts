import { expect, test } from 'vitest'
import { frameOf, inputsOf } from '../../../src/net/replication-frames.ts'
import { Denial } from '../../../src/wire/replication.ts'

test('a denial says what to ask for in its place, or nothing, as it did before there was such', () => {
  const denial = { type: 'sendDenial', to: 'b', index: 7, reason: 'elsewhere' } as const
  const read = (frame: ReturnType<typeof frameOf>): unknown => inputsOf(frame, 'a')?.inputs
  const input = { type: 'denial', from: 'a', index: 7, reason: 'elsewhere' }
  expect(read(frameOf('x', { ...denial, instead: 0 }))).toEqual([{ ...input, instead: 0 }])
  expect(read(frameOf('x', denial))).toEqual([input])
  expect(frameOf('x', denial).denial).toEqual(Denial.encode({ namespace: 'x', index: 7, reason: 3 }))
})
