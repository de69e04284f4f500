import { expect, test } from 'vitest'
import { CommandError } from '../../../src/cli/exit-codes.ts'
import { explained } from '../../../src/cli/system-error.ts'

function systemError(code: string, path?: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: in the system's words`), { code, syscall: 'open', path })
}

test('says what the system refused, in one line', () => {
  const error = explained('share film.mp4', systemError('ENOENT', 'film.mp4'))
  expect(error).toBeInstanceOf(CommandError)
  expect(error).toMatchObject({
    exitCode: 1,
    code: 'ENOENT',
    message: 'Cannot share film.mp4: there is no such file or folder'
  })
})

test('says that a file is where a folder is to be', () => {
  const error = explained('fetch into note.txt', systemError('EEXIST', 'note.txt'))
  expect(error).toMatchObject({
    message: 'Cannot fetch into note.txt: a file of this name is there, and no folder'
  })
})

test('names the path when what was being done does not', () => {
  const error = explained('share photos', systemError('EACCES', 'secret/1.jpg'))
  expect(error).toMatchObject({
    message: expect.stringMatching(/^Cannot share photos: secret\/1\.jpg: no permission/)
  })
})

test('finds it behind another error', () => {
  const error = explained('fetch into films', new Error('it failed', { cause: systemError('ENOSPC') }))
  expect(error).toMatchObject({
    code: 'ENOSPC',
    message: expect.stringContaining('the disk is full; make room')
  })
})

test.each([new Error('boom'), systemError('EWHATEVER'), 'a string', undefined])(
  'leaves alone what it does not know: %s',
  error => {
    expect(explained('share film.mp4', error)).toBe(error)
  }
)
