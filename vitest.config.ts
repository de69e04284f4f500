import { defineConfig } from 'vitest/config'

const conditions = ['netgroup-source']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

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
          name: 'real',
          include: ['test/{browser,integration,lab,programs}/**/*.test.ts'],
          // Sockets, processes and namespaces, some of them against the clock: one file at a time, after all else.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
          hookTimeout: 30_000
        }
      }
    ]
  }
})

export default config
