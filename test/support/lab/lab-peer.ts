import type { CliProcess } from '../cli-process.ts'
import { peerIDOf, rowsOf, startPeer } from '../peer-process.ts'
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

  /** How often the application was told that this neighbor is gone. */
  timesLost(other: LabPeer): number {
    return rowsOf(this.process, 'NeighborLost').filter(row => row['peerID'] === other.peerID).length
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
