import { deadline } from '../deadline.ts'
import { ExitCode } from '../exit-codes.ts'
import { style } from '../output.ts'
import type { Run } from '../run-command.ts'
import { type ChatFigures, PATIENCE_MS, runChat } from './chatting.ts'
import { DemoFailure } from './demo-failure.ts'
import { type Figure, figureLines, median, milliseconds } from './figures.ts'
import { hasMulticastRoute, MULTICAST_REMEDY } from './multicast-route.ts'
import { runPasswordScene } from './password-scene.ts'
import { Stage } from './stage.ts'

/** It is said to take less than a minute. */
const LIMIT_S = 55
const NAMES = ['ada', 'bob', 'cyd']

interface Scene {
  readonly title: string
  readonly play: (stage: Stage) => Promise<Figure[]>
}

const SCENES: readonly Scene[] = [
  { title: 'A group on the local network, found by mDNS, no server', play: lanScene },
  { title: 'A group of peers that know only a relay', play: relayScene },
  { title: 'A group where posting needs a password', play: passwordScene }
]

/** Show the whole system on this machine, each peer a process of its own. Exit code 1 when anything it shows did not happen. */
export async function demo(run: Run): Promise<ExitCode> {
  const limit = deadline(run.signal, LIMIT_S)
  const startedAtMs = performance.now()
  say(run, 'netgroup demo: every peer is a process of its own, on this machine.\n')
  await using stage = new Stage(limit.signal)
  let failed = 0
  for (const [index, scene] of SCENES.entries()) {
    if (!(await play(run, stage, scene, index + 1, limit.signal))) failed++
    if (run.signal.aborted) return ExitCode.INTERRUPTED
  }
  limit.clear()
  const took = `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`
  const verdict =
    failed === 0
      ? `Everything worked, in ${took}.`
      : `${failed} of ${SCENES.length} did not work, in ${took}.`
  const row = { code: 'Cli.Demo.End', level: failed === 0 ? 'status' : 'error', failed } as const
  run.output.result(row, style(failed === 0 ? 'green' : 'red', verdict, process.stdout))
  return failed === 0 ? ExitCode.DONE : ExitCode.FAILED
}

async function play(
  run: Run,
  stage: Stage,
  scene: Scene,
  number: number,
  signal: AbortSignal
): Promise<boolean> {
  const heading = style('bold', `${number}  ${scene.title}`, process.stdout)
  try {
    const figures = await unlessAborted(scene.play(stage), signal)
    const row = {
      code: 'Cli.Demo.Scene',
      level: 'status',
      title: scene.title,
      figures: Object.fromEntries(figures)
    } as const
    run.output.result(row, `${heading}\n${figureLines(figures)}\n`)
    return true
  } catch (error) {
    await stage.end()
    if (!run.signal.aborted) tellFailure(run, scene, heading, error)
    return false
  }
}

function tellFailure(run: Run, scene: Scene, heading: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error)
  const remedy = error instanceof DemoFailure ? error.remedy : undefined
  const row = { code: 'Cli.Demo.Scene', level: 'error', title: scene.title, why, remedy } as const
  const lines = [heading, `   ${style('red', 'did not happen:', process.stdout)} ${why}`]
  if (remedy !== undefined) lines.push(`   remedy: ${remedy}`)
  run.output.result(row, lines.join('\n') + '\n')
}

async function lanScene(stage: Stage): Promise<Figure[]> {
  if (!(await hasMulticastRoute())) throw new DemoFailure('mDNS cannot work here', MULTICAST_REMEDY)
  return chatFigures(await runChat(stage, stage.groupName('kitchen'), NAMES, []))
}

async function relayScene(stage: Stage): Promise<Figure[]> {
  const relay = stage.start('relay', [
    'relay',
    '--ephemeral',
    '--no-stun',
    '--listen',
    '/ip4/127.0.0.1/tcp/0'
  ])
  const address = await relay.waitFor(
    'address of the relay',
    rows => rows.map(row => row['multiaddrs']).find(Array.isArray)?.[0] as string | undefined,
    PATIENCE_MS
  )
  const upAfterMs = performance.now() - relay.startedAtMs
  const figures = await runChat(stage, stage.groupName('far away'), NAMES, ['--relay', address])
  await stage.end([relay])
  return [['relay up after', milliseconds(upAfterMs)], ...chatFigures(figures)]
}

async function passwordScene(stage: Stage): Promise<Figure[]> {
  const { honest, refused, tried, strangersHeard } = await runPasswordScene(stage)
  return [
    ['posts of 2 strangers: tried', String(tried)],
    ['  refused, and their writers told so', String(refused)],
    ['  heard by anybody', String(strangersHeard)],
    ...postFigures(honest)
  ]
}

function chatFigures(figures: ChatFigures): Figure[] {
  return [
    ['peers', String(figures.peers)],
    ['first neighbor, after the process started', milliseconds(figures.firstNeighborMs)],
    ['everybody linked to everybody after', milliseconds(figures.linkedMs)],
    ...postFigures(figures)
  ]
}

function postFigures({
  sent,
  received,
  latenciesMs
}: Pick<ChatFigures, 'sent' | 'received' | 'latenciesMs'>): Figure[] {
  return [
    ['posts with the right to: sent', String(sent)],
    ['  heard by all others, in all', String(received)],
    ['  typed here, printed there: median', milliseconds(median(latenciesMs))],
    ['  slowest', milliseconds(Math.max(...latenciesMs))]
  ]
}

/** A scene that is abandoned fails later, by itself, when its children are ended: nobody waits for that. */
async function unlessAborted<T>(scene: Promise<T>, signal: AbortSignal): Promise<T> {
  const abandoned = new Promise<never>((_resolve, reject) => {
    const abandon = (): void => reject(signal.reason)
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon, { once: true })
  })
  return Promise.race([scene, abandoned])
}

function say(run: Run, text: string): void {
  if (!run.output.json) run.output.result({ code: 'Cli.Demo.Start', level: 'status' }, text)
}
