// A peer with direct streams, as a process of its own, on the built package.
//   direct-peer.js publish         tells Publishing, with its address. A line `run SECONDS DATA_BYTES` on stdin sends audio at 64 kbit/s and video at 4 Mbit/s for so long, and reliable data beside: tells Sent
//   direct-peer.js play ADDRESS    tells Playing, and at the end of both streams Heard
import { createHash, randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { NetConnection, NetStream } from 'netgroup'
import { closeAndTell, tell } from './process-rows.js'

const AUDIO_EVERY_MS = 20
const AUDIO_BYTES = 160
const VIDEO_EVERY_MS = 40
const VIDEO_BYTES = 20_000
const DATA_BYTES = 16_384

const [role, address] = process.argv.slice(2)
const connection = await NetConnection.connect('lan:')
if (role === 'publish') await publish()
else await play()
await closeAndTell(connection)

async function publish() {
  // Audio may be dropped too: none of it is to be.
  const call = await NetStream.publishDirect(connection, 'call', {
    audioReliable: false,
    videoReliable: false
  })
  const file = await NetStream.publishDirect(connection, 'file')
  tell('Publishing', { addresses: connection.multiaddrs })
  for await (const line of createInterface({ input: process.stdin })) {
    const [, seconds, bytes] = line.split(' ').map(Number)
    const [audio, video, sha256] = await Promise.all([
      send(call, 'audio', AUDIO_BYTES, AUDIO_EVERY_MS, seconds * 1_000),
      send(call, 'video', VIDEO_BYTES, VIDEO_EVERY_MS, seconds * 1_000),
      sendData(file, bytes)
    ])
    await Promise.all([call.close(), file.close()])
    // What waited at the end may have been dropped as well.
    tell('Sent', { audio, video, sha256, droppedFrames: call.info.droppedFrames })
    return
  }
}

/** Frames at their times, each with its number and when it was written. @returns how many, and how many writes had to wait for anything */
async function send(stream, kind, bytes, everyMs, forMs) {
  const startMs = now()
  let frames = 0
  let waited = 0
  for (; now() - startMs < forMs; frames += 1) {
    const pauseMs = startMs + frames * everyMs - now()
    if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs))
    const data = new Uint8Array(bytes)
    const view = new DataView(data.buffer)
    view.setUint32(0, frames)
    view.setFloat64(4, now())
    const written = stream.write({ kind, timestamp: Math.round(now() * 1_000), data }).then(() => 'written')
    // What resolves without waiting for anything is before the loop's next turn.
    const first = await Promise.race([written, new Promise(resolve => setImmediate(resolve, 'waiting'))])
    if (first === 'waiting') waited += 1
    await written
  }
  return { frames, waited }
}

async function sendData(stream, bytes) {
  const hash = createHash('sha256')
  for (let sent = 0; sent < bytes; sent += DATA_BYTES) {
    const data = randomBytes(Math.min(DATA_BYTES, bytes - sent))
    hash.update(data)
    await stream.write({ kind: 'data', timestamp: Math.round(now() * 1_000), data })
  }
  return hash.digest('hex')
}

async function play() {
  const options = { bufferTime: 0 }
  const [call, file] = await Promise.all(
    ['call', 'file'].map(name => NetStream.playDirect(connection, address, name, options))
  )
  tell('Playing')
  const audio = { numbers: [], delays: [] }
  const video = { numbers: [], delays: [] }
  const data = { bytes: 0, bytesBesideVideo: 0 }
  const hash = createHash('sha256')
  const readCall = async () => {
    for await (const { kind, data: bytes } of call.frames()) {
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const heard = kind === 'audio' ? audio : video
      heard.numbers.push(view.getUint32(0))
      heard.delays.push(now() - view.getFloat64(4))
      if (kind === 'video') data.bytesBesideVideo = data.bytes
    }
  }
  const readFile = async () => {
    for await (const { data: bytes } of file.frames()) {
      data.bytes += bytes.byteLength
      hash.update(bytes)
    }
  }
  await Promise.all([readCall(), readFile()])
  tell('Heard', { audio, video, data, sha256: hash.digest('hex') })
}

/** On a clock that all processes of this machine have. */
function now() {
  return performance.timeOrigin + performance.now()
}
