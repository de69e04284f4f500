import { defineConfig } from 'vitest/config'

const config: ReturnType<typeof defineConfig> = defineConfig({
  resolve: { conditions: ['netgroup-source'] },
  ssr: { resolve: { conditions: ['netgroup-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Tests with sockets, processes and namespaces share two cores with each other: few at a time keeps their deadlines honest.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})

export default config
