import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MODULE = fileURLToPath(new URL('../../dist/cli/demo/multicast-route.js', import.meta.url))
const ASK = `import(${JSON.stringify(MODULE)}).then(async m => console.log(await m.hasMulticastRoute()))`
const canUnshare = process.platform === 'linux' && spawnSync('unshare', ['-n', 'true']).status === 0

function ask(setup: string): string {
  const script = `${setup} && exec "$0" -e "$1"`
  return spawnSync('unshare', ['-n', 'sh', '-c', script, process.execPath, ASK], {
    encoding: 'utf8'
  }).stdout.trim()
}

// Needs root for a network of its own.
test.runIf(canUnshare)('hasMulticastRoute() says no on a host without one, and yes after the remedy', () => {
  const host =
    'ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add 10.9.9.1/24 dev v0 && ip link set v0 up'
  expect(ask(host)).toBe('false')
  expect(ask(`${host} && ip route add 224.0.0.0/4 dev lo`)).toBe('true')
})
