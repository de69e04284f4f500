import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWord } from '../../../src/cli/shell-word.ts'

test.each(['film.mp4', '/a/b-c_d.txt', 'user@host:/path', '--group'])('shellWord(%s) is as it is', text => {
  expect(shellWord(text)).toBe(text)
})

test
  .skipIf(process.platform === 'win32')
  .each(['netgroup:#G:An8D&file=ab', "it's", '$(rm -rf ~) `x` "y" \\ *', 'two words', '', 'line\nbreak'])(
  'a shell reads %j as one word',
  text => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text)
  }
)
