import { type Command, Option } from 'commander'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions, STREAM_GROUP_HELP, seconds, streamName } from '../options.ts'
import type { PublishCommandOptions } from '../publish.ts'
import { runCommand } from '../run-command.ts'

const EXAMPLES = `
Examples:
  $ ffmpeg -re -i in.mp4 -c copy -f mpegts - | netgroup publish living-room film
  $ ffmpeg -i "$CAMERA" -c:v libvpx -f webm -live 1 - | netgroup publish "$LINK" stage
  $ netgroup publish living-room film --pace --wait 60 < film.ts
  $ tail -f app.log | netgroup publish logs app --format raw

Viewers pass it on to each other. Who comes late begins at the latest keyframe of
MPEG-TS and WebM (Matroska); of anything else, with what comes next. What viewers
give as GROUP goes to stdout, the rest to stderr.

A plain GROUP name has streams enabled and nothing else, so it is not the group of
that name in chat, post and share; play means the same one. With --password it is a
group of its own, for those who give play the same; with --publish-password another,
which viewers find only by what stands on stdout. Of a link or groupspec these are
the passwords that were set when it was made.

The end of standard input, and Ctrl-C, end the stream with exit code 0. Others: 3
nobody there within --wait, 4 not authorized or wrong password, 5 cannot connect.`

/** `netgroup publish GROUP NAME`. */
export function addPublishCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('publish')
    .description('publish standard input as a stream in a group')
    .argument('<group>', STREAM_GROUP_HELP)
    .argument('<name>', 'the name of the stream', streamName)
    .addOption(
      new Option('--format <format>', 'where it is cut: what the stream is')
        .choices(['auto', 'mpegts', 'webm', 'raw'])
        .default('auto')
    )
    .option(
      '--pace',
      'send no faster than the stream plays: for files in MPEG-TS, WebM or Matroska, when ffmpeg does not do it with -re'
    )
    .option('--wait <seconds>', 'first wait for somebody to be there, so long', seconds)
    .option(
      '--publish-password <text>',
      "the group's publish password (- asks; or NETGROUP_PUBLISH_PASSWORD)"
    )
    .option('--publish-password-file <path>', 'read it from the first line of this file')
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((group: string, name: string, options: PublishCommandOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, async run => {
        const { publish } = await import('../publish.ts')
        return publish(run, group, name, options)
      })
    )
}
