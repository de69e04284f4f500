import { describe, expect, it } from 'vitest'
import { RingEngine } from '../../src/core/topology/ring-engine.ts'
import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInput
} from '../../src/core/topology/topology-engine.ts'
import type { Coverage } from '../../src/shared/ring.ts'
import { churn } from '../support/sim-network/churn.ts'
import { START_MS } from '../support/sim-network/event-queue.ts'
import { PING_BYTES, reportBytes } from '../support/sim-network/frame-sizes.ts'
import { fixedLatency, regionLatency } from '../support/sim-network/latency.ts'
import { RingOracle } from '../support/sim-network/ring-oracle.ts'
import { SimGroup, type SimGroupInit } from '../support/sim-network/sim-group.ts'
import { TrafficMeter } from '../support/sim-network/traffic-meter.ts'

/** Dials whom it hears of, and is silent. */
class QuietEngine implements TopologyEngine {
  readonly estimateMemberCount = (): number => 1

  handle(input: TopologyInput): TopologyEffect[] {
    return input.type === 'candidate' ? [{ type: 'dial', peer: input.peer }] : []
  }

  takesSeeker(): boolean {
    return true
  }

  accepts(): boolean {
    return true
  }

  get coverage(): Coverage {
    return { from: new Uint8Array(32), to: new Uint8Array(32) }
  }
}

function groupOf(how: Partial<SimGroupInit> = {}): SimGroup {
  const seed = how.seed ?? 7
  return new SimGroup({ seed, latency: regionLatency(seed), engine: init => new RingEngine(init), ...how })
}

/** Everything of a run that can be told in numbers. */
function traceOf(seed: number): string {
  const group = groupOf({ seed, lossRate: 0.02 })
  group.joinOver(15, 2_000)
  churn(group, { perMinute: 4, durationMs: 10_000, killed: 0.5 })
  group.network.advance(15_000)
  const members = [...group.members.values()].map(({ peer, links, node }) => [
    peer,
    [...links.keys()],
    node.sentBytes
  ])
  return JSON.stringify([group.network.queue.handled, members])
}

describe('SimGroup', () => {
  it('runs the same for the same seed, and otherwise for another', () => {
    const trace = traceOf(3)
    expect(traceOf(3)).toBe(trace)
    expect(traceOf(4)).not.toBe(trace)
  })

  it('lets a small group find each other, and the oracle sees it', () => {
    const group = groupOf()
    group.joinOver(10, 4_000)
    group.network.advance(10_000)
    const oracle = new RingOracle(group.members.values())
    expect(oracle.wrong(3)).toEqual([])
    expect(oracle.components()).toBe(1)
    expect(oracle.degree()).toEqual({ mean: 9, median: 9, p95: 9, max: 9 })
    expect(oracle.estimateErrors(group.network.nowMs).max).toBe(0)
    expect(oracle.coverageSeams()).toBe(0)
  })

  it('sees what is wrong when a member misses its neighbors', () => {
    const group = groupOf({ canReach: (from, to) => ![from.name, to.name].includes('m3') })
    group.joinOver(10, 1_000)
    group.network.advance(10_000)
    const oracle = new RingOracle(group.members.values())
    // It, and the two that should be beside it.
    expect(oracle.wrong().length).toBe(3)
    expect(oracle.components()).toBe(2)
    // Alone, it covers all; the others cover its part besides.
    expect(oracle.coverageSeams()).toBeGreaterThan(0)
    expect(oracle.estimateErrors(group.network.nowMs).max).toBe(0.9)
  })

  it('counts what members send, by kind, and pings where nothing is sent', () => {
    const group = groupOf({ latency: fixedLatency(50), engine: () => new QuietEngine() })
    group.joinOver(2, 1_000)
    group.network.advance(60_000)
    const meter = new TrafficMeter(group.members.values(), group.network.nowMs)
    group.network.advance(100_500)
    const perSecond = (kind: string): number[] =>
      meter.perSecond(group.network.nowMs, group.network.kindOf(kind))
    // One in 10.05 s.
    const pings = (10 * PING_BYTES) / 100.5
    expect(perSecond('ping')).toEqual([pings, pings])
    expect(perSecond('report')).toEqual([0, 0])
    const members = ['somebody', 'else']
    const report = { members, span: 0.5, isRingNeighbor: false }
    const bytes = reportBytes(report, 0)
    for (const { links } of group.members.values())
      for (const end of links.values()) end.send(group.network.kindOf('report'), report, bytes)
    group.network.advance(1)
    expect(perSecond('report').map(rate => Math.round(rate * 100.501))).toEqual([bytes, bytes])
  })

  it('counts a record once per link, and the own one with the first report', () => {
    const group = groupOf({ latency: fixedLatency(50) })
    group.joinOver(3, 1_000)
    group.network.advance(60_000)
    for (const { links, peer } of group.members.values())
      for (const { toldRecords, peer: other } of links.values())
        expect([...toldRecords].sort()).toEqual(
          ['m0', 'm1', 'm2'].filter(name => name !== other.name || name === peer)
        )
  })

  it('runs other protocols over the same links, each with its own timer and frames', () => {
    const seen: unknown[] = []
    const group = groupOf({
      latency: fixedLatency(50),
      engine: () => new QuietEngine(),
      protocols: [
        shell => ({
          kinds: ['hello'],
          onLinkUp: peer => {
            shell.setTimer(500)
            shell.setTimer(100)
            if (shell.peer === 'm1') shell.send(peer, 'hello', 'there', 10)
          },
          onFrame: (from, kind, payload) => seen.push([shell.peer, from, kind, payload]),
          onTimer: () => seen.push([shell.peer, shell.now() - START_MS])
        }),
        () => ({ kinds: ['bye'], onFrame: () => seen.push('never') })
      ]
    })
    group.joinOver(2, 1_000)
    group.network.advance(10_000)
    // The second joins after 500 ms, and is linked 200 ms later.
    expect(seen).toEqual([
      ['m0', 'm1', 'hello', 'there'],
      ['m0', 800],
      ['m1', 800]
    ])
  })

  it('gives a member what is its own: contacts, an engine, a bound', () => {
    const group = groupOf()
    group.joinOver(30, 2_000)
    const bounded = group.join({ maxNeighbors: 4, contacts: ['m1'], name: 'bounded' })
    group.network.advance(20_000)
    expect(bounded.links.size).toBeLessThan(20)
    expect(group.members.get('bounded')).toBe(bounded)
    group.leave(bounded)
    group.network.advance(1_000)
    expect([...group.members.values()].some(({ links }) => links.has('bounded'))).toBe(false)
  })
})
