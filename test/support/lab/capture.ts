import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { until } from '../until.ts'
import type { Namespace } from './namespace.ts'
import { type Packet, parsePacket } from './packet.ts'

/** How often tcpdump is asked whether it has printed all that it saw, in ms. */
const ASK_EVERY_MS = 50

/** Packets that pass an interface, by tcpdump, from the moment {@link start} resolves. */
export class Capture implements AsyncDisposable {
  readonly #tcpdump: ChildProcessByStdio<null, Readable, Readable>
  readonly #packets: Packet[] = []
  #said = ''
  #stopping: Promise<readonly Packet[]> | undefined

  private constructor(namespace: Namespace, nic: string) {
    const [program = '', ...within] = namespace.within
    // -q -t: addresses and ports, and no protocol's own words; headers only, and memory for bursts.
    const tcpdump = [
      'tcpdump',
      '-i',
      nic,
      '-nn',
      '-q',
      '-t',
      '-l',
      '--immediate-mode',
      '-s',
      '96',
      '-B',
      '8192'
    ]
    this.#tcpdump = spawn(program, [...within, ...tcpdump], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#tcpdump.stderr.on('data', (text: Buffer) => {
      this.#said += text.toString()
    })
    createInterface({ input: this.#tcpdump.stdout }).on('line', line => {
      // Its last words before the end begin with an empty line.
      if (line !== '') this.#packets.push(parsePacket(line))
    })
  }

  /** Begins to watch. */
  static async start(namespace: Namespace, nic: string): Promise<Capture> {
    const capture = new Capture(namespace, nic)
    try {
      await until('tcpdump listens', () => capture.#said.includes('listening on'))
      return capture
    } catch (error) {
      capture.#tcpdump.kill('SIGKILL')
      throw new Error(`tcpdump does not start: ${capture.#said}`, { cause: error })
    }
  }

  /** What was seen and printed so far. */
  get packets(): readonly Packet[] {
    return this.#packets
  }

  /** Ends it, and gives every packet that passed before. @throws Error when some were lost */
  stop(): Promise<readonly Packet[]> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(): Promise<readonly Packet[]> {
    let figures = await this.#figures()
    const { received } = figures
    while (figures.captured < received) figures = await this.#figures()
    const closed = once(this.#tcpdump, 'close')
    this.#tcpdump.kill('SIGINT')
    await closed
    if (figures.dropped > 0) throw new Error(`tcpdump has lost ${figures.dropped} packets`)
    return this.#packets
  }

  /** Asks tcpdump for its counts: it tells them when it gets SIGUSR1. */
  async #figures(): Promise<{ captured: number; received: number; dropped: number }> {
    const already = this.#said.length
    this.#tcpdump.kill('SIGUSR1')
    const pattern =
      /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/
    await until('tcpdump tells its counts', () => pattern.test(this.#said.slice(already)))
    const [, captured, received, dropped] = (pattern.exec(this.#said.slice(already)) ?? []).map(Number)
    if (Number(captured) < Number(received)) await new Promise(resolve => setTimeout(resolve, ASK_EVERY_MS))
    return { captured: captured ?? 0, received: received ?? 0, dropped: dropped ?? 0 }
  }
}
