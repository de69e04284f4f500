// What a group with routing loads when it is joined.
export { Calls } from './calls.ts'
export { DirectedMessages } from './directed-messages.ts'
