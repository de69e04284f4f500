import { afterEach, expect, test } from 'vitest'
import { killCliProcesses, runCli, startCli } from '../support/cli-process.ts'

afterEach(killCliProcesses)

test('netgroup demo shows everything, with figures, and ends by itself within a minute', {
  timeout: 65_000
}, async () => {
  const startedAtMs = performance.now()
  const { exitCode, stdout, stderr } = await runCli(['demo'])
  expect(stdout).toMatch(/Everything worked, in [\d.]+ s\./)
  expect(performance.now() - startedAtMs).toBeLessThan(60_000)
  expect(stdout.match(/heard by all others, in all +30\n/g)).toHaveLength(3)
  expect(stdout).toMatch(/refused, and their writers told so +4\n +heard by anybody +0\n/)
  expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})

test('Ctrl-C in the middle of the demo ends it and all its children', { timeout: 30_000 }, async () => {
  const demo = startCli(['demo', '--json'])
  await demo.waitForRow('Cli.Demo.Scene', () => true, 25_000)
  const atMs = performance.now()
  demo.kill('SIGINT')
  const { exitCode } = await demo.ended
  expect(exitCode).toBe(130)
  expect(performance.now() - atMs).toBeLessThan(2_500)
})
