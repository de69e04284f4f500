import { expect, test } from 'vitest'
import { describeEndpoints, endpointsOf } from '../../../src/cli/endpoints.ts'

const RELAY = '/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

test('endpointsOf() is the local network by default', () => {
  expect(endpointsOf({}, [])).toEqual(['lan:'])
  expect(endpointsOf({ lan: true }, [])).toEqual(['lan:'])
})

test('endpointsOf() is the relays alone when there are any, and with --lan the local network too', () => {
  expect(endpointsOf({ relay: [RELAY] }, [])).toEqual([RELAY])
  expect(endpointsOf({ relay: [RELAY], lan: true }, [])).toEqual(['lan:', RELAY])
})

test('endpointsOf() takes the relays of the link, unless others are given or --no-relay', () => {
  expect(endpointsOf({}, [RELAY])).toEqual([RELAY])
  expect(endpointsOf({ relay: ['https://relay.example'] }, [RELAY])).toEqual(['https://relay.example'])
  expect(endpointsOf({ relay: false }, [RELAY])).toEqual(['lan:'])
})

test('endpointsOf() says what a relay looks like when it is none', () => {
  expect(() => endpointsOf({ relay: ['relay.example'] }, [])).toThrow(
    /--relay "relay\.example" is not a multiaddr/
  )
})

test('describeEndpoints() says where the others are looked for', () => {
  expect(describeEndpoints(['lan:'])).toBe('on the local network')
  expect(describeEndpoints([RELAY])).toBe('through 1 relay')
  expect(describeEndpoints(['lan:', RELAY, RELAY])).toBe('on the local network and through 2 relays')
})
