import { type Command, InvalidArgumentError } from 'commander'

/** Options of every command that joins a group. */
export interface GroupOptions {
  /** Relay addresses; false: not even those in a link. */
  relay?: string[] | false
  lan?: boolean
  password?: string
  passwordFile?: string
  identity?: string
  json?: boolean
}

/** What GROUP means, for `--help`. */
export const GROUP_HELP = 'a link, a groupspec (G:…), or a plain name (posting and routing enabled)'

/** The same where it is about streams. */
export const STREAM_GROUP_HELP = 'a link, a groupspec (G:…), or a plain name (streams enabled, nothing else)'

/** As long as a stream's name may be, in bytes of UTF-8: the library's `MAX_STREAM_NAME_BYTES`, which cannot be asked without loading the network. */
const MAX_STREAM_NAME_BYTES = 255

/** Add {@link GroupOptions} to a command. */
export function addGroupOptions(command: Command): Command {
  addPasswordOptions(
    command
      .option('--relay <addr>', 'find each other through this relay, over the internet (repeatable)', collect)
      .option('--no-relay', 'ignore the relays in a link: this local network only')
      .option('--lan', 'with relays: find each other on the local network too')
  )
  return addCommonOptions(command)
}

/** Add `--password` and `--password-file`. */
export function addPasswordOptions(command: Command): Command {
  return command
    .option('--password <text>', "the group's posting password; - asks for it (or NETGROUP_PASSWORD)")
    .option('--password-file <path>', 'read the password from the first line of this file')
}

/** Add `--identity` and `--json`. */
export function addCommonOptions(command: Command): Command {
  return command
    .option('--identity <name>', 'keep a key under this name, and with it the same peer id every time')
    .option('--json', 'one JSON object per line')
}

/** A parser for an option that may be given several times. */
export function collect(value: string, earlier: string[] | false | undefined): string[] {
  return [...(earlier || []), value]
}

/** A parser for whole numbers from 1 on. */
export function positiveInteger(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return number
}

/** A parser for a number of seconds, fractions allowed. */
export function seconds(value: string): number {
  const number = Number(value)
  // Longer than a timer can run means never; a day is the honest limit of a script that waits.
  if (!/^\d+(\.\d+)?$/.test(value) || number <= 0 || number > 86_400)
    throw new InvalidArgumentError('It must be a number of seconds above 0, up to 86400.')
  return number
}

/** A parser for a stream's name: a wrong one is refused before anybody is connected. */
export function streamName(value: string): string {
  const bytes = Buffer.byteLength(value)
  if (bytes < 1 || bytes > MAX_STREAM_NAME_BYTES)
    throw new InvalidArgumentError(`Give a name of 1 to ${MAX_STREAM_NAME_BYTES} bytes.`)
  return value
}
