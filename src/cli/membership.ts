import {
  type Capabilities,
  type GroupSpecifier,
  loadIdentity,
  type Member,
  NetConnection,
  NetGroup
} from 'netgroup'
import { describeEndpoints, endpointsOf } from './endpoints.ts'
import {
  applyPassword,
  type GroupArgumentKind,
  kindOfGroup,
  type PasswordOutcome,
  parseGroup
} from './group-argument.ts'
import type { GroupOptions } from './options.ts'
import type { Output, OutputRow } from './output.ts'
import { askPassword, canAsk, givenPassword } from './password.ts'
import { shortPeer } from './posted-value.ts'
import type { Run } from './run-command.ts'

/** How long a member is alone before it is told why that may be. */
const ALONE_AFTER_MS = 10_000

/** How a command joins. */
export interface JoinGroupOptions extends GroupOptions {
  /** Ask for a missing password when there is a terminal. @default false */
  ask?: boolean
  /** Called for each post of another member. It is set before the first can arrive. */
  onPost?: (row: PostingRow) => void
  /** Called for each message that was sent to this member, or handed on to it, and not posted to all. */
  onSendTo?: (row: SendToRow) => void
  /** What other members are to see of this one; absent: it is not seen, and sees nobody that is not a neighbor. */
  presence?: unknown
  /** What members of a plain name's group may do. @default posting and routing */
  capabilities?: Partial<Capabilities>
  /** Put the relays into the groupspec, so that links made of it lead to them. @default false */
  carryRelays?: boolean
  /** Called with the group before it is joined, after its posting password was applied. */
  prepare?: (spec: GroupSpecifier, kind: GroupArgumentKind) => Promise<void>
  /** Called for each member that is there, or shows something else. */
  onMember?: (member: Member) => void
}

/** A post of another member: the status table's `NetGroup.Posting.Notify`. */
export interface PostingRow extends OutputRow {
  readonly code: 'NetGroup.Posting.Notify'
  readonly message: unknown
  readonly messageID: string
  readonly from: string
}

/** A message to this member: the status table's `NetGroup.SendTo.Notify`. */
export interface SendToRow extends OutputRow {
  readonly code: 'NetGroup.SendTo.Notify'
  readonly message: unknown
  readonly sender: string
}

/** A group that was joined for a command. */
export interface Membership extends AsyncDisposable {
  readonly connection: NetConnection
  readonly group: NetGroup
  /** With which others join, without anybody's rights; with the relays when those are carried. */
  readonly groupspec: string
}

