import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { STATUS_TABLE } from '../../src/api/status.ts'
import { DEFAULT_RELAY_LIMITS } from '../../src/relay/relay-limits.ts'
import * as limits from '../../src/wire/limits.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/ARCHITECTURE.md',
  'docs/PROTOCOL.md',
  'docs/FLASH-MAP.md',
  'docs/STATUS-CODES.md',
  'docs/LIMITS.md',
  'docs/KNOWN-GAPS.md',
  'docs/BROWSER.md',
  'examples/chat-web/README.md',
  'examples/broadcast/README.md',
  'examples/recorder/README.md'
]

/** The cells of the table row whose first cell is this, in backquotes. */
function rowOf(page: string, name: string): string[] | undefined {
  const row = page.split('\n').find(line => line.split('|')[1]?.trim() === `\`${name}\``)
  return row?.split(/(?<!\\)\|/).map(cell => cell.trim())
}

/** A number as the page writes it: in digits, or as what it is a multiple of. */
function spellings(value: number): string[] {
  const spelled = [value.toLocaleString('en-US')]
  if (value % 1_000 === 0) spelled.push(`${value / 1_000} s`)
  if (value % 3_600_000 === 0) spelled.push(`${value / 3_600_000} h`)
  if (value % 2 ** 20 === 0) spelled.push(`${value / 2 ** 20} MiB`)
  return spelled
}

function expectValue(row: string[] | undefined, name: string, value: number): void {
  expect(row, `${name} has a row`).toBeDefined()
  const cell = row?.[2] ?? ''
  const isThere = spellings(value).some(text => new RegExp(`(^|[^\\d,])${text}(?!,?\\d)`).test(cell))
  expect(isThere, `${name} is ${value}, the page says "${cell}"`).toBe(true)
}

describe('docs/STATUS-CODES.md', () => {
  const page = read('docs/STATUS-CODES.md')

  test.each(Object.entries(STATUS_TABLE))(
    'has %s with its level and its fields',
    (code, { level, fields }) => {
      const row = rowOf(page, code)
      expect(row?.[2]).toBe(level)
      expect(row?.[3]).toBe(fields.map(field => `\`${field}\``).join(', '))
      expect(row?.[4]).not.toBe('')
    }
  )

  test('has no code in its tables that does not exist', () => {
    const codes = [...page.matchAll(/^\| `(Net[A-Za-z.]+)` +\|/gm)].map(([, code]) => code)
    expect(codes.sort()).toEqual(Object.keys(STATUS_TABLE).sort())
  })
})

describe('docs/LIMITS.md', () => {
  const page = read('docs/LIMITS.md')

  test.each(Object.entries(limits))('names %s with its value', (name, value) => {
    expectValue(rowOf(page, name), name, value)
  })

  test.each(Object.entries(DEFAULT_RELAY_LIMITS))(
    'names the relay limit %s with its default',
    (name, value) => {
      expectValue(rowOf(page, name), name, value)
    }
  )
})

describe('README.md', () => {
  test('has fewer than 250 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(250)
  })

  test('gives only npm scripts and commands that exist', () => {
    const { scripts, bin } = JSON.parse(read('package.json')) as { scripts: object; bin: object }
    const page = read('README.md')
    const known = Object.keys(scripts)
    for (const [, script] of page.matchAll(/npm run ([\w:]+)/g)) expect(known).toContain(script)
    for (const [, command] of page.matchAll(/npx (\w+)/g)) expect(Object.keys(bin)).toContain(command)
  })
})

describe('documentation', () => {
  test.each(PAGES)('%s links only to files that exist', page => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
    const missing = links.filter(link => !existsSync(join(root, dirname(page), link)))
    expect(missing).toEqual([])
  })
})
