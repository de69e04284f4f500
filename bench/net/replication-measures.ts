import { rm } from 'node:fs/promises'
import { median } from '../support/median.ts'
import { makeFolder, sha256Of } from './replication-files.ts'
import { type BenchGroup, figuresOf, startGroup } from './replication-processes.ts'

const MIB = 1_024 * 1_024

/** One seeder and many leechers that begin at once. */
export interface SwarmResult {
  readonly leechers: number
  readonly mib: number
  /** Leechers whose file has the seeder's SHA-256. */
  readonly equal: number
  /** Bytes that the seeder has written to its sockets, in file sizes: everything counts. */
  readonly copies: number
  /** Of these the file's own bytes. */
  readonly objectCopies: number
  readonly firstS: number
  readonly lastS: number
  readonly lastToFirst: number
}

export async function measureSwarm(leechers: number, mib: number): Promise<SwarmResult> {
  await using folder = await makeFolder()
  using group = await startGroup(leechers + 1)
  const path = await folder.fill('seeded', mib * MIB)
  const { manifestID } = await group.first.ask<{ manifestID: string }>('share', { path })
  const { writtenBytes: before } = await figuresOf(group.first)
  const startMs = Date.now()
  const ends = await Promise.all(
    group.others.map((peer, i) =>
      peer.ask<{ endedAtMs: number }>('fetch', { manifestID, path: folder.path(`leecher ${i}`) })
    )
  )
  const { writtenBytes, uploadedBytes } = await figuresOf(group.first)
  const seconds = ends.map(({ endedAtMs }) => (endedAtMs - startMs) / 1_000)
  const [firstS, lastS] = [Math.min(...seconds), Math.max(...seconds)]
  const wanted = await sha256Of(path)
  let equal = 0
  for (const i of ends.keys()) if ((await sha256Of(folder.path(`leecher ${i}`))) === wanted) equal++
  const copies = (writtenBytes - before) / (mib * MIB)
  const objectCopies = uploadedBytes / (mib * MIB)
  return { leechers, mib, equal, copies, objectCopies, firstS, lastS, lastToFirst: lastS / firstS }
}

/** One seeder and one leecher, against a bare stream between the same two. Rates are medians, in MiB/s. */
export interface PairResult {
  readonly mib: number
  readonly equal: boolean
  readonly mibPerS: number
  readonly bareMibPerS: number
  readonly ratio: number
  /** Resident set at its highest, in MB (10^6 bytes), after our first file and before any bare stream. */
  readonly seederPeakMB: number
  readonly leecherPeakMB: number
  /** The same after all rounds of both. */
  readonly allPeakMB: number
  readonly raw: { readonly ours: readonly number[]; readonly bare: readonly number[] }
}

export async function measurePair(mib: number, rounds: number): Promise<PairResult> {
  await using folder = await makeFolder()
  using group = await startGroup(2)
  const path = await folder.fill('seeded', mib * MIB)
  const wanted = await sha256Of(path)
  const { manifestID } = await group.first.ask<{ manifestID: string }>('share', { path })
  const raw = { ours: [] as number[], bare: [] as number[] }
  let equal = true
  let peaks: readonly number[] = []
  for (let round = 0; round < rounds; round++) {
    // Which of both is first changes each round.
    if (round % 2 === 1) raw.bare.push(await bareRate(group, mib))
    const target = folder.path(`fetched ${round}`)
    raw.ours.push(await fetchRate(group, mib, manifestID, target))
    equal &&= (await sha256Of(target)) === wanted
    await rm(target)
    if (round === 0) peaks = await peaksOf(group)
    if (round % 2 === 0) raw.bare.push(await bareRate(group, mib))
  }
  const [mibPerS, bareMibPerS] = [median(raw.ours), median(raw.bare)]
  return {
    mib,
    equal,
    mibPerS,
    bareMibPerS,
    ratio: mibPerS / bareMibPerS,
    seederPeakMB: peaks[0] ?? Number.NaN,
    leecherPeakMB: peaks[1] ?? Number.NaN,
    allPeakMB: Math.max(...(await peaksOf(group))),
    raw
  }
}

async function fetchRate(
  { others: [leecher] }: BenchGroup,
  mib: number,
  manifestID: string,
  path: string
): Promise<number> {
  if (leecher === undefined) throw new Error('There is no leecher')
  const { ms } = await leecher.ask<{ ms: number }>('fetch', { manifestID, path })
  await leecher.ask('unshare')
  return mib / (ms / 1_000)
}

/** Only the streams' own rate, in MiB/s. */
export async function bareRate(
  { first, firstID, others: [receiver] }: BenchGroup,
  mib: number
): Promise<number> {
  if (receiver === undefined) throw new Error('There is no receiver')
  const { peerID } = await receiver.ask<{ peerID: string }>('who')
  if (peerID === firstID) throw new Error('A stream to itself')
  const received = receiver.ask<{ ms: number; bytes: number }>('bareReceive')
  await first.ask('bareSend', { peerID, bytes: mib * MIB })
  const { ms, bytes } = await received
  if (bytes !== mib * MIB) throw new Error(`A bare stream brought ${bytes} bytes of ${mib * MIB}`)
  return mib / (ms / 1_000)
}

async function peaksOf({ first, others }: BenchGroup): Promise<number[]> {
  return (await Promise.all([first, ...others].map(figuresOf))).map(({ peakBytes }) => peakBytes / 1e6)
}

/** Objects by the API of NetGroup, between two. */
export interface ObjectsResult {
  readonly objects: number
  readonly bytes: number
  readonly seconds: number
}

export async function measureObjects(count: number, bytes: number): Promise<ObjectsResult> {
  using group = await startGroup(2)
  const [wanting] = group.others
  if (wanting === undefined) throw new Error('There is no second process')
  await group.first.ask('have', { count, bytes })
  const { ms, objects } = await wanting.ask<{ ms: number; objects: number }>('want', { count, bytes })
  return { objects, bytes, seconds: ms / 1_000 }
}
