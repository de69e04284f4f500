import { fileURLToPath } from 'node:url'
import { CliProcess, type CliRow } from '../cli-process.ts'
import type { Host } from './host.ts'

const UDP_PROCESS = fileURLToPath(new URL('./udp-process.js', import.meta.url))

/** Who sent it, or who is to get it. */
export interface UdpEnd {
  readonly address: string
  readonly port: number
}

/** How long a packet may take in the lab, in ms: it has no latency but that of a busy machine. */
const ARRIVES_WITHIN_MS = 5_000

/** A UDP socket on a host, in a process of its own. `killCliProcesses` ends it. */
export class UdpSocket {
  readonly port: number
  readonly #process: CliProcess
  #questions = 0

  private constructor(process: CliProcess, port: number) {
    this.#process = process
    this.port = port
  }

  /** Opens one. @param flags `--reflect`: it tells everyone under which address it sees him */
  static async open(host: Host, ...flags: '--reflect'[]): Promise<UdpSocket> {
    const [program = '', ...within] = host.within
    const socket = new CliProcess(flags, { command: [program, ...within, process.execPath, UDP_PROCESS] })
    return new UdpSocket(socket, Number((await socket.waitForRow('Bound'))['port']))
  }

  /** The texts received so far. */
  get received(): string[] {
    return this.#process.rows.filter(({ code }) => code === 'Received').map(row => String(row['text']))
  }

  send(to: UdpEnd, text: string): void {
    this.#process.type(JSON.stringify({ ...to, text }))
  }

  /** Waits for a text, and tells from where it came. */
  async waitFor(text: string): Promise<UdpEnd> {
    const row = await this.#process.waitForRow('Received', row => row['text'] === text, ARRIVES_WITHIN_MS)
    return { address: String(row['address']), port: Number(row['port']) }
  }

  /** Under which address a socket with `--reflect` sees this one, now. */
  async seenBy(reflector: UdpEnd): Promise<UdpEnd> {
    const question = `who am I? ${++this.#questions}`
    this.send(reflector, question)
    const answers = ({ text }: CliRow): boolean => String(text).includes(`"asked":"${question}"`)
    const row = await this.#process.waitForRow('Received', answers, ARRIVES_WITHIN_MS)
    const { address, port } = JSON.parse(String(row['text'])) as UdpEnd
    return { address, port }
  }
}
