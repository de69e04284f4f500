// Fragments as they come in, of which the library tells nobody: its class for a stream that is carried is looked into, as it is built.
import type { CarriedStream } from '../../src/net/multicast/carried-stream.ts'
import { Arrivals } from './arrivals.ts'

/** Where in a fragment its number is, and when its frame was published, in µs (PROTOCOL.md, section 15). */
const NUMBER_AT = 0
const KIND_AT = 9
const TIMESTAMP_AT = 10

/** What our frames are. Others say only that the publisher is there. */
const VIDEO = 2

/** The one that the package runs. */
const BUILT = new URL('../../dist/net/multicast/carried-stream.js', import.meta.url).href

/** From now on each stream that is carried in this process has an entry, as soon as a fragment comes. */
export async function watchFragments(): Promise<Arrivals[]> {
  const { CarriedStream: built } = (await import(BUILT)) as { CarriedStream: typeof CarriedStream }
  const streams = new WeakMap<CarriedStream, Arrivals>()
  const all: Arrivals[] = []
  const { onFragment } = built.prototype
  built.prototype.onFragment = function (from, bytes) {
    let arrivals = streams.get(this)
    if (arrivals === undefined) {
      arrivals = new Arrivals()
      streams.set(this, arrivals)
      all.push(arrivals)
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    arrivals.addBytes(bytes.byteLength)
    if (bytes[KIND_AT] === VIDEO)
      arrivals.add(Number(view.getBigUint64(NUMBER_AT)), Number(view.getBigUint64(TIMESTAMP_AT)))
    onFragment.call(this, from, bytes)
  }
  return all
}
