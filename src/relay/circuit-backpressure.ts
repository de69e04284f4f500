// A circuit whose receiver is slow. The relay of @libp2p/circuit-relay-v2 (4.2.13, dist/src/server/index.js) joins the two streams with a queue that has no end: it takes from the
// sender whatever comes, up to the circuit's limit of bytes, and 64 of those are 16 GiB. So the sender is told to wait, as it would be by a receiver without a relay in between.
// What is reached into of the service and of its streams is named in `Inside` and `Circuit`, and nowhere else.
import type { Stream } from '@libp2p/interface'

/** What may wait in one direction of a circuit before the sender is told to wait, in bytes (guess: ten milliseconds at 200 Mbit/s). */
const MAX_WAITING_BYTES = 262_144

/** And when it may go on. */
const LOW_WAITING_BYTES = 65_536

/** Where a circuit ends whose sender does not wait, in bytes: data channels of WebRTC have no way to tell it. */
const MAX_BACKLOG_BYTES = 4_194_304

/** A stream, and how its sender is told. Those of yamux can: they stop to widen the window, and what comes still is passed on. */
type Circuit = Stream & { sendPause?(): void; sendResume?(): void }

interface Connecting {
  stream: { unwrap(): Circuit }
}

/** The service's private parts. */
interface Inside {
  handleConnect?(how: Connecting, options: unknown): Promise<void>
  stopHop?(how: unknown, options: unknown): Promise<Circuit | undefined>
}

/** From now on the circuits that this service makes hold their senders back. Where it has other private parts (another version), nothing happens. */
export function holdSendersBack(service: object): void {
  const inside = service as Inside
  const { handleConnect, stopHop } = inside
  if (handleConnect === undefined || stopHop === undefined) return
  inside.handleConnect = async (how, options) => {
    const joined: Circuit[] = []
    const keep = <Kept extends Circuit | undefined>(stream: Kept): Kept => {
      if (stream !== undefined) joined.push(stream)
      return stream
    }
    const watched = Object.assign(Object.create(inside) as Inside, {
      stopHop: async (...how: Parameters<typeof stopHop>) => keep(await stopHop.apply(inside, how))
    })
    const stream = { ...how.stream, unwrap: () => keep(how.stream.unwrap()) }
    await handleConnect.call(watched, { ...how, stream }, options)
    // Not before: messages go to those who listen when they come, and the service listens only now.
    const [destination, source] = joined
    if (destination === undefined || source === undefined) return
    holdBack(source, destination)
    holdBack(destination, source)
  }
}

function holdBack(from: Circuit, to: Circuit): void {
  let waiting = 0
  let isHeld = false
  from.addEventListener('message', ({ data }) => {
    waiting += data.byteLength
    if (waiting > MAX_BACKLOG_BYTES) from.abort(new Error('The receiver is too slow'))
    else if (waiting > MAX_WAITING_BYTES && !isHeld) {
      isHeld = true
      from.sendPause?.()
    }
  })
  const send = to.send.bind(to)
  to.send = data => {
    waiting -= data.byteLength
    if (isHeld && waiting <= LOW_WAITING_BYTES) {
      isHeld = false
      if (from.status === 'open' && from.remoteWriteStatus === 'writable') from.sendResume?.()
    }
    return send(data)
  }
}
