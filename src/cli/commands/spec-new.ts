import type { Command } from 'commander'
import type { GroupSpecifier } from 'netgroup'
import { orUsage, usageError } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { collect } from '../options.ts'
import { askPassword } from '../password.ts'
import { type Run, runCommand } from '../run-command.ts'

interface SpecNewOptions {
  posting?: boolean
  routing?: boolean
  replication?: boolean
  multicast?: boolean
  postingPassword?: string
  publishPassword?: string
  unique?: boolean
  relay?: string[]
  link?: string
  withAuthorizations?: boolean
  json?: boolean
}

const EXAMPLES = `
Examples:
  $ netgroup spec new kitchen --posting --routing  (what the name kitchen means)
  $ netgroup spec new news --posting --posting-password -
  $ netgroup spec new game --posting --unique --link https://game.example

The groupspec, or with --link the link, goes to stdout. Whoever has it can join;
to post where there is a posting password one needs the password, an
authorization or a grant.`

/** `netgroup spec new NAME`. */
export function addSpecNewCommand(spec: Command, lifetime: Lifetime): void {
  spec
    .command('new')
    .description('make a groupspec')
    .argument('<name>', "the group's name")
    .option('--posting', 'members may post to everyone')
    .option('--routing', 'members may send to one place or peer')
    .option('--replication', 'members may replicate objects')
    .option('--multicast', 'members may publish streams')
    .option('--posting-password <text>', 'only with this password one may post (implies --posting; - asks)')
    .option(
      '--publish-password <text>',
      'only with this password one may publish (implies --multicast; - asks)'
    )
    .option('--unique', 'another group than any other of this name')
    .option('--relay <addr>', 'a relay where members find each other (repeatable)', collect)
    .option('--link <base>', 'print a link: this address, # and the groupspec')
    .option('--with-authorizations', 'with the right to post and publish, for everybody who gets it')
    .option('--json', 'one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: SpecNewOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, run => specNew(run, name, options))
    )
}

async function specNew(run: Run, name: string, options: SpecNewOptions): Promise<undefined> {
  const { GroupSpecifier } = await import('netgroup')
  const capabilities = {
    postingEnabled: options.posting === true || options.postingPassword !== undefined,
    routingEnabled: options.routing === true,
    objectReplicationEnabled: options.replication === true,
    multicastEnabled: options.multicast === true || options.publishPassword !== undefined
  }
  const spec = orUsage(() => new GroupSpecifier(name, capabilities))
  if (options.unique === true) spec.makeUnique()
  await setPasswords(run, spec, options)
  for (const address of options.relay ?? []) orUsage(() => spec.addRelay(address))
  if (!Object.values(capabilities).includes(true)) {
    const text = 'nothing is enabled in this group: --posting, --routing, --replication, --multicast'
    run.output.warn({ code: 'Cli.NothingEnabled', level: 'warning' }, text)
  }
  print(run, spec, options)
  return undefined
}

async function setPasswords(run: Run, spec: GroupSpecifier, options: SpecNewOptions): Promise<void> {
  const posting = await passwordOf(run, 'posting', options.postingPassword)
  if (posting !== undefined) await spec.setPostingPassword(posting)
  const publish = await passwordOf(run, 'publish', options.publishPassword)
  if (publish !== undefined) await spec.setPublishPassword(publish)
}

async function passwordOf(run: Run, role: string, given: string | undefined): Promise<string | undefined> {
  const password = given === '-' ? await askPassword(`Password to ${role}: `, run.signal) : given
  if (password === '') throw usageError(`The ${role} password is empty`)
  return password
}

function print({ output }: Run, spec: GroupSpecifier, options: SpecNewOptions): void {
  const authorizations = options.withAuthorizations === true
  const groupspec = authorizations
    ? spec.groupspecWithAuthorizations()
    : spec.groupspecWithoutAuthorizations()
  const link =
    options.link === undefined
      ? undefined
      : orUsage(() => spec.toLink(options.link ?? '', { authorizations }))
  const row = { code: 'Cli.Groupspec', level: 'status', groupspec, groupID: spec.groupID } as const
  output.result(link === undefined ? row : { ...row, link }, link ?? groupspec)
}
