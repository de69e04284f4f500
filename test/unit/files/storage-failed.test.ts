import { expect, test } from 'vitest'
import { storageFailed } from '../../../src/net/files/storage-failed.ts'

const refusal = (path?: string): Error =>
  Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open', path })

test('a file that cannot be read is named, and not just the folder that it is in', () => {
  expect(storageFailed(refusal('/photos/secret/1.jpg'), 'read', '/photos')).toMatchObject({
    message: 'Cannot read /photos/secret/1.jpg: permission is denied (EACCES)',
    detail: { path: '/photos/secret/1.jpg', systemCode: 'EACCES' }
  })
  expect(storageFailed(refusal(), 'read', '/photos')).toMatchObject({ detail: { path: '/photos' } })
})
