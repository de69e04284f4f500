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

  /** Each time that the application was told that this neighbor is gone, with what this peer told of it in the seconds before. */
  lossesOf(other: LabPeer): string[] {
    const isOfOther = (row: CliRow): boolean => row['peerID'] === other.peerID || row.code.startsWith('Relay')
    return rowsOf(this.process, 'NeighborLost')
      .filter(row => row['peerID'] === other.peerID)
      .map(lost => {
        const before = this.process.rows.filter(
          row => isOfOther(row) && timeOf(lost) - timeOf(row) <= BEFORE_LOSS_MS && timeOf(row) <= timeOf(lost)
        )
        const told = before.map(
          row => `${Math.round(timeOf(row) - timeOf(lost))} ms ${row.code} ${String(row['address'] ?? '')}`
        )
        return [`${this.name} lost ${other.name}:`, ...told].join('\n  ')
      })
  }

  /** How the other is reached, as last told; undefined when it is no neighbor. */
  pathTo(other: LabPeer): PathKind | undefined {
    const neighbors = rowsOf(this.process, 'Neighbors').at(-1)?.['neighbors'] as
      | { peerID: string; transport: string; relayed: boolean }[]
      | undefined
    const found = neighbors?.find(({ peerID }) => peerID === other.peerID)
    if (found === undefined) return undefined
    if (found.transport === 'webrtc') return found.relayed ? 'turn' : 'punched'
    return found.relayed ? 'relayed' : 'direct'
  }

  /** Gives a command, and waits for the row that answers it. */
  async ask(command: string, code: string): Promise<{ readonly [field: string]: unknown }> {
    const before = rowsOf(this.process, code).length
    this.process.type(command)
    await this.process.waitForRow(code, () => rowsOf(this.process, code).length > before, COMMAND_TIMEOUT_MS)
    return rowsOf(this.process, code)[before] ?? {}
  }
}
