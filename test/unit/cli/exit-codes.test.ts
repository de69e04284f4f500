import { isNetGroupError } from 'netgroup'
import { expect, test } from 'vitest'
import { CommandError, ExitCode, exitCodeOf, usageError } from '../../../src/cli/exit-codes.ts'

const coded = (code: string): Error => Object.assign(new Error('it failed'), { code, name: 'NetGroupError' })

test.each([
  ['GROUPSPEC_INVALID', 2],
  ['GROUPSPEC_UNSUPPORTED', 2],
  ['NO_NEIGHBORS', 3],
  ['WRONG_PASSWORD', 4],
  ['NOT_AUTHORIZED', 4],
  ['CONNECT_FAILED', 5],
  ['MANIFEST_INVALID', 6],
  ['TIMEOUT', 124],
  ['MESSAGE_TOO_LARGE', 1],
  ['IDENTITY_IN_USE', 1]
])('exitCodeOf() answers the contract for %s: %i', (code, expected) => {
  expect(isNetGroupError(coded(code))).toBe(true)
  expect(exitCodeOf(coded(code))).toBe(expected)
})

test('exitCodeOf() answers the exit code that the command line itself chose', () => {
  expect(exitCodeOf(usageError('nonsense'))).toBe(ExitCode.USAGE)
  expect(exitCodeOf(new CommandError(ExitCode.TIMEOUT, 'TIMEOUT', 'late'))).toBe(124)
})

test('exitCodeOf() answers 1 for everything it does not know', () => {
  expect(exitCodeOf(new Error('boom'))).toBe(1)
  expect(exitCodeOf('boom')).toBe(1)
})
