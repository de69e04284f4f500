import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why streams of ffmpeg's cannot be made here; undefined when they can. */
export function whyNoFFmpeg(): string | undefined {
  const isThere = (tool: string): boolean =>
    (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, tool)))
  return isThere('ffmpeg') && isThere('ffprobe') ? undefined : 'there is no ffmpeg(1): apt-get install ffmpeg'
}

/** Pictures with a counter, 25 a second, and a tone. */
const SOURCE: readonly string[] = [
  ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440']
]

/** A stream that tests need. */
export type SampleName =
  | 'mpegts'
  | 'mpegts of 4 Mbit/s'
  | 'mpegts of mpeg2video'
  | 'mpegts of sound'
  | 'live webm'
  | 'webm in a pipe'
  | 'matroska of h264'

const H264: readonly string[] = [...SOURCE, ...'-c:v libx264 -preset ultrafast -g 12 -c:a aac'.split(' ')]
const VP8: readonly string[] = [
  ...SOURCE,
  ...'-c:v libvpx -deadline realtime -cpu-used 8 -g 12 -c:a libopus'.split(' ')
]

/** How ffmpeg makes them: with a keyframe each half second. */
const OUTPUTS: Readonly<Record<SampleName, readonly string[]>> = {
  mpegts: [...H264, '-f', 'mpegts'],
  'mpegts of 4 Mbit/s': [
    ...'-f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine=frequency=440'.split(' '),
    ...'-c:v libx264 -preset ultrafast -b:v 3700k -maxrate 4000k -bufsize 4000k -g 25 -c:a aac -f mpegts'.split(
      ' '
    )
  ],
  'mpegts of mpeg2video': [...SOURCE, ...'-c:v mpeg2video -g 12 -c:a mp2 -f mpegts'.split(' ')],
  'mpegts of sound': [...SOURCE.slice(4), ...'-c:a aac -f mpegts'.split(' ')],
  'live webm': [...VP8, '-f', 'webm', '-live', '1'],
  'webm in a pipe': [...VP8, '-f', 'webm'],
  'matroska of h264': [...H264, '-f', 'matroska']
}

/** All of them. */
export const SAMPLE_NAMES: readonly SampleName[] = Object.keys(OUTPUTS) as SampleName[]

/** The bytes of a stream of so many seconds, made now. */
export function makeSample(name: SampleName, seconds = 4): Uint8Array {
  const args = ['-v', 'error', ...OUTPUTS[name], '-t', String(seconds), '-']
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
