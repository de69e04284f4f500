import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { DemoFailure } from './demo-failure.ts'

/** A line of JSON that a child printed, and when it arrived here (on `performance.now()`'s clock). */
export interface ChildRow {
  readonly atMs: number
  readonly code: string
  readonly [field: string]: unknown
}

interface Waiter {
  readonly check: () => void
  readonly fail: (why: string) => void
}

/** The command line runs itself: the same Node, the same main file. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url)
)

/** A `netgroup … --json` of its own process. Its rows are kept; whoever waits for one is told, or told why it cannot come any more. */
export class ChildPeer {
  readonly name: string
  readonly startedAtMs: number = performance.now()
  readonly rows: ChildRow[] = []
  /** The exit code, once all that it printed has been read; null when it was killed. */
  readonly ended: Promise<number | null>
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #waiters = new Set<Waiter>()
  #lastError = ''
  #hasEnded = false

  constructor(name: string, args: readonly string[]) {
    this.name = name
    // The password of whoever runs the demo is none of the demo's.
    const { NETGROUP_PASSWORD: _, ...env } = process.env
    const command = [...process.execArgv, MAIN, ...args, '--json']
    this.#process = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'], env })
    // It may end before it has read what we tell it.
    this.#process.stdin.on('error', () => {})
    this.#process.on('error', error => this.#end(error.message))
    this.#read(this.#process.stdout)
    this.#read(this.#process.stderr)
    this.ended = new Promise(resolve => {
      this.#process.on('close', code => {
        this.#end(`its process ended with exit code ${code}`)
        resolve(code)
      })
    })
  }

  /** Type a line into it. Answers when, on `performance.now()`'s clock. */
  type(line: string): number {
    const atMs = performance.now()
    this.#process.stdin.write(line + '\n')
    return atMs
  }

  /** No more input: a chat hands on what it has, and leaves. */
  endInput(): void {
    this.#process.stdin.end()
  }

  /** Send a signal, if it still runs. */
  kill(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#process.kill(signal)
  }

  /**
   * The first row that `find` answers, past or to come.
   *
   * @throws DemoFailure that names `what` when it does not come in time, or the process ends without it
   */
  waitFor<T>(
    what: string,
    find: (rows: readonly ChildRow[]) => T | undefined,
    timeoutMs: number
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const fail = (why: string): void => {
        done()
        reject(new DemoFailure(`${this.name}: no ${what}: ${why}`))
      }
      const check = (): void => {
        const found = find(this.rows)
        if (found === undefined) return
        done()
        resolve(found)
      }
      const waiter: Waiter = { check, fail }
      const timer = setTimeout(() => fail(`not within ${timeoutMs / 1000} s`), timeoutMs)
      this.#waiters.add(waiter)
      check()
      if (this.#hasEnded && this.#waiters.has(waiter)) fail('its process has ended')
    })
  }

  #read(stream: Readable): void {
    createInterface({ input: stream }).on('line', line => {
      const row = parseRow(line)
      if (row === undefined) this.#lastError = line
      else this.rows.push(row)
      if (row?.['level'] === 'error') this.#lastError = String(row['text'] ?? row.code)
      for (const { check } of [...this.#waiters]) check()
    })
  }

  #end(why: string): void {
    this.#hasEnded = true
    const because = this.#lastError === '' ? why : `${why} (${this.#lastError})`
    for (const { fail } of [...this.#waiters]) fail(because)
  }
}

function parseRow(line: string): ChildRow | undefined {
  try {
    return { ...(JSON.parse(line) as { code: string }), atMs: performance.now() }
  } catch {
    return undefined
  }
}
