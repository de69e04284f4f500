import type { FileHandle } from 'node:fs/promises'
import type { MediaFrame } from 'netgroup'

// A recording is a file of frames, whatever is in them: a head, and then for each frame
// kind 1 ‖ keyframe 1 ‖ timestamp in µs 8 ‖ length 4 ‖ data.
const HEAD = new TextEncoder().encode('netgroup recording 1\n')
const FRAME_HEAD_BYTES = 14
const MAX_FRAME_BYTES = 2 ** 24
const KINDS = ['audio', 'video', 'data'] as const

/** Begins a recording. */
export async function writeHead(file: FileHandle): Promise<void> {
  await file.write(HEAD)
}

/** Adds a frame to a recording. */
export async function writeFrame(file: FileHandle, frame: MediaFrame): Promise<void> {
  const head = new DataView(new ArrayBuffer(FRAME_HEAD_BYTES))
  head.setUint8(0, KINDS.indexOf(frame.kind))
  head.setUint8(1, frame.keyframe === true ? 1 : 0)
  head.setFloat64(2, frame.timestamp)
  head.setUint32(10, frame.data.length)
  // Both at once: a process that is killed leaves at most one frame that is cut off, at the end.
  await file.writev([head, frame.data])
}

/**
 * The frames of a recording, up to its end or to a frame that is cut off.
 *
 * @throws Error when the file is no recording
 */
export async function* readFrames(file: FileHandle): AsyncGenerator<MediaFrame> {
  const head = await read(file, HEAD.length)
  if (head === undefined || Buffer.compare(head, HEAD) !== 0) throw new Error('This file is no recording')
  for (;;) {
    const frameHead = await read(file, FRAME_HEAD_BYTES)
    if (frameHead === undefined) return
    const view = new DataView(frameHead.buffer)
    const kind = KINDS[view.getUint8(0)]
    const length = view.getUint32(10)
    if (kind === undefined || length > MAX_FRAME_BYTES) throw new Error('This recording is damaged')
    const data = await read(file, length)
    if (data === undefined) return
    yield { kind, keyframe: view.getUint8(1) === 1, timestamp: view.getFloat64(2), data }
  }
}

/** So many bytes; undefined when there are not so many. */
async function read(file: FileHandle, length: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at)
    if (bytesRead === 0) return undefined
    at += bytesRead
  }
  return bytes
}
