import { describe, expect, it } from 'vitest'
import { RingEngine } from '../../src/core/topology/ring-engine.ts'
import { churn } from '../support/sim-network/churn.ts'
import { reportBytes } from '../support/sim-network/frame-sizes.ts'
import { fixedLatency, regionLatency } from '../support/sim-network/latency.ts'
import { RingOracle } from '../support/sim-network/ring-oracle.ts'
import { SimGroup, type SimGroupInit } from '../support/sim-network/sim-group.ts'
import { TrafficMeter } from '../support/sim-network/traffic-meter.ts'

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

  it('counts what members send, by kind and pings too', () => {
    const group = groupOf({ latency: fixedLatency(50) })
    group.joinOver(2, 1_000)
    group.network.advance(60_000)
    const meter = new TrafficMeter(group.members.values(), group.network.nowMs)
    group.network.advance(100_000)
    const perSecond = (kind?: string): number[] =>
      meter.perSecond(group.network.nowMs, kind === undefined ? undefined : group.network.kindOf(kind))
    // Each has nobody else to tell of, once in ten seconds; records are told.
    const report = reportBytes({ members: [], span: 0 }, 0)
    expect(perSecond('report')).toEqual([report / 10, report / 10])
    const [[reports = 0], [pings = 0], [all]] = [perSecond('report'), perSecond('ping'), perSecond()]
    expect(all).toBe(reports + pings)
    // The same link, all silent.
    expect(pings).toBeLessThan(2)
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
