import type { Command } from 'commander'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions, STREAM_GROUP_HELP, seconds, streamName } from '../options.ts'
import type { PlayCommandOptions } from '../play.ts'
import { runCommand } from '../run-command.ts'

const EXAMPLES = `
Examples:
  $ netgroup play living-room film | ffplay -
  $ netgroup play "$LINK" stage --wait 60 > stage.webm
  $ netgroup play living-room film --json 2> statistics.jsonl | mpv -

From the beginning of a stream on, the same bytes as were published; late, from the
latest keyframe that is still there (of the last 10 s) or else the next, after a gap
from the next, with what a decoder needs before it. Statistics and the rest go to
stderr, with --json too.

A plain GROUP name has streams enabled and nothing else, as in publish; with a
--password it is a group of its own, for those who give the same. Who plays passes
the stream on to others, also while the reader of stdout is slow.

Exit codes: 0 the stream has ended (the last line says whether all of it has come),
Ctrl-C once it has begun, or the reader of stdout went away; 1 the disk is full; 3
nobody there and 124 no stream within --wait, 5 cannot connect, 130 Ctrl-C before.`

/** `netgroup play GROUP NAME`. */
export function addPlayCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('play')
    .description('write a stream of a group to standard output')
    .argument('<group>', STREAM_GROUP_HELP)
    .argument('<name>', 'the name of the stream', streamName)
    .option('--wait <seconds>', 'give up when it has not begun after so long (default: never)', seconds)
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((group: string, name: string, options: PlayCommandOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, async run => {
        const { play } = await import('../play.ts')
        return play(run, group, name, options)
      })
    )
}
