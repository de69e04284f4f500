/** What a finished command tells the shell. They are part of the contract: scripts switch on them. */
export const ExitCode = {
  DONE: 0,
  FAILED: 1,
  USAGE: 2,
  NOBODY_THERE: 3,
  NOT_AUTHORIZED: 4,
  CANNOT_CONNECT: 5,
  NOT_VERIFIED: 6,
  TIMEOUT: 124,
  INTERRUPTED: 130
} as const

/** One of the values of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A failure that the command line itself found: its text goes to stderr as it is, its exit code to the shell. */
export class CommandError extends Error {
  readonly exitCode: ExitCode
  /** What `--json` shows as `code`. */
  readonly code: string

  constructor(exitCode: ExitCode, code: string, message: string) {
    super(message)
    this.name = 'CommandError'
    this.exitCode = exitCode
    this.code = code
  }
}

/** What was asked for makes no sense: exit code 2. */
export function usageError(message: string): CommandError {
  return new CommandError(ExitCode.USAGE, 'Cli.Usage', message)
}

/** What `make` answers; where the library refuses an argument that was typed (a wrong type or range), that is usage. */
export function orUsage<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof TypeError || error instanceof RangeError ? usageError(error.message) : error
  }
}

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  GROUPSPEC_INVALID: ExitCode.USAGE,
  GROUPSPEC_UNSUPPORTED: ExitCode.USAGE,
  NO_NEIGHBORS: ExitCode.NOBODY_THERE,
  PEER_UNREACHABLE: ExitCode.NOBODY_THERE,
  WRONG_PASSWORD: ExitCode.NOT_AUTHORIZED,
  NOT_AUTHORIZED: ExitCode.NOT_AUTHORIZED,
  CONNECT_FAILED: ExitCode.CANNOT_CONNECT,
  MANIFEST_INVALID: ExitCode.NOT_VERIFIED,
  TIMEOUT: ExitCode.TIMEOUT
}

/** The exit code for whatever a command threw. Goes by the library's error codes; what is unknown is 1. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode
  if (error instanceof Error && 'code' in error) return BY_CODE[String(error.code)] ?? ExitCode.FAILED
  return ExitCode.FAILED
}
