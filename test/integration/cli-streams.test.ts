import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupSpecifier } from 'netgroup'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  CLI_MAIN,
  type CliProcess,
  type CliRow,
  killCliProcesses,
  runCli,
  startCli
} from '../support/cli-process.ts'
import { decode, makeSample, whyNoFFmpeg } from '../support/ffmpeg.ts'

let folder: string
let group: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netgroup-streams-'))
  group = `test ${randomBytes(6).toString('hex')}`
})
afterEach(async () => {
  await killCliProcesses()
  await rm(folder, { recursive: true, force: true })
})

const path = (name: string): string => join(folder, name)

/** `netgroup publish GROUP film`, its input a file, or a pipe with a name, into which it can be written later. */
function publishFile(file: string, ...args: string[]): CliProcess {
  return startCli(['publish', group, 'film', '--json', ...args], {
    command: ['sh', '-c', `exec "${process.execPath}" "${CLI_MAIN}" "$@" < "${file}"`, 'sh']
  })
}

/** `netgroup play GROUP film`, its output a file. */
function playInto(file: string, ...args: string[]): CliProcess {
  return startCli(['play', group, 'film', '--json', ...args], {
    command: ['sh', '-c', `exec "${process.execPath}" "${CLI_MAIN}" "$@" > "${file}"`, 'sh']
  })
}

/** It has so many neighbors. */
async function neighbors(process: CliProcess, count: number): Promise<void> {
  const has = (): boolean =>
    process.rows.filter(row => row.code === 'NetGroup.Neighbor.Connect').length >= count
  await process.waitForRow('NetGroup.Neighbor.Connect', has)
}

const beyond =
  (bytes: number) =>
  (row: CliRow): boolean =>
    Number(row['bytes']) > bytes

/** Bytes that a player has pushed on to others so far, as a row of its statistics says. */
const pushed = (row: CliRow): number => Number((row['multicastInfo'] as CliRow)['bytesPushedToPeers'])

/** The first of these that from now on pushes something on to others. */
function feederOf(players: readonly CliProcess[]): Promise<CliProcess> {
  return Promise.any(
    players.map(async player => {
      const rows = player.rows.filter(({ code }) => code === 'Cli.Stream.Statistics')
      const before = Math.max(0, ...rows.map(pushed))
      await player.waitForRow('Cli.Stream.Statistics', row => pushed(row) > before)
      return player
    })
  )
}

const whyNot = whyNoFFmpeg()
if (whyNot !== undefined) console.warn(`publish and play of a film: skipped, as ${whyNot}`)

