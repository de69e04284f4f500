import '../../../src/platform/polyfill.ts'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { describe, expect, it } from 'vitest'
import { surviveMuxerErrors } from '../../../src/net/muxer-errors.ts'

describe('surviveMuxerErrors()', () => {
  it('aborts a stream whose connection closes while it is opened; the process goes on', async () => {
    const [connection] = multiaddrConnectionPair()
    const muxer = surviveMuxerErrors(yamux())().createStreamMuxer(connection)
    const opening = muxer.createStream()
    // Closing, and not yet closed: the muxer has not been told.
    const closing = connection.close()
    const stream = await opening
    expect(stream.status).toBe('aborted')
    await closing
  })

  it('changes nothing else', async () => {
    const [near, far] = multiaddrConnectionPair()
    const [muxer, other] = [near, far].map(connection =>
      surviveMuxerErrors(yamux())().createStreamMuxer(connection)
    )
    const received = new Promise(resolve => {
      other?.addEventListener('stream', ({ detail: stream }) =>
        stream.addEventListener('message', ({ data }) => resolve(data.subarray()))
      )
    })
    const stream = await muxer?.createStream()
    stream?.send(Uint8Array.of(1, 2, 3))
    expect(await received).toEqual(Uint8Array.of(1, 2, 3))
  })
})
