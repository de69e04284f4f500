import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'

const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the page can be put into any folder of any web server.
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        // netgroup and what it stands on, apart: browsers keep it when only the page has changed. What it loads only when it is needed stays in pieces of its own.
        codeSplitting: {
          groups: [{ name: 'netgroup', test: id => !id.includes('/examples/chat-web/'), tags: ['$initial'] }]
        }
      }
    }
  }
}

export default config
