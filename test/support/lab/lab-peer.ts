import type { CliProcess, CliRow } from '../cli-process.ts'
import { peerIDOf, rowsOf, startPeer, timeOf } from '../peer-process.ts'
import type { Host } from './host.ts'

/** How a neighbor is reached: by a connection that one side dialed, by WebRTC through the NATs, by WebRTC through a TURN server, or through the relay. */
export type PathKind = 'direct' | 'punched' | 'turn' | 'relayed'

/** How to start one. */
export interface LabPeerOptions {
  /** Its name in tables and posts. */
  name: string
  host: Host
  groupspec: string
  endpoints: readonly string[]
  iceServers?: readonly object[]
}

/** How long a command may take, in ms, on a machine that does a dozen other things. */
const COMMAND_TIMEOUT_MS = 10_000

/** So much of what happened before a loss is told, in ms: what carried the link has to die, and another path is looked for. */
const BEFORE_LOSS_MS = 12_000

/** A member of a group on a host of the lab, in a process of its own. */
export class LabPeer {
  readonly name: string
  readonly host: Host
  readonly process: CliProcess
  readonly peerID: string

  private constructor(name: string, host: Host, process: CliProcess, peerID: string) {
    this.name = name
    this.host = host
    this.process = process
    this.peerID = peerID
  }

  /** Starts one. Resolves when it has joined. */
  static async start({ name, host, ...options }: LabPeerOptions): Promise<LabPeer> {
    const process = startPeer({ within: host.within, ...options })
    return new LabPeer(name, host, process, await peerIDOf(process))
  }

  /** Posts a line. */
  post(text: string): void {
    this.process.type(text)
  }

  /** The posts heard from another, in their order. */
  heardFrom(other: LabPeer): string[] {
    return rowsOf(this.process, 'Post')
      .filter(row => row['from'] === other.peerID)
      .map(row => String(row['message']))
  }

  /** Each time that the application was told that this neighbor is gone, with what this peer told of it, and of relays, in the seconds before. */
  lossesOf(other: LabPeer): string[] {
    return rowsOf(this.process, 'NeighborLost')
      .filter(row => row['peerID'] === other.peerID)
      .map(lost => {
        const before = this.process.rows.flatMap(row => {
          const sinceMs = Math.round(timeOf(row) - timeOf(lost))
          const told = wordOf(row, other.peerID)
          return sinceMs <= 0 && sinceMs >= -BEFORE_LOSS_MS && told !== undefined
            ? [`${sinceMs} ms ${told}`]
            : []
        })
        return [`${this.name} lost ${other.name}:`, ...before].join('\n  ')
      })
  }

  /** How the other is reached, as last told; undefined when it is no neighbor. */
  pathTo(other: LabPeer): PathKind | undefined {
    return pathIn(rowsOf(this.process, 'Neighbors').at(-1), other.peerID)
  }

  /** Gives a command, and waits for the row that answers it. */
  async ask(command: string, code: string): Promise<{ readonly [field: string]: unknown }> {
    const before = rowsOf(this.process, code).length
    this.process.type(command)
    await this.process.waitForRow(code, () => rowsOf(this.process, code).length > before, COMMAND_TIMEOUT_MS)
    return rowsOf(this.process, code)[before] ?? {}
  }
}

/** How a row of all neighbors says that this one is reached. */
function pathIn(row: CliRow | undefined, peerID: string): PathKind | undefined {
  const neighbors = (row?.['neighbors'] ?? []) as { peerID: string; transport: string; relayed: boolean }[]
  const found = neighbors.find(each => each.peerID === peerID)
  if (found === undefined) return undefined
  if (found.transport === 'webrtc') return found.relayed ? 'turn' : 'punched'
  return found.relayed ? 'relayed' : 'direct'
}

/** What a row tells of this neighbor or of a relay, with how long the process has waited for a processor. */
function wordOf(row: CliRow, peerID: string): string | undefined {
  const { code, address = '', waitedMs } = row
  if (code === 'Neighbors') return `${code} ${pathIn(row, peerID) ?? 'none'}`
  if (row['peerID'] !== peerID && !code.startsWith('Relay')) return undefined
  return `${code} ${String(address)} (waited ${Math.round(Number(waitedMs))} ms so far)`
}
