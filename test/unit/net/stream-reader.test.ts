import type { Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { StreamReader } from '../../../src/net/stream-reader.ts'

/** As much of a stream as is read. */
class Incoming extends EventTarget {
  status = 'open'

  get asStream(): Stream {
    return this as unknown as Stream
  }
}

describe('StreamReader', () => {
  it('does not wait for a stream that was reset before anybody listened', async () => {
    const stream = new Incoming()
    stream.status = 'reset'
    await expect(new StreamReader(stream.asStream, 100).read(1)).rejects.toThrow('The stream ended')
  })

  it('does not wait for more of one that ends meanwhile', async () => {
    const stream = new Incoming()
    const reading = new StreamReader(stream.asStream, 100).read(1)
    stream.dispatchEvent(new Event('close'))
    await expect(reading).rejects.toThrow('The stream ended')
  })
})
