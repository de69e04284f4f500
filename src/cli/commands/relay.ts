import type { Command } from 'commander'
import { ExitCode } from '../exit-codes.ts'
import { aborted, type Lifetime } from '../lifetime.ts'
import { addCommonOptions, portPair } from '../options.ts'
import { type Run, runCommand } from '../run-command.ts'

interface RelayCommandOptions {
  /** The addresses that `--port` means. */
  port?: string[]
  listen?: string[]
  announce?: string[]
  identity?: string
  json?: boolean
}

const EXAMPLES = `
Examples:
  $ netgroup relay --port 4001 --identity relay
  $ netgroup relay --port 4001 --announce /dns4/relay.example/tcp/4001

Its addresses go to stdout: give one to the others as --relay ADDR. With
--identity they stay the same when it is started again. Ctrl-C ends it with
exit code 0.`

/** `netgroup relay`: for those who are not on one local network. */
export function addRelayCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('relay')
    .description('run a relay, through which members find and reach each other')
    .option('--port <n>', 'listen on this TCP port, and on the next one for WebSocket', portPair)
    .option('--listen <multiaddr...>', 'listen on these addresses instead')
    .option('--announce <multiaddr...>', 'the addresses to give out, when others see different ones')
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: RelayCommandOptions) => {
      const how = { json: options.json ?? false, whenInterrupted: ExitCode.DONE }
      return runCommand(lifetime, how, run => relay(run, options))
    })
}

async function relay({ output, signal }: Run, options: RelayCommandOptions): Promise<undefined> {
  const { requireMultiaddr } = await import('../peer-address.ts')
  for (const address of options.listen ?? []) requireMultiaddr('--listen', address)
  for (const address of options.announce ?? []) requireMultiaddr('--announce', address)
  const listen = options.listen ?? options.port
  const [{ RelayServer }, { loadIdentity }] = await Promise.all([
    import('netgroup/relay'),
    import('netgroup')
  ])
  await using server = await RelayServer.start({
    signal,
    ...(listen === undefined ? {} : { listen }),
    ...(options.announce === undefined ? {} : { announce: options.announce }),
    ...(options.identity === undefined ? {} : { identity: await loadIdentity(options.identity, { signal }) })
  })
  const multiaddrs = server.multiaddrs
  output.result({ code: 'Cli.Relay.Listening', level: 'status', multiaddrs }, multiaddrs.join('\n'))
  output.note({ code: 'Cli.Note', level: 'status' }, 'the relay is running; Ctrl-C ends it')
  await aborted(signal)
  return undefined
}
