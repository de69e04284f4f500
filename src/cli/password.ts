import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { usageError } from './exit-codes.ts'

/** Where a password may come from, in this order. */
export interface PasswordOptions {
  /** The password itself; `-` asks for it. */
  password?: string
  /** A file whose first line it is. */
  passwordFile?: string
}

/**
 * The password that was given by option, file or `NETGROUP_PASSWORD`; undefined when there is none.
 *
 * @throws CommandError (usage) when the file cannot be read or is empty, or `-` is given where there is no terminal
 */
export async function givenPassword(
  options: PasswordOptions,
  signal: AbortSignal
): Promise<string | undefined> {
  if (options.password !== undefined && options.passwordFile !== undefined)
    throw usageError('Give --password or --password-file, not both')
  if (options.password === '-') return askPassword('Password: ', signal)
  if (options.password !== undefined) return notEmpty(options.password, 'The password')
  if (options.passwordFile !== undefined) return fromFile(options.passwordFile)
  return process.env['NETGROUP_PASSWORD'] || undefined
}

/** Is there somebody to ask? */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Ask for a password on the terminal without showing it; '' when only Enter was pressed.
 *
 * @param instead the option that does without a terminal
 * @throws CommandError (usage) without a terminal; rejects with `signal.reason` on abort
 */
export async function askPassword(
  prompt: string,
  signal: AbortSignal,
  instead = '--password-file'
): Promise<string> {
  if (!canAsk()) throw usageError(`There is no terminal to ask for a password: use ${instead}`)
  signal.throwIfAborted()
  process.stderr.write(prompt)
  // readline echoes to its output: into nothing, then.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      terminal.on('close', () => resolve(''))
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      terminal.question('', resolve)
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

async function fromFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw usageError(`Cannot read the password file: ${error.message}`)
  })
  return notEmpty(text.split(/\r?\n/, 1)[0] ?? '', `The first line of ${path}`)
}

function notEmpty(password: string, what: string): string {
  if (password === '') throw usageError(`${what} is empty`)
  return password
}
