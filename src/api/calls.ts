import { toString as bytesToText } from 'uint8arrays/to-string'
import { NetGroupError } from '../core/errors.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { RouteOutcome } from '../net/pending-receipts.ts'
import type { Delivery } from '../net/routing-group.ts'
import { decodeValue, encodeValue } from '../net/value.ts'
import { MAX_CALLS, MAX_CALLS_PER_PEER } from '../wire/limits.ts'
import { requireSmall } from './directed-messages.ts'
import { MessageValues, type MessageValuesInit } from './message-values.ts'
import { type PeerID, parsePeerID } from './names.ts'
import { commandOf } from './remote-command.ts'
import type { AbortOptions } from './status-target.ts'

/** How long a call waits for its answer when nothing else is said, in ms. Guess: as long as a receipt. */
const CALL_TIMEOUT_MS = 10_000

/** Where requests and answers travel. */
const REQUESTS = 'netgroup/call'
const ANSWERS = 'netgroup/answer'

/** Longest text of an error that is told to the other side, and shown when it comes from there, in characters. Guess. */
const MAX_ERROR_LENGTH = 1_000

/** Longest id of a call, in characters: twice ours. */
const MAX_CALL_ID_LENGTH = 64

/** How to call. */
export interface CallOptions extends AbortOptions {
  /** How long to wait for the answer, in ms; then it rejects TIMEOUT. @default 10,000 */
  timeoutMs?: number
}

/** How {@link Calls} is made. */
export interface CallsInit extends Omit<MessageValuesInit<unknown>, 'channel' | 'validate'> {
  /** What others may call. */
  readonly client: () => object
}

/** A call of ours under way. */
interface OpenCall {
  readonly peer: string
  /** How its errors begin. */
  readonly cannot: string
  resolve(result: unknown): void
  reject(error: unknown): void
}

interface Request {
  readonly id: string
  readonly command: string
  readonly args: readonly unknown[]
}

/** Calls between members, both sides of them, of one face of a group. They travel as messages on channels that applications cannot open. */
export class Calls {
  /** The faces of one membership: a request is for one of them. */
  static readonly #faces = new WeakMap<GroupMember, Set<Calls>>()
  readonly #init: CallsInit
  readonly #values: MessageValues<unknown>
  readonly #open = new Map<string, OpenCall>()
  /** How many of others' calls run here, by peer id. */
  readonly #running = new Map<string, number>()

