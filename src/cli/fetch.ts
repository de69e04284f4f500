import { mkdir } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { type FileProgress, fetchFile, isNetGroupError, type NetGroup, parseFileLink } from 'netgroup'
import { describeBytes } from './byte-size.ts'
import { deadline } from './deadline.ts'
import { CommandError, ExitCode, usageError } from './exit-codes.ts'
import { aborted } from './lifetime.ts'
import { joinGroup } from './membership.ts'
import type { GroupOptions } from './options.ts'
import type { Output } from './output.ts'
import type { Run } from './run-command.ts'
import { sanitize } from './sanitize.ts'
import { explained } from './system-error.ts'
import { TransferDisplay } from './transfer-display.ts'

/** How `netgroup fetch` is given. */
export interface FetchCommandOptions extends GroupOptions {
  output: string
  overwrite?: boolean
  seed?: boolean
  limitUp?: number
  limitDown?: number
  timeout?: number
}

/** How far a fetch has come, and whom it has met. */
interface Course {
  progress: FileProgress | undefined
  hasMetSomebody: boolean
}

/** Fetch what a link stands for into a folder, and say where it is. */
export async function fetchLink(run: Run, link: string, options: FetchCommandOptions): Promise<undefined> {
  const { groupspec, manifestID } = parsed(link)
  await makeFolder(options.output)
  const course: Course = { progress: undefined, hasMetSomebody: false }
  const display = new TransferDisplay({ output: run.output })
  const limit = deadline(run.signal, options.timeout)
  const limited = { ...run, signal: limit.signal }
  const onProgress = (progress: FileProgress): void => {
    course.progress = progress
    course.hasMetSomebody ||= progress.peers > 0
    display.update(progress)
  }
  try {
    await using membership = await joinGroup(limited, groupspec, options)
    await fetchInto(limited, membership.group, manifestID, options, onProgress)
    limit.clear()
    if (options.seed !== true) display.stop()
    tellFetched(run.output, options.output, course)
    if (options.seed === true) await seed(run)
  } catch (error) {
    display.stop()
    if (run.signal.aborted) tellInterrupted(run.output, course)
    throw limit.isOver ? outOfTime(options, course) : error
  } finally {
    display.stop()
    limit.clear()
  }
  return undefined
}

async function fetchInto(
  { signal }: Run,
  group: NetGroup,
  manifestID: string,
  { output, overwrite = false, limitUp, limitDown }: FetchCommandOptions,
  onProgress: (progress: FileProgress) => void
): Promise<void> {
  try {
    await fetchFile(
      group,
      manifestID,
      { path: resolve(output) + sep },
      {
        signal,
        onProgress,
        overwrite,
        ...(limitUp === undefined ? {} : { limitUp }),
        ...(limitDown === undefined ? {} : { limitDown })
      }
    )
  } catch (error) {
    if (!isNetGroupError(error, 'FILE_EXISTS')) throw error
    const text = `${error.detail.path} is there already, with other content: move it, give --output another folder, or --overwrite`
    throw new CommandError(ExitCode.FAILED, 'FILE_EXISTS', text)
  }
}

/** Others can have it until Ctrl-C, which then is in order. */
async function seed({ lifetime, signal, output }: Run): Promise<void> {
  lifetime.whenInterrupted = ExitCode.DONE
  output.note({ code: 'Cli.Seeding', level: 'status' }, 'given to others until Ctrl-C')
  await aborted(signal)
}

function parsed(link: string): { groupspec: string; manifestID: string } {
  try {
    return parseFileLink(link)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`This is not a link to a file, as netgroup share prints it: ${reason}`)
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw explained(`fetch into ${path}`, error)
  }
}

function tellFetched(output: Output, folder: string, { progress }: Course): void {
  if (progress?.name === undefined) return
  const path = join(folder, progress.name)
  const { totalBytes: bytes, fetchedBytes, rejectedBytes } = progress
  output.result(
    { code: 'Cli.Fetched', level: 'status', path, bytes, fetchedBytes, rejectedBytes },
    sanitize(path)
  )
}

function tellInterrupted(output: Output, { progress }: Course): void {
  const { bytes = 0, totalBytes = 0 } = progress ?? {}
  const far = totalBytes === 0 ? '' : ` at ${Math.floor((bytes / totalBytes) * 100)} %`
  const text = `interrupted${far}: run the same command again to go on from there`
  output.warn({ code: 'Cli.Interrupted', level: 'warning', bytes, totalBytes }, text)
}

function outOfTime({ timeout }: FetchCommandOptions, { progress, hasMetSomebody }: Course): CommandError {
  if (!hasMetSomebody)
    return new CommandError(
      ExitCode.NOBODY_THERE,
      'NO_NEIGHBORS',
      `Nobody there within ${timeout} s: netgroup share must be running where this link comes from`
    )
  const { bytes = 0, totalBytes = 0 } = progress ?? {}
  const far = `${describeBytes(bytes)} of ${totalBytes === 0 ? 'what it is' : describeBytes(totalBytes)}`
  const text = `Gave up after ${timeout} s with ${far}: run the same command again to go on from there`
  return new CommandError(ExitCode.TIMEOUT, 'TIMEOUT', text)
}
