import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Terminal } from '../../../src/cli/terminal.ts'
import { Screen } from './screen.ts'

const LEFT = '\x1b[D'
const KEY = new RegExp(`${LEFT.replace('[', '\\[')}|.`, 'gs')
let keyboard: PassThrough
let screen: Screen
let terminal: Terminal
let typed: string[]
const onInterrupt = vi.fn()

beforeEach(() => {
  onInterrupt.mockClear()
  keyboard = new PassThrough()
  screen = new Screen(20)
  terminal = new Terminal({ input: keyboard, output: screen, prompt: '> ', onInterrupt })
  typed = []
  void (async () => {
    for await (const line of terminal.lines()) typed.push(line)
  })()
})
afterEach(() => terminal.close())

/** Key by key, as a person types. */
async function type(keys: string): Promise<void> {
  for (const [key] of keys.matchAll(KEY)) await paste(key)
}

/** All at once. */
async function paste(text: string): Promise<void> {
  keyboard.write(text)
  await setImmediate()
}

test('an incoming line appears above the one being typed', async () => {
  await type('hello')
  terminal.print(screen, 'ada: hi')
  expect(screen.text).toBe('ada: hi\n> hello')
  expect(screen.cursor).toEqual({ row: 1, column: 7 })
})

test('typing goes on where it was after a line came in', async () => {
  await type('hel')
  terminal.print(screen, 'ada: hi')
  await type('lo')
  terminal.print(screen, 'bob: ho')
  expect(screen.text).toBe('ada: hi\nbob: ho\n> hello')
  await type('\r')
  expect(typed).toEqual(['hello'])
  expect(screen.text).toBe('ada: hi\nbob: ho\n> hello\n>')
})

test('an incoming line leaves the cursor in the middle of the typed text', async () => {
  await type('hallo' + LEFT + LEFT + LEFT + LEFT)
  terminal.print(screen, 'ada: hi')
  expect(screen.cursor).toEqual({ row: 1, column: 3 })
  await type('X')
  expect(screen.text).toBe('ada: hi\n> hXallo')
})

test('an incoming line does not tear typed text of several rows', async () => {
  await type('0123456789abcdefghijklmnopqrstuvwxyz')
  terminal.print(screen, 'ada: hi')
  terminal.print(screen, 'bob: ho')
  expect(screen.text).toBe('ada: hi\nbob: ho\n> 0123456789abcdefgh\nijklmnopqrstuvwxyz')
  await type('!\r')
  expect(typed).toEqual(['0123456789abcdefghijklmnopqrstuvwxyz!'])
})

test('an incoming line does not tear typed text of several rows while the cursor is in the first', async () => {
  await type('0123456789abcdefghijklmno' + LEFT.repeat(20))
  terminal.print(screen, 'ada: hi')
  expect(screen.text).toBe('ada: hi\n> 0123456789abcdefgh\nijklmno')
  expect(screen.cursor).toEqual({ row: 1, column: 7 })
})

test('an incoming line does not tear pasted text of several rows', async () => {
  await paste('0123456789abcdefghijklmnopqrstuvwxyz')
  terminal.print(screen, 'ada: hi')
  terminal.print(screen, 'bob: ho')
  expect(screen.text).toBe('ada: hi\nbob: ho\n> 0123456789abcdefgh\nijklmnopqrstuvwxyz')
})

test('incoming text of several lines and rows stands above the typed one', async () => {
  await type('hey')
  terminal.print(screen, 'ada: this is longer than a row\n  and has a second line')
  expect(screen.text).toBe('ada: this is longer\nthan a row\n  and has a second l\nine\n> hey')
})

test('an incoming line at an empty prompt leaves an empty prompt', async () => {
  terminal.print(screen, 'ada: hi')
  expect(screen.text).toBe('ada: hi\n>')
  expect(screen.cursor).toEqual({ row: 1, column: 2 })
})

test('a line for another stream, redirected to a file, does not tear the typed one either', async () => {
  const file = new PassThrough()
  await type('hello')
  terminal.print(file, 'a note')
  expect(screen.text).toBe('> hello')
  expect(String(file.read())).toBe('a note\n')
})

test('Ctrl-C is passed on, and does not end the terminal by itself', async () => {
  await type('hel\x03')
  expect(onInterrupt).toHaveBeenCalledOnce()
})

test('after close() lines are printed as they are', async () => {
  terminal.close()
  terminal.print(screen, 'bye')
  expect(screen.text).toBe('>\nbye')
})
