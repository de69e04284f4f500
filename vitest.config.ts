import { defineConfig } from 'vitest/config'

const conditions = ['netgroup-source']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** Two of these may run at once: over the memory network of one process and not against the clock, and one that mostly waits. */
const SIDE_BY_SIDE = [
  'test/lab/relay-restarts.test.ts',
  ...[
    'files',
    'calls',
    'files-swarm',
    'objects',
    'password',
    'replay',
    'replication',
    'routing',
    'routing-hostile',
    'streams-hostile'
  ].map(name => `test/integration/${name}.test.ts`)
]

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
      {
        ...shared,
        test: {
          name: 'side by side',
          include: SIDE_BY_SIDE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 30_000
        }
      },
      {
        ...shared,
        test: {
          name: 'real',
          include: ['test/{browser,integration,lab,programs}/**/*.test.ts'],
          exclude: SIDE_BY_SIDE,
          // Sockets, processes and namespaces, some of them against the clock: one file at a time, after all else.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 30_000,
          hookTimeout: 30_000
        }
      }
    ]
  }
})

export default config
