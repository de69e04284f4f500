import '../../../src/platform/polyfill.ts'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { describe, expect, it } from 'vitest'
import { mendYamux } from '../../../src/net/yamux-streams.ts'

/** A stream's window at its beginning, in bytes, and a frame that widens it (the specification of yamux). */
const WINDOW_BYTES = 262_144
const WINDOW_UPDATE = 1

const PIECES = 500
const PIECE_BYTES = 2_000

describe('mendYamux()', () => {
  it('aborts a stream whose connection closes while it is opened; the process goes on', async () => {
    const [connection] = multiaddrConnectionPair()
    const muxer = mendYamux(yamux())().createStreamMuxer(connection)
    const opening = muxer.createStream()
    // Closing, and not yet closed: the muxer has not been told.
    const closing = connection.close()
    const stream = await opening
    expect(stream.status).toBe('aborted')
    await closing
  })

  it('changes nothing else', async () => {
    const [near, far] = multiaddrConnectionPair()
    const [muxer, other] = [near, far].map(connection => mendYamux(yamux())().createStreamMuxer(connection))
    const received = new Promise(resolve => {
      other?.addEventListener('stream', ({ detail: stream }) =>
        stream.addEventListener('message', ({ data }) => resolve(data.subarray()))
      )
    })
    const stream = await muxer?.createStream()
    stream?.send(Uint8Array.of(1, 2, 3))
    expect(await received).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('tells of room when a half of the window is used, and not with each piece', async () => {
    const [near, far] = multiaddrConnectionPair()
    const [muxer, other] = [near, far].map(connection => mendYamux(yamux())().createStreamMuxer(connection))
    let received = 0
    const done = Promise.withResolvers<void>()
    other?.addEventListener('stream', ({ detail: stream }) =>
      stream.addEventListener('message', ({ data }) => {
        received += data.byteLength
        if (received === PIECES * PIECE_BYTES) done.resolve()
      })
    )
    let updates = 0
    near.addEventListener('message', ({ data }) => {
      // A frame's second byte is its type.
      if (data.subarray()[1] === WINDOW_UPDATE) updates += 1
    })
    const stream = await muxer?.createStream()
    for (let i = 0; i < PIECES; i++) {
      stream?.send(new Uint8Array(PIECE_BYTES))
      await new Promise(resolve => setImmediate(resolve))
    }
    await done.promise
    // One says that the stream is accepted.
    expect(updates).toBeLessThanOrEqual(1 + (PIECES * PIECE_BYTES) / (WINDOW_BYTES / 2))
    expect(updates).toBeGreaterThan(1)
  })
})
