#!/usr/bin/env node
import { CommanderError } from 'commander'
import { Lifetime } from './lifetime.ts'
import { createProgram, exitCodeOfCommander } from './program.ts'

const lifetime = new Lifetime()
lifetime.watch()
try {
  await createProgram(lifetime).parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = exitCodeOfCommander(error)
}
