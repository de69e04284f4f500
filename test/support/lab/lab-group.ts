import { newGroup } from '../peer-process.ts'
import { until } from '../until.ts'
import type { Host } from './host.ts'
import { LabPeer, type PathKind } from './lab-peer.ts'

/** How members are to be started. */
export interface LabGroupOptions {
  readonly endpoints: readonly string[]
  readonly iceServers?: readonly object[]
}

/** How long leaving may take, in ms, on a machine that does a dozen other things. */
const LEFT_WITHIN_MS = 10_000

/** Which path a pair is to have. */
export type PathWanted = (one: LabPeer, other: LabPeer) => WantedPath

/** A kind of path, or which kinds will do. */
export type WantedPath = PathKind | 'not relayed' | 'any' | 'none'

/** The best path that a pair can have without a TURN server: nobody can be reached from a symmetric NAT but by an address to dial. */
export function bestPath(one: LabPeer, other: LabPeer): 'not relayed' | 'relayed' {
  const kinds = [one.host.natKind, other.host.natKind]
  return kinds.includes(undefined) || !kinds.includes('symmetric') ? 'not relayed' : 'relayed'
}

/** The members of one group, on hosts of the lab. */
export class LabGroup {
  readonly #options: LabGroupOptions
  readonly #groupspec = newGroup()
  readonly #peers = new Set<LabPeer>()
  #rounds = 0

  constructor(options: LabGroupOptions) {
    this.#options = options
  }

  /** Starts a member. Resolves when it has joined; it need not have met anybody. */
  async join(name: string, host: Host, options: Partial<LabGroupOptions> = {}): Promise<LabPeer> {
    const peer = await LabPeer.start({
      name,
      host,
      groupspec: this.#groupspec,
      ...this.#options,
      ...options
    })
    this.#peers.add(peer)
    return peer
  }

  /** Lets one leave; the rest go on. @throws Error when it does not end by itself, with what it printed: what keeps it is in the last row */
  async leave(peer: LabPeer): Promise<void> {
    this.#peers.delete(peer)
    peer.process.endInput()
    await peer.process.waitForRow('Ending', () => true, LEFT_WITHIN_MS)
    await peer.process.ended
  }

  /** The pairs of members, each in both directions. */
  get pairs(): [LabPeer, LabPeer][] {
    const peers = [...this.#peers]
    return peers.flatMap(one =>
      peers.filter(other => other !== one).map((other): [LabPeer, LabPeer] => [one, other])
    )
  }

  /** Each time that one was told that another is gone, with what was before. */
  get losses(): string[] {
    return this.pairs.flatMap(([one, other]) => one.lossesOf(other))
  }

  /** Waits until each pair has the path that it is to have, at both ends. @throws Error with the paths that there are, after `withinMs` */
  async untilPaths(wanted: PathWanted, withinMs: number): Promise<void> {
    const missing = (): [LabPeer, LabPeer][] =>
      this.pairs.filter(([one, other]) => !isWanted(one.pathTo(other), wanted(one, other)))
    try {
      await until('', () => missing().length === 0, withinMs)
    } catch {
      const each = missing().map(
        ([one, other]) =>
          `${one.name} → ${other.name}: ${one.pathTo(other) ?? 'none'}, not ${wanted(one, other)}`
      )
      throw new Error(`Not within ${withinMs} ms:\n${each.join('\n')}\n${this.table()}`)
    }
  }

  /** Everybody posts once, and waits until everybody else has heard it. @throws Error that says who has not heard whom, after `withinMs` */
  async everybodyPosts(withinMs = 10_000): Promise<void> {
    const round = ++this.#rounds
    const textOf = (peer: LabPeer): string => `${peer.name}, round ${round}`
    for (const peer of this.#peers) peer.post(textOf(peer))
    const missing = (): string[] =>
      this.pairs
        .filter(([one, other]) => !one.heardFrom(other).includes(textOf(other)))
        .map(([one, other]) => `${one.name} has not heard ${other.name}`)
    await until('', () => missing().length === 0, withinMs).catch(() => {
      throw new Error(`Round ${round}, not within ${withinMs} ms: ${missing().join('; ')}\n${this.table()}`)
    })
  }

  /** Posts that were heard more than once, as text. */
  get repeated(): string[] {
    return this.pairs.flatMap(([one, other]) => {
      const heard = one.heardFrom(other)
      return heard.filter((text, at) => heard.indexOf(text) !== at).map(text => `${one.name}: ${text}`)
    })
  }

  /** Who reaches whom in which way, as a table. */
  table(): string {
    const peers = [...this.#peers]
    const rows = peers.map(one => [
      one.name,
      ...peers.map(other => (one === other ? '·' : (one.pathTo(other) ?? '-')))
    ])
    const cells = [['', ...peers.map(({ name }) => name)], ...rows]
    const width = Math.max(...cells.flat().map(({ length }) => length)) + 2
    return cells
      .map(row =>
        row
          .map(cell => cell.padEnd(width))
          .join('')
          .trimEnd()
      )
      .join('\n')
  }
}

function isWanted(path: PathKind | undefined, wanted: WantedPath): boolean {
  if (wanted === 'none') return path === undefined
  if (wanted === 'any') return path !== undefined
  return wanted === 'not relayed' ? path === 'direct' || path === 'punched' : path === wanted
}
