// A network in this process, for tests: netgroup's own, and yours.
import './platform/polyfill.ts'

export type { Clock, Timer } from './net/clock.ts'
export { createTestNetwork, joinAll, TestNetwork, type TestNetworkOptions } from './testing/test-network.ts'
