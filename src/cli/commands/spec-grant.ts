import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Role } from 'netgroup'
import { CommandError, ExitCode, orUsage, usageError } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { addPasswordOptions } from '../options.ts'
import { askPassword, canAsk, givenPassword, type PasswordOptions } from '../password.ts'
import { type Run, runCommand } from '../run-command.ts'

const DAY_MS = 86_400_000

interface SpecGrantOptions extends PasswordOptions {
  role: Role
  expires?: Date
  link?: string
  json?: boolean
}

const EXAMPLES = `
Examples:
  $ netgroup spec grant "$SPEC" 12D3KooW… --password-file ~/.news --expires 30
  $ netgroup spec grant "$SPEC" 12D3KooW… --link https://news.example

The segment on stdout is appended to the groupspec as it is; with --link the
whole link is printed. A grant ends by its date (90 days unless --expires) and
cannot be taken back.`

/** `netgroup spec grant SPEC PEER`. */
export function addSpecGrantCommand(spec: Command, lifetime: Lifetime): void {
  const command = spec
    .command('grant')
    .description('give one peer the right to post or publish, without the password')
    .argument('<spec>', 'a groupspec or link, or a plain name with its password')
    .argument('<peer>', 'the peer id that gets the right (12D3KooW…)')
    .addOption(new Option('--role <role>', 'which right').choices(['posting', 'publish']).default('posting'))
    .option('--expires <date|days>', 'when it ends: an ISO date, or a number of days from now', expiry)
    .option('--link <base>', 'print a link for this peer instead')
    .option('--json', 'one JSON object')
  addPasswordOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((text: string, peer: string, options: SpecGrantOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, run => grant(run, text, peer, options))
    )
}

async function grant(run: Run, text: string, peerID: string, options: SpecGrantOptions): Promise<undefined> {
  const { GroupSpecifier } = await import('netgroup')
  const { kindOfGroup, parseGroup } = await import('../group-argument.ts')
  const { requirePeerID } = await import('../peer-address.ts')
  requirePeerID('PEER', peerID)
  const spec = parseGroup(text)
  const isName = kindOfGroup(text) === 'name'
  if (isName) await spec.setPostingPassword(await passwordFor(run, options))
  if (!spec.describe().passwords.includes(options.role))
    throw usageError(`This group has no ${options.role} password, so there is no right to give`)
  if (!spec.has(options.role)) await spec.authorize(options.role, await passwordFor(run, options))
  const segment = spec.grant(
    peerID,
    options.role,
    options.expires === undefined ? {} : { expires: options.expires }
  )
  const granted = GroupSpecifier.parse(spec.toString() + segment)
  const link =
    options.link === undefined ? undefined : orUsage(() => spec.toLink(options.link ?? '')) + segment
  const row = { code: 'Cli.Grant', level: 'status', segment, groupspec: spec.toString() + segment } as const
  const rights = granted.describe().rights
  run.output.result({ ...row, rights, ...(link === undefined ? {} : { link }) }, link ?? segment)
  return undefined
}

async function passwordFor(run: Run, options: SpecGrantOptions): Promise<string> {
  const given = await givenPassword(options, run.signal)
  const password = given ?? (canAsk() ? await askPassword('Password: ', run.signal) : '')
  if (password !== '') return password
  const text = `Only who has the ${options.role} password can give this right: --password, --password-file`
  throw new CommandError(ExitCode.NOT_AUTHORIZED, 'NOT_AUTHORIZED', text)
}

function expiry(value: string): Date {
  const date = /^\d+(\.\d+)?$/.test(value) ? new Date(Date.now() + Number(value) * DAY_MS) : new Date(value)
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('It must be an ISO date or a number of days.')
  if (date.getTime() <= Date.now()) throw new InvalidArgumentError('It lies in the past.')
  return date
}