/** Join the group that GROUP means, and tell on stderr what happens around it: neighbors, relays, being alone, a wrong password. */
export async function joinGroup(run: Run, text: string, options: JoinGroupOptions): Promise<Membership> {
  const { output, signal } = run
  const spec = parseGroup(text, options.capabilities)
  await usePassword(run, spec, text, options)
  await options.prepare?.(spec, kindOfGroup(text))
  const endpoints = endpointsOf(options, spec.describe().relays)
  const identity =
    options.identity === undefined ? {} : { identity: await loadIdentity(options.identity, { signal }) }
  const onStatus = (row: OutputRow): void => tellConnection(output, row)
  const connection = await NetConnection.connect(endpoints, { ...identity, signal, onStatus })
  try {
    if (options.carryRelays === true) carryRelays(spec, endpoints, connection)
    const group = await NetGroup.join(connection, spec, {
      signal,
      ...(options.presence === undefined ? {} : { presence: options.presence }),
      onStatus: row => {
        if (row.code === 'NetGroup.Member.Join' || row.code === 'NetGroup.Member.Update')
          options.onMember?.(row.member)
        tellGroup(output, row, options)
      }
    })
    const where = describeEndpoints(endpoints)
    const line = `group ${shortID(group.groupID)} ${where}, as ${shortPeer(connection.nearID)}`
    output.note(
      { code: 'Cli.Joined', level: 'status', groupID: group.groupID, peerID: connection.nearID, endpoints },
      line
    )
    const stop = tellWhenAlone(output, group)
    const groupspec = spec.toString()
    return { connection, group, groupspec, [Symbol.asyncDispose]: () => leave(connection, group, stop) }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** The beginning of a group id, as people compare it. */
export function shortID(groupID: string): string {
  return groupID.slice(0, 8) + '…'
}

/** A relay given by its web address is carried by the addresses at which it holds this member's reservations. */
function carryRelays(spec: GroupSpecifier, endpoints: readonly string[], connection: NetConnection): void {
  const given = endpoints.filter(endpoint => endpoint.startsWith('/'))
  const reached = connection.multiaddrs.flatMap(address => address.split('/p2p-circuit', 2).slice(0, -1))
  const isByWeb = endpoints.some(endpoint => /^https?:/.test(endpoint))
  const known = new Set(spec.describe().relays)
  for (const relay of new Set(isByWeb ? [...given, ...reached] : given))
    if (!known.has(relay)) spec.addRelay(relay)
}

async function usePassword(
  run: Run,
  spec: GroupSpecifier,
  text: string,
  options: JoinGroupOptions
): Promise<void> {
  const kind = kindOfGroup(text)
  let password = await givenPassword(options, run.signal)
  if (password === undefined && options.ask === true && canAsk() && needsPassword(spec))
    password = (await askPassword('Password to post (Enter: read only): ', run.signal)) || undefined
  if (password !== undefined) tellPassword(run.output, await applyPassword(spec, kind, password))
  run.signal.throwIfAborted()
}

function needsPassword(spec: GroupSpecifier): boolean {
  return spec.describe().passwords.includes('posting') && !spec.has('posting')
}

function tellPassword(output: Output, outcome: PasswordOutcome): void {
  if (outcome === 'wrong') {
    const row: OutputRow = { code: 'WRONG_PASSWORD', level: 'error', role: 'posting' }
    output.warn(row, 'wrong password: you can read in this group, not post')
  }
  if (outcome === 'not needed')
    output.note(
      { code: 'Cli.PasswordUnused', level: 'status' },
      'this group has no posting password: yours is not used'
    )
}

async function leave(connection: NetConnection, group: NetGroup, stop: () => void): Promise<void> {
  stop()
  await group.close()
  await connection.close()
}

function tellConnection(output: Output, row: OutputRow): void {
  if (row.code === 'NetConnection.Relay.Disconnect')
    output.warn(row, `relay lost: ${row['address']}: ${row['reason']}`)
  else if (output.json || row.code === 'NetConnection.Relay.Connect')
    output.note(row, `relay connected: ${row['address']}`)
}

function tellGroup(output: Output, row: OutputRow, options: JoinGroupOptions): void {
  if (row.code === 'NetGroup.Posting.Notify') options.onPost?.(row as PostingRow)
  else if (row.code === 'NetGroup.SendTo.Notify' && options.onSendTo !== undefined)
    options.onSendTo(row as SendToRow)
  else if (row.code === 'NetGroup.Neighbor.Connect') output.note(row, `+ ${shortPeer(String(row['peerID']))}`)
  else if (row.code === 'NetGroup.Neighbor.Disconnect')
    output.note(row, `- ${shortPeer(String(row['peerID']))}`)
  else if (row.code === 'NetGroup.Posting.Failed') output.warn(row, `not delivered: ${row['reason']}`)
  else if (row.code === 'NetGroup.Clock.Skew')
    output.warn(
      row,
      `this computer's clock is ${Math.round(Number(row['offsetMs']) / 1000)} s off the others'`
    )
  else if (output.json) output.note(row, row.code)
}

/** Nobody found is mostly another spelling of the name: say so once. */
function tellWhenAlone(output: Output, group: NetGroup): () => void {
  const timer = setTimeout(() => {
    if (group.neighborCount > 0) return
    const line = `alone in group ${shortID(group.groupID)}: others must use the same name and password`
    output.warn({ code: 'Cli.Alone', level: 'warning', groupID: group.groupID }, line)
  }, ALONE_AFTER_MS)
  timer.unref()
  return () => clearTimeout(timer)
}