describe.skipIf(whyNot !== undefined)('netgroup publish and play of a film', () => {
  test.each([
    ['mpegts', 10, 16],
    ['live webm', 1.25, 10]
  ] as const)(
    'of %s: who is there from the beginning gets the same bytes, who comes %d s late a stream that plays, and when one that feeds others is killed they miss nothing',
    { timeout: 60_000 },
    async (name, lateS, filmS) => {
      const film = makeSample(name, filmS)
      const early = ['1', '2', '3'].map(each => playInto(path(each)))
      for (const player of early) await neighbors(player, 2)
      // All are there before the first byte.
      execFileSync('mkfifo', [path('pipe')])
      const publisher = publishFile(path('pipe'), '--pace')
      const pipe = await open(path('pipe'), 'w')
      await neighbors(publisher, 3)
      const written = pipe.writeFile(film).then(() => pipe.close())
      for (const player of early)
        await player.waitForRow('Cli.Stream.Statistics', beyond((film.length * lateS) / filmS), 20_000)
      const late = playInto(path('late'))
      await late.waitForRow('Cli.Stream.Statistics', beyond(0))
      const feeder = await feederOf(early)
      feeder.kill('SIGKILL')
      const surviving = early.filter(player => player !== feeder)
      await written
      for (const process of [publisher, ...surviving, late]) expect((await process.ended).exitCode).toBe(0)
      for (const player of surviving)
        expect(player.rows).toContainEqual(expect.objectContaining({ code: 'Cli.Stream.Ended', missed: 0 }))
      for (const player of surviving) {
        const output = await readFile(path(String(1 + early.indexOf(player))))
        expect(output.equals(film)).toBe(true)
      }
      const whole = await decode(film)
      const { complaints, isFirstKeyframe, frames } = await decode(await readFile(path('late')))
      expect({ complaints, isFirstKeyframe }).toEqual({ complaints: '', isFirstKeyframe: true })
      expect(frames).toBeGreaterThan(25)
      expect(frames).toBeLessThan(whole.frames)
      expect(late.rows).toContainEqual(expect.objectContaining({ code: 'Cli.Stream.Ended', missed: 0 }))
    }
  )

  test('of 4 Mbit/s, straight from ffmpeg -re: three who wait for it get the same bytes from the first on', async () => {
    await writeFile(path('film.ts'), makeSample('mpegts of 4 Mbit/s', 8))
    const players = ['1', '2', '3'].map(each => playInto(path(each)))
    for (const player of players) await neighbors(player, 2)
    execFileSync('mkfifo', [path('pipe')])
    const publisher = publishFile(path('pipe'))
    const ffmpeg = `ffmpeg -v error -re -i "${path('film.ts')}" -c copy -f mpegts -`
    // Who finds whom first is another test's matter.
    const begin = `exec 3> "${path('pipe')}"; read line; ${ffmpeg} | tee "${path('sent')}" >&3`
    const source = spawn('sh', ['-c', begin], { stdio: ['pipe', 'ignore', 'inherit'] })
    await neighbors(publisher, 3)
    source.stdin.end('now\n')
    for (const each of [publisher, ...players]) expect((await each.ended).exitCode).toBe(0)
    const sent = await readFile(path('sent'))
    expect(sent.length).toBeGreaterThan(3_000_000)
    for (const each of ['1', '2', '3']) expect((await readFile(path(each))).equals(sent)).toBe(true)
    for (const { rows } of players)
      expect(rows).toContainEqual(
        expect.objectContaining({ code: 'Cli.Stream.Ended', missed: 0, hasEnd: true })
      )
  })
})

