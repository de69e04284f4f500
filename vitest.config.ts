import { defineConfig } from 'vitest/config'

const conditions = ['netgroup-source']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** Over the memory network of one process, or of a few processes, and not against the clock, or far from it: these run beside the longest, which mostly waits. */
const IN_MEMORY = [
  'calls',
  'cli-share',
  'cli-spec',
  'cli-streams',
  'connect-failed',
  'direct-streams',
  'direct-streams-ends',
  'direct-streams-frames',
  'files',
  'files-swarm',
  'join-growth',
  'links',
  'membership',
  'objects',
  'password',
  'posting',
  'presence',
  'presence-200',
  'replay',
  'replication',
  'routing',
  'routing-hostile',
  'statuses',
  'streams',
  'streams-hostile',
  'streams-reading'
].map(name => `test/integration/${name}.test.ts`)
const LONGEST = 'test/lab/relay-restarts.test.ts'
/** Processes that mostly wait for each other, for NATs and for timeouts, and have time: two files at once. */
const WAITING = [
  'integration/cli',
  'integration/cli-group',
  'integration/cli-relay',
  'lab/blocked',
  'lab/nat',
  'lab/nat-kinds',
  'lab/paths',
  'lab/port-mapping',
  'lab/privacy',
  'lab/relay-addresses'
].map(name => `test/${name}.test.ts`)
const sideBySide = { maxWorkers: 2, sequence: { groupOrder: 1 }, testTimeout: 60_000, hookTimeout: 30_000 }

const config: ReturnType<typeof defineConfig> = defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['test/{unit,sim}/**/*.test.ts'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 }
        }
      },
      { ...shared, test: { name: 'longest', include: [LONGEST], ...sideBySide } },
      { ...shared, test: { name: 'memory', include: IN_MEMORY, ...sideBySide } },
      {
        ...shared,
        test: { name: 'waiting', include: WAITING, ...sideBySide, sequence: { groupOrder: 2 } }
      },
      {
        ...shared,
        test: {
          name: 'real',
          include: ['test/{browser,integration,lab,programs}/**/*.test.ts'],
          exclude: [LONGEST, ...IN_MEMORY, ...WAITING],
          // Sockets, processes and namespaces, some of them against the clock: one file at a time, after all else.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 30_000,
          hookTimeout: 30_000
        }
      }
    ]
  }
})

export default config
