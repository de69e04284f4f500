import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** The command line as it is built and published. */
export const CLI_MAIN: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** A line of `--json`, from stdout or stderr. */
export interface CliRow {
  readonly code: string
  readonly [field: string]: unknown
}

/** What a process that has ended printed, and how it ended. */
export interface CliResult {
  /** null when a signal killed it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How to start one. */
export interface CliProcessOptions {
  env?: NodeJS.ProcessEnv
  /** What is run with the arguments. @default Node with {@link CLI_MAIN} */
  command?: readonly [string, ...string[]]
  /** Standard input, given at once and then closed. Without it the input stays open. */
  input?: string
}

interface Waiter {
  check(): void
  fail(why: string): void
}

const running = new Set<CliProcess>()

/** Start `netgroup ARGS` as a process of its own. */
export function startCli(args: readonly string[], options: CliProcessOptions = {}): CliProcess {
  return new CliProcess(args, options)
}

/** Run `netgroup ARGS` until it ends. */
export function runCli(args: readonly string[], options: CliProcessOptions = {}): Promise<CliResult> {
  return startCli(args, { input: '', ...options }).ended
}

/** End whatever a test left running: for `afterEach`. */
export async function killCliProcesses(): Promise<void> {
  const left = [...running]
  for (const process of left) process.kill('SIGKILL')
  await Promise.all(left.map(process => process.ended))
}

/** A `netgroup` command in a process of its own. Whoever waits for a line is told what was printed instead when it does not come. */
export class CliProcess {
  readonly startedAtMs: number = performance.now()
  readonly ended: Promise<CliResult>
  readonly #args: readonly string[]
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: { stdout: string[]; stderr: string[] } = { stdout: [], stderr: [] }
  readonly #rows: { stdout: CliRow[]; stderr: CliRow[] } = { stdout: [], stderr: [] }
  readonly #waiters = new Set<Waiter>()
  #hasEnded = false

  constructor(args: readonly string[], { env, input, command }: CliProcessOptions) {
    this.#args = args
    const { NETGROUP_PASSWORD: _, ...ambient } = process.env
    const [program, ...first] = command ?? [process.execPath, CLI_MAIN]
    this.#child = spawn(program, [...first, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...ambient, ...env }
    })
    running.add(this)
    this.#child.stdin.on('error', () => {})
    if (input !== undefined) this.#child.stdin.end(input)
    this.#read('stdout')
    this.#read('stderr')
    this.ended = new Promise(resolve => this.#child.on('close', code => resolve(this.#end(code))))
  }

  /** The operating system's id of it. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The rows of `--json` so far, of stdout and stderr. */
  get rows(): CliRow[] {
    return [...this.#rows.stdout, ...this.#rows.stderr]
  }

  /** Type a line into it. */
  type(line: string): void {
    this.#child.stdin.write(line + '\n')
  }

  /** End its input. */
  endInput(): void {
    this.#child.stdin.end()
  }

  /** Stop reading what it prints, as `head -1` does. */
  closeStdout(): void {
    this.#child.stdout.destroy()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The first row with this code that `matches`, past or to come, within `timeoutMs`. */
  waitForRow(
    code: string,
    matches: (row: CliRow) => boolean = () => true,
    timeoutMs = 10_000
  ): Promise<CliRow> {
    const find = (): CliRow | undefined => this.rows.find(row => row.code === code && matches(row))
    return this.#waitFor(code, find, timeoutMs)
  }

  /** The first line that matches, of stdout or stderr, within `timeoutMs`. */
  waitForLine(pattern: RegExp, timeoutMs = 10_000): Promise<string> {
    const find = (): string | undefined =>
      [...this.#lines.stdout, ...this.#lines.stderr].find(line => pattern.test(line))
    return this.#waitFor(String(pattern), find, timeoutMs)
  }

  #waitFor<T>(what: string, find: () => T | undefined, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        check: () => {
          const found = find()
          if (found === undefined) return
          done()
          resolve(found)
        },
        fail: why => {
          done()
          reject(
            new Error(`netgroup ${this.#args.join(' ')}: no ${what}: ${why}. It printed:\n${this.#printed()}`)
          )
        }
      }
      const timer = setTimeout(() => waiter.fail(`not within ${timeoutMs} ms`), timeoutMs)
      this.#waiters.add(waiter)
      waiter.check()
      if (this.#hasEnded && this.#waiters.has(waiter)) waiter.fail('it has ended')
    })
  }

  #read(name: 'stdout' | 'stderr'): void {
    createInterface({ input: this.#child[name] }).on('line', line => {
      this.#lines[name].push(line)
      this.#rows[name].push(...parseRow(line))
      for (const waiter of [...this.#waiters]) waiter.check()
    })
  }

  #end(exitCode: number | null): CliResult {
    running.delete(this)
    this.#hasEnded = true
    for (const waiter of [...this.#waiters]) waiter.fail(`it ended with exit code ${exitCode}`)
    return { exitCode, stdout: this.#lines.stdout.join('\n'), stderr: this.#lines.stderr.join('\n') }
  }

  #printed(): string {
    return [...this.#lines.stdout, ...this.#lines.stderr].map(line => '  ' + line).join('\n')
  }
}

function parseRow(line: string): CliRow[] {
  try {
    return [JSON.parse(line) as CliRow]
  } catch {
    return []
  }
}
