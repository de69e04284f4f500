// The compiler writes plain files; the command line is run as a program, by `npx netgroup` also from a clone.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755)
