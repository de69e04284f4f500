import { ExitCode } from '../exit-codes.ts'
import { type ChatFigures, PATIENCE_MS, postsOf, talk, waitUntilLinked } from './chatting.ts'
import type { ChildPeer } from './child-peer.ts'
import { DemoFailure } from './demo-failure.ts'
import type { Stage } from './stage.ts'

const SPAM = 'buy now'

/** What became of a group where posting needs a password. */
export interface PasswordFigures {
  readonly honest: Pick<ChatFigures, 'sent' | 'received' | 'latenciesMs'>
  /** Posts of strangers that were tried, and that their writers were told are refused. */
  readonly refused: number
  readonly tried: number
  /** Posts of strangers that anybody heard. */
  readonly strangersHeard: number
}

/** Two members with the password, one stranger without and one with a wrong one: the strangers read on, and cannot post. */
export async function runPasswordScene(stage: Stage): Promise<PasswordFigures> {
  const spec = await makeGroup(stage, stage.groupName('news'))
  const start = (name: string, ...args: string[]): ChildPeer =>
    stage.start(name, ['chat', spec, '--name', name, ...args])
  const members = [start('ada', '--password', 'correct horse'), start('bob', '--password', 'correct horse')]
  const guesser = start('eve', '--password', 'wrong horse')
  const stranger = start('mal')
  const everybody = [...members, guesser, stranger]
  await guesser.waitFor(
    'word of its wrong password',
    rows => rows.find(row => row.code === 'WRONG_PASSWORD'),
    PATIENCE_MS
  )
  await waitUntilLinked(everybody)
  const attempts = [
    () => tryToPost(guesser),
    () => tryToPost(stranger),
    () => refusedPost(stage, 'post without the password', [spec, SPAM]),
    () => refusedPost(stage, 'post with a wrong password', [spec, SPAM, '--password', 'wrong horse'])
  ]
  let refused = 0
  for (const attempt of attempts) {
    // Throws when its writer is not told that the post is refused.
    await attempt()
    refused++
  }
  const honest = await talk(members, everybody)
  const strangersHeard = everybody.flatMap(peer => postsOf(peer.rows, SPAM)).length
  if (strangersHeard > 0) throw new DemoFailure(`a stranger's post was heard ${strangersHeard} times`)
  await stage.end(everybody)
  return { honest, refused, tried: attempts.length, strangersHeard }
}

async function makeGroup(stage: Stage, name: string): Promise<string> {
  const maker = stage.start('spec new', [
    'spec',
    'new',
    name,
    '--posting',
    '--posting-password',
    'correct horse'
  ])
  const row = await maker.waitFor(
    'groupspec',
    rows => rows.find(each => each.code === 'Cli.Groupspec'),
    PATIENCE_MS
  )
  return String(row['groupspec'])
}

async function tryToPost(peer: ChildPeer): Promise<void> {
  peer.type(SPAM)
  await peer.waitFor(
    'word that it may not post',
    rows => rows.find(row => row.code === 'NOT_AUTHORIZED'),
    PATIENCE_MS
  )
}

async function refusedPost(stage: Stage, what: string, args: string[]): Promise<void> {
  const exitCode = await stage.start(what, ['post', ...args]).ended
  if (exitCode !== ExitCode.NOT_AUTHORIZED)
    throw new DemoFailure(`${what}: exit code ${exitCode} where ${ExitCode.NOT_AUTHORIZED} was due`)
}
