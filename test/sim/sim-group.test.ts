import { describe, expect, it } from 'vitest'
import { churn } from '../support/sim-network/churn.ts'
import { regionLatency, uniformLatency } from '../support/sim-network/latency.ts'
import { RingOracle } from '../support/sim-network/ring-oracle.ts'
import { SimGroup, type SimGroupInit } from '../support/sim-network/sim-group.ts'
import { TrafficMeter } from '../support/sim-network/traffic-meter.ts'
import { StandInEngine } from './stand-in-engine.ts'

function groupOf(how: Partial<SimGroupInit> = {}): SimGroup {
  const seed = how.seed ?? 7
  return new SimGroup({ seed, latency: regionLatency(seed), engine: init => new StandInEngine(init), ...how })
}

/** Everything of a run that can be told in numbers. */
function traceOf(seed: number): unknown {
  const group = groupOf({ seed, lossRate: 0.02 })
  group.joinOver(20, 4_000)
  churn(group, { perMinute: 2, durationMs: 20_000, killed: 0.5 })
  group.network.advance(30_000)
  return {
    events: group.network.queue.handled,
    members: [...group.members.values()].map(({ peer, links, node }) => [
      peer,
      [...links.keys()],
      node.sentBytes
    ])
  }
}

describe('SimGroup', () => {
  it('runs the same for the same seed, and otherwise for another', () => {
    expect(traceOf(3)).toEqual(traceOf(3))
    expect(traceOf(3)).not.toEqual(traceOf(4))
  })

  it('lets a group of thirty find each other, and the oracle sees it', () => {
    const group = groupOf()
    group.joinOver(30, 4_000)
    expect(new RingOracle(group.members.values()).degree().mean).toBeGreaterThan(5)
    group.network.advance(10_000)
    const oracle = new RingOracle(group.members.values())
    expect(oracle.wrong(3)).toEqual([])
    expect(oracle.components()).toBe(1)
    expect(oracle.degree()).toEqual({ mean: 29, median: 29, p95: 29, max: 29 })
    expect(oracle.estimateErrors().max).toBe(0)
    expect(oracle.coverageSeams()).toBe(0)
  })

  it('sees what is wrong when a member misses its neighbors', () => {
    const group = groupOf({ canReach: (from, to) => ![from.name, to.name].includes('m3') })
    group.joinOver(10, 1_000)
    group.network.advance(10_000)
    const oracle = new RingOracle(group.members.values())
    expect(oracle.wrong().length).toBe(3)
    expect(oracle.components()).toBe(2)
    // Alone, it covers all; the others cover its part besides.
    expect(oracle.coverageSeams()).toBeGreaterThan(0)
    expect(oracle.estimateErrors().max).toBe(0.9)
  })

  it('counts what members send, by kind and pings too', () => {
    const group = groupOf({ latency: uniformLatency(7, 20, 60) })
    group.joinOver(2, 1_000, {})
    group.network.advance(5_000)
    const meter = new TrafficMeter(group.members.values(), group.network.nowMs)
    group.network.advance(100_000)
    const reports = meter.perSecond(group.network.nowMs, group.network.kindOf('report'))
    // Nobody else to tell of: a report of 5 bytes a second each.
    expect(reports).toEqual([5, 5])
    expect(meter.perSecond(group.network.nowMs, group.network.pingKind)).toEqual([0, 0])
  })
})