  constructor(init: CallsInit) {
    this.#init = init
    this.#values = new MessageValues({ ...init, channel: REQUESTS, validate: undefined })
    const faces = Calls.#faces.get(init.member) ?? new Set()
    Calls.#faces.set(init.member, faces.add(this))
    init.member.routing.runner.listeners.add(this.#onDelivery)
  }

  /** See {@link NetGroup.call}. */
  async call(
    peerID: PeerID,
    command: string,
    args: readonly unknown[],
    { timeoutMs = CALL_TIMEOUT_MS, signal }: CallOptions
  ): Promise<unknown> {
    signal?.throwIfAborted()
    const cannot = `Cannot call ${JSON.stringify(command)} in group "${this.#init.groupspec.name}"`
    checkArguments(cannot, command, args, timeoutMs)
    const peer = parsePeerID(peerID, 'call').toString()
    this.#values.requireOpen(cannot, 'routingEnabled')
    const id = bytesToText(this.#init.member.routing.runner.newID(), 'base16')
    const payload = encodeValue({ id, command, args: [...args] }, this.#init.classes)
    requireSmall(payload, cannot)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timedOut = `${cannot}: no answer came within ${timeoutMs} ms`
    const timer = this.#init.member.routing.runner.clock.setTimer(
      () => reject(new NetGroupError('TIMEOUT', timedOut, { afterMs: timeoutMs })),
      timeoutMs
    )
    const onAbort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    this.#open.set(id, { peer, cannot, resolve, reject })
    try {
      void this.#request(id, peer, payload)
      return await promise
    } finally {
      this.#open.delete(id)
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Calls under way reject CLOSED, and others' are no longer answered. */
  close(): void {
    this.#values.close()
    this.#init.member.routing.runner.listeners.delete(this.#onDelivery)
    Calls.#faces.get(this.#init.member)?.delete(this)
    for (const { cannot, reject } of this.#open.values())
      reject(new NetGroupError('CLOSED', `${cannot}: it was closed`, {}))
  }

  async #request(id: string, peerID: string, payload: Uint8Array): Promise<void> {
    const { cannot, reject } = this.#open.get(id) as OpenCall
    const outcome = await this.#send(REQUESTS, peerID, payload)
    if (outcome?.result === 'no route')
      reject(new NetGroupError('PEER_UNREACHABLE', `${cannot}: there is no way to ${peerID}`, { peerID }))
  }

  /** With a receipt, so that it is sent another way when a link ends. Undefined when none came: the time limit of the call itself counts. */
  #send(channel: string, peer: string, payload: Uint8Array): Promise<RouteOutcome | undefined> {
    const { runner } = this.#init.member.routing
    return runner.sendToPeer({ channel, payload }, peer, { receipt: true }, false).catch(() => undefined)
  }

  readonly #onDelivery = ({ channel, payload, sender, fromLocal }: Delivery): void => {
    if (!fromLocal) return
    if (channel === ANSWERS) this.#onAnswer(sender, payload)
    const faces = Calls.#faces.get(this.#init.member) ?? []
    if (channel !== REQUESTS || [...faces][0] !== this) return
    const request = readRequest(payload, this.#init.classes)
    if (request === undefined) {
      this.#init.member.reject('invalid value')
      return
    }
    // The first face speaks for all; the one that has the command runs it.
    const face = [...faces].find(({ has }) => has(request.command)) ?? this
    void face.#answer(sender, request)
  }

  readonly has = (command: string): boolean => commandOf(this.#init.client(), command) !== undefined

  async #answer(peer: string, request: Request): Promise<void> {
    const { id } = request
    const payload = await this.#run(peer, request).catch((error: unknown) =>
      encodeValue({ id, error: textOf(error) })
    )
    await this.#send(ANSWERS, peer, payload)
  }

  async #run(peer: string, { id, command, args }: Request): Promise<Uint8Array> {
    const client = this.#init.client()
    const method = commandOf(client, command)
    if (method === undefined) throw new Error(`there is no ${JSON.stringify(command)}`)
    const running = this.#running.get(peer) ?? 0
    const all = [...this.#running.values()].reduce((sum, count) => sum + count, 0)
    if (running >= MAX_CALLS_PER_PEER || all >= MAX_CALLS) throw new Error('too many calls are running')
    this.#running.set(peer, running + 1)
    try {
      const result: unknown = await method.apply(client, [...args])
      const payload = encodeValue({ id, result }, this.#init.classes)
      requireSmall(payload, 'Cannot answer')
      return payload
    } finally {
      const left = (this.#running.get(peer) ?? 1) - 1
      if (left > 0) this.#running.set(peer, left)
      else this.#running.delete(peer)
    }
  }

  #onAnswer(sender: string, payload: Uint8Array): void {
    const answer = readAnswer(payload, this.#init.classes)
    const call = answer === undefined ? undefined : this.#open.get(answer.id)
    // Only who was asked can answer.
    if (answer === undefined || call === undefined || call.peer !== sender) return
    if (answer.error === undefined) call.resolve(answer.result)
    else call.reject(new Error(`${call.cannot}: ${sender} answered: ${answer.error}`))
  }
}

function checkArguments(cannot: string, command: unknown, args: unknown, timeoutMs: number): void {
  if (typeof command !== 'string' || command === '')
    throw new TypeError(`${cannot}: give the name of a method`)
  if (!Array.isArray(args)) throw new TypeError(`${cannot}: give its arguments in an array`)
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31))
    throw new RangeError(`${cannot}: a timeoutMs of ${timeoutMs} is none, give 1 to 2,147,483,647`)
}

function readRequest(payload: Uint8Array, classes: CallsInit['classes']): Request | undefined {
  const { id, command, args } = readObject(payload, classes)
  // An id comes back as it is.
  if (typeof id !== 'string' || id.length > MAX_CALL_ID_LENGTH) return undefined
  return typeof command === 'string' && Array.isArray(args) ? { id, command, args } : undefined
}

function readAnswer(
  payload: Uint8Array,
  classes: CallsInit['classes']
): { id: string; result: unknown; error: string | undefined } | undefined {
  const { id, result, error } = readObject(payload, classes)
  if (typeof id !== 'string') return undefined
  return { id, result, error: typeof error === 'string' ? error.slice(0, MAX_ERROR_LENGTH) : undefined }
}

function readObject(payload: Uint8Array, classes: CallsInit['classes']): Record<string, unknown> {
  try {
    const value = decodeValue(payload, classes)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Its words, and no stack, which is nobody else's business. */
function textOf(error: unknown): string {
  const text: unknown = error instanceof Error ? error.message : error
  return typeof text === 'string' ? text.slice(0, MAX_ERROR_LENGTH) : 'it failed'
}
