import { median } from '../support/median.ts'
import type { Outcome } from './job.ts'
import { type Bar, holds, type Scenario } from './scenario.ts'

/** The runs of one scenario and size: each figure's median and worst over the seeds, beside its bar. */
export function tableOf(scenario: Scenario, size: number, outcomes: readonly Outcome[]): string {
  const bars = scenario.bars(size)
  const seeds = outcomes.map(({ seed }) => seed).sort((a, b) => a - b)
  const took = median(outcomes.map(({ tookS }) => tookS)).toFixed(1)
  const lines = [
    `${scenario.name}, N = ${size}, seeds ${seeds.join(' ')} (${took} s a run): ${scenario.about}`
  ]
  for (const name of Object.keys(outcomes[0]?.figures ?? {}))
    lines.push(rowOf(name, figuresOf(outcomes, name), bars[name]))
  return lines.join('\n')
}

/** Runs in which a figure passed its bar, in words. */
export function failuresOf(scenario: Scenario, outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ size, seed, figures }) =>
    Object.entries(scenario.bars(size))
      .filter(([name, bar]) => !holds(figures[name] ?? Number.NaN, bar))
      .map(
        ([name, bar]) =>
          `${scenario.name} N=${size} seed=${seed}: ${name} ${shortened(figures[name] ?? Number.NaN)}, must be ${textOf(bar)}`
      )
  )
}

function figuresOf(outcomes: readonly Outcome[], name: string): number[] {
  // What goes from process to process as JSON has null for NaN.
  return outcomes.map(({ figures }) => figures[name] ?? Number.NaN)
}

function rowOf(name: string, values: readonly number[], bar: Bar | undefined): string {
  const worst = values.some(Number.isNaN)
    ? Number.NaN
    : bar?.atLeast === undefined
      ? Math.max(...values)
      : Math.min(...values)
  const cells = [`  ${name.padEnd(36)}`, shortened(median(values)).padStart(9), shortened(worst).padStart(9)]
  if (bar !== undefined) cells.push(` ${textOf(bar)}  ${holds(worst, bar) ? 'ok' : 'MISSED'}`)
  return cells.join(' ')
}

function textOf({ atMost, atLeast, goal }: Bar): string {
  return [
    ...(atMost === undefined ? [] : [`≤ ${shortened(atMost)}`]),
    ...(atLeast === undefined ? [] : [`≥ ${shortened(atLeast)}`]),
    ...(goal === undefined ? [] : [`goal ${shortened(goal)}`])
  ].join(', ')
}

function shortened(value: number): string {
  if (Number.isNaN(value)) return 'never'
  return Number.isInteger(value) ? String(value) : value.toPrecision(Math.abs(value) < 100 ? 3 : 4)
}
