import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why streams of ffmpeg's cannot be made here; undefined when they can. */
export function whyNoFFmpeg(): string | undefined {
  const isThere = (tool: string): boolean =>
    (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, tool)))
  return isThere('ffmpeg') && isThere('ffprobe') ? undefined : 'there is no ffmpeg(1): apt-get install ffmpeg'
}

/** Pictures with a counter, and a tone: 4 s at 25 a second, a keyframe each half second. */
const SOURCE: readonly string[] = [
  ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=4'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=4']
]

/** A stream that tests need. */
export type SampleName =
  | 'mpegts'
  | 'mpegts of mpeg2video'
  | 'mpegts of sound'
  | 'live webm'
  | 'webm in a pipe'
  | 'matroska of h264'

/** How ffmpeg makes them. */
const OUTPUTS: Readonly<Record<SampleName, readonly string[]>> = {
  mpegts: [...SOURCE, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '12', '-c:a', 'aac', '-f', 'mpegts'],
  'mpegts of mpeg2video': [...SOURCE, '-c:v', 'mpeg2video', '-g', '12', '-c:a', 'mp2', '-f', 'mpegts'],
  'mpegts of sound': [...SOURCE.slice(4), '-c:a', 'aac', '-f', 'mpegts'],
  'live webm': [...webm(), '-f', 'webm', '-live', '1'],
  'webm in a pipe': [...webm(), '-f', 'webm'],
  'matroska of h264': [
    ...SOURCE,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '12',
    '-c:a',
    'aac',
    '-f',
    'matroska'
  ]
}

/** All of them. */
export const SAMPLE_NAMES: readonly SampleName[] = Object.keys(OUTPUTS) as SampleName[]

/** The bytes of a stream, made now. */
export function makeSample(name: SampleName): Uint8Array {
  const args = ['-v', 'error', ...OUTPUTS[name], '-']
  const { stdout, stderr, status } = spawnSync('ffmpeg', args, { maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** What a decoder says of a stream: its complaints, and its first frame of pictures (or sound). */
export interface Decoded {
  readonly complaints: string
  readonly frames: number
  readonly isFirstKeyframe: boolean
}

/** Decodes all of a stream by ffprobe. */
export async function decode(bytes: Uint8Array, stream: 'v' | 'a' = 'v'): Promise<Decoded> {
  const args = ['-v', 'error', '-select_streams', `${stream}:0`, '-show_entries', 'frame=key_frame']
  const child = spawn('ffprobe', [...args, '-of', 'csv=p=0', '-i', '-'])
  let [out, complaints] = ['', '']
  child.stdout.on('data', (data: Buffer) => {
    out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    complaints += data
  })
  child.stdin.on('error', () => {})
  child.stdin.end(bytes)
  await new Promise(resolve => child.on('close', resolve))
  const frames = out.split('\n').filter(line => line !== '')
  return { complaints, frames: frames.length, isFirstKeyframe: frames[0]?.startsWith('1') === true }
}

function webm(): string[] {
  return [
    ...SOURCE,
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-g',
    '12',
    '-c:a',
    'libopus'
  ]
}