describe('netgroup publish and play', () => {
  test('of any bytes: they come as they are written, and the end ends play', async () => {
    const player = startCli(['play', group, 'words'])
    await player.waitForLine(/^group /)
    const publisher = startCli(['publish', group, 'words', '--wait', '10'])
    await publisher.waitForLine(/^\+ /)
    publisher.type('one')
    await player.waitForLine(/^one$/)
    await publisher.waitForLine(/it is neither MPEG-TS nor WebM/)
    publisher.type('two')
    await player.waitForLine(/^two$/)
    publisher.endInput()
    expect((await publisher.ended).exitCode).toBe(0)
    expect(await player.ended).toMatchObject({ exitCode: 0, stdout: 'one\ntwo' })
  })

  test('Ctrl-C ends a stream with exit code 0, and with it who plays it', async () => {
    const player = startCli(['play', group, 'words'])
    const publisher = startCli(['publish', group, 'words', '--wait', '10'])
    await publisher.waitForLine(/^\+ /)
    publisher.type('one')
    await player.waitForLine(/^one$/)
    publisher.kill('SIGINT')
    expect((await publisher.ended).exitCode).toBe(0)
    expect((await player.ended).exitCode).toBe(0)
  })

  test('Ctrl-C ends play, and so does a reader that goes away, with exit code 0', async () => {
    const players = [0, 1].map(() => startCli(['play', group, 'words']))
    const [one, other] = players as [CliProcess, CliProcess]
    const publisher = startCli(['publish', group, 'words', '--wait', '10'])
    await publisher.waitForLine(/^\+ /)
    publisher.type('one')
    for (const player of players) await player.waitForLine(/^one$/)
    one.kill('SIGINT')
    expect((await one.ended).exitCode).toBe(0)
    other.closeStdout()
    publisher.type('two')
    publisher.type('three')
    expect((await other.ended).exitCode).toBe(0)
  })

  test('with --json stdout of play is the stream alone, and stdout of publish the group', async () => {
    const player = startCli(['play', group, 'words', '--json'])
    const publisher = startCli(['publish', group, 'words', '--json', '--wait', '10'])
    const { groupspec, name } = await publisher.waitForRow('Cli.Published')
    expect(name).toBe('words')
    expect(GroupSpecifier.parse(String(groupspec)).multicastEnabled).toBe(true)
    await neighbors(publisher, 1)
    publisher.type('one')
    const row = await player.waitForRow('Cli.Stream.Statistics', beyond(0))
    expect(row).toMatchObject({ role: 'play', isLive: true, bytes: 4, dropped: 0 })
    publisher.endInput()
    expect((await player.ended).stdout).toBe('one')
  })

  test('a plain name with a publish password: viewers come by what publish prints', {
    timeout: 60_000
  }, async () => {
    const publisher = startCli(['publish', group, 'words', '--publish-password', 'secret', '--wait', '10'])
    const spec = await publisher.waitForLine(/^G:/)
    expect(GroupSpecifier.parse(spec).has('publish')).toBe(false)
    const player = startCli(['play', spec, 'words'])
    await publisher.waitForLine(/^\+ /)
    publisher.type('one')
    await player.waitForLine(/^one$/)
    const stranger = await runCli(['publish', spec, 'words'])
    expect(stranger).toMatchObject({ exitCode: 4, stdout: '' })
    expect(stranger.stderr).toMatch(/^netgroup: Not authorized to publish/m)
    expect((await runCli(['publish', spec, 'words', '--publish-password', 'guess'])).exitCode).toBe(4)
  })

  test('publish --wait with nobody there: exit code 3', async () => {
    const { exitCode, stderr } = await runCli(['publish', group, 'words', '--wait', '0.5'])
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^netgroup: Nobody there within 0\.5 s/m)
  })

  test('play --wait: exit code 3 when nobody is there, 124 when the stream is not', async () => {
    expect((await runCli(['play', group, 'words', '--wait', '1'])).exitCode).toBe(3)
    const other = startCli(['play', group, 'words'])
    await other.waitForLine(/^group /)
    const { exitCode, stderr } = await runCli(['play', group, 'words', '--wait', '5'])
    expect(exitCode).toBe(124)
    expect(stderr).toMatch(/^netgroup: No stream "words" within 5 s/m)
  })
})

describe('netgroup publish and play say what is wrong in one line', () => {
  test.each([
    ['a format that there is not', ['publish', 'g', 'n', '--format', 'avi'], 2, /choices are auto, mpegts/],
    ['no name', ['publish', 'g'], 2, /missing required argument 'name'/],
    ['an empty name', ['play', 'g', ''], 2, /Give a name of 1 to 255 bytes/],
    ['a name that is too long', ['publish', 'g', 'ä'.repeat(128)], 2, /Give a name of 1 to 255 bytes/],
    [
      'two passwords',
      ['publish', 'g', 'n', '--publish-password', 'a', '--publish-password-file', 'b'],
      2,
      /not both/
    ],
    [
      'a password that nothing needs',
      ['publish', 'G:AQ', 'n', '--publish-password', 'a'],
      2,
      /not a groupspec/
    ]
  ])('%s', async (_, args, exitCode, line) => {
    const result = await runCli(args)
    expect(result).toMatchObject({ exitCode, stdout: '' })
    expect(result.stderr).toMatch(line)
  })

  test('a group without streams: exit code 1', async () => {
    const spec = new GroupSpecifier('chat', { postingEnabled: true }).toString()
    for (const command of ['publish', 'play']) {
      const { exitCode, stderr } = await runCli([command, spec, 'words'])
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/netgroup: Cannot (publish|play) .*multicast is not enabled/)
    }
  })
})
