import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { NetGroupError } from '../core/errors.ts'
import { peerOf } from '../net/addresses.ts'
import type { ConnectionCore } from '../net/connection-core.ts'
import { dialReason } from '../net/dial-reason.ts'
import { REQUEST_TIMEOUT_MS, type RequestOutcome, requestDirect } from '../net/direct/direct-request.ts'
import type { GroupHost } from '../net/group-host.ts'
import { parsePeerID } from './names.ts'
import { closeBefore, coreOf, type NetConnection } from './net-connection.ts'
import { checkStreamName } from './stream-arguments.ts'

/** How long a peer may take to be reached, in ms: as in groups. */
const DIAL_TIMEOUT_MS = 10_000

/** Why a peer cannot be reached by its peer id alone. */
const NO_ADDRESS = 'no address of it is known here: give one that ends with /p2p/ and its peer id'

/** A direct stream that has been accepted, and what carries it. */
export interface AcceptedStream {
  readonly host: GroupHost
  readonly path: Connection
  readonly accepted: Extract<RequestOutcome, { type: 'accepted' }>
}

/** Whom to ask, and by which addresses; undefined: what is known of it. */
interface Target {
  readonly peerID: PeerId
  readonly addresses: readonly Multiaddr[] | undefined
}

/** Reaches a publisher and asks it for its stream. What follows its answer has to be read in the same task. */
export async function requestStream(
  connection: NetConnection,
  farID: unknown,
  name: string,
  signal: AbortSignal | undefined
): Promise<AcceptedStream> {
  signal?.throwIfAborted()
  const doing = `play direct stream ${JSON.stringify(name)}`
  const core = coreOf(connection, doing)
  checkStreamName(name, `Cannot ${doing}`)
  const target = targetOf(farID, doing)
  const end = new AbortController()
  const closed = new NetGroupError('CLOSED', `Cannot ${doing}: the connection was closed`, {})
  const forget = closeBefore(connection, async () => end.abort(closed))
  const onAbort = (): void => end.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await request(core, target, name, end.signal, doing)
  } finally {
    forget()
    signal?.removeEventListener('abort', onAbort)
  }
}

async function request(
  core: ConnectionCore,
  target: Target,
  name: string,
  signal: AbortSignal,
  doing: string
): Promise<AcceptedStream> {
  const peerID = target.peerID.toString()
  const path = await reach(core, target, signal, doing)
  const outcome = await withDeadline(core, signal, REQUEST_TIMEOUT_MS, deadline =>
    requestDirect(path, name, deadline)
  ).catch(error => {
    signal.throwIfAborted()
    if (error instanceof NetGroupError) throw error
    throw unreachable(doing, peerID, error)
  })
  if (outcome.type === 'accepted') return { host: core.host, path, accepted: outcome }
  throw notPlayed(outcome.type, doing, name, peerID)
}

async function reach(
  core: ConnectionCore,
  { peerID, addresses }: Target,
  signal: AbortSignal,
  doing: string
): Promise<Connection> {
  const { host } = core
  const id = peerID.toString()
  if (host.isBlocked(id)) throw unreachable(doing, id, new Error('it is blocked'))
  try {
    return await withDeadline(core, signal, DIAL_TIMEOUT_MS, async deadline =>
      host.paths.connect(peerID, addresses ?? (await core.addressesOf(peerID)), deadline)
    )
  } catch (error) {
    signal.throwIfAborted()
    // Addresses that are known are not dialed by libp2p.
    const isUnknown = error instanceof Error && error.name === 'NoValidAddressesError'
    throw unreachable(doing, id, error, isUnknown ? NO_ADDRESS : undefined)
  }
}

/** @throws TypeError */
function targetOf(farID: unknown, doing: string): Target {
  const address = addressOf(farID)
  if (address === undefined) return { peerID: parsePeerID(farID, `${doing} of`), addresses: undefined }
  const peer = peerOf(address)
  if (peer === undefined)
    throw new TypeError(
      `Cannot ${doing} of ${address.toString()}: give an address that ends with /p2p/ and a peer id`
    )
  return { peerID: peerIdFromString(peer), addresses: [address] }
}

function addressOf(farID: unknown): Multiaddr | undefined {
  if (isMultiaddr(farID)) return farID
  if (typeof farID !== 'string' || !farID.startsWith('/')) return undefined
  try {
    return multiaddr(farID)
  } catch {
    return undefined
  }
}

/** Not AbortSignal.any with AbortSignal.timeout: Node 20 can collect both while somebody still waits for them. */
async function withDeadline<T>(
  { host }: ConnectionCore,
  signal: AbortSignal,
  ms: number,
  run: (deadline: AbortSignal) => Promise<T>
): Promise<T> {
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal.reason)
  const late = new NetGroupError('TIMEOUT', `No answer within ${ms} ms`, { afterMs: ms })
  const timer = host.clock.setTimer(() => controller.abort(late), ms)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await run(controller.signal)
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', onAbort)
  }
}

function notPlayed(
  why: Exclude<RequestOutcome['type'], 'accepted'>,
  doing: string,
  name: string,
  peerID: string
): NetGroupError {
  const cannot = `Cannot ${doing} of ${peerID}`
  if (why === 'not found')
    return new NetGroupError('STREAM_NOT_FOUND', `${cannot}: it publishes none of this name`, { name })
  if (why === 'refused')
    return new NetGroupError('NOT_AUTHORIZED', `${cannot}: its publisher refuses`, { role: 'play' })
  return new NetGroupError('PEER_UNREACHABLE', `${cannot}: it has no room for one more who plays`, { peerID })
}

function unreachable(
  doing: string,
  peerID: string,
  cause: unknown,
  reason: string = dialReason(cause)
): NetGroupError {
  return new NetGroupError(
    'PEER_UNREACHABLE',
    `Cannot ${doing} of ${peerID}: ${reason}`,
    { peerID },
    { cause }
  )
}
