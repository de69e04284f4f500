import { describe, expect, it } from 'vitest'
import {
  decodeIPMulticastAddress,
  encodeIPMulticastAddress
} from '../../../src/core/groupspec/ip-multicast-address.ts'

describe('An IP multicast address', () => {
  it.each<[[string, number?, string?], object, number]>([
    [['224.0.0.254', 30000], { address: '224.0.0.254', port: 30000 }, 6],
    [['224.0.0.254:30000'], { address: '224.0.0.254', port: 30000 }, 6],
    [['[224.0.0.254]:30000'], { address: '224.0.0.254', port: 30000 }, 6],
    [['232.1.1.1', 1, '192.0.2.7'], { address: '232.1.1.1', port: 1, source: '192.0.2.7' }, 10],
    [['[ff03::1]:65535'], { address: 'ff03::1', port: 65535 }, 18],
    [['ff03::1', 30000], { address: 'ff03::1', port: 30000 }, 18],
    [['ff3e::1', 9, '2001:db8::1'], { address: 'ff3e::1', port: 9, source: '2001:db8::1' }, 34]
  ])('%j is read as %j', (args, meaning, length) => {
    const bytes = encodeIPMulticastAddress(...args)
    expect(bytes.byteLength).toBe(length)
    expect(decodeIPMulticastAddress(bytes)).toEqual(meaning)
  })

  it.each([
    ['192.0.2.1', 1],
    ['224.0.0.256', 1],
    ['224.0.0', 1],
    ['fe80::1', 1],
    ['ff02::1%eth0', 1],
    ['example.org', 1],
    ['', 1],
    ['224.0.0.1/tcp', 1],
    ['224.0.0.1'],
    ['224.0.0.1', 0],
    ['224.0.0.1', 65536],
    ['224.0.0.1', 1.5],
    ['224.0.0.1:70000'],
    ['224.0.0.1:7', 8],
    ['232.0.0.1', 1, '2001:db8::1'],
    ['232.0.0.1', 1, '232.0.0.2'],
    ['232.0.0.1', 1, 'nobody']
  ])('is not made of %j, port %j, source %j', (address, port?, source?) => {
    const attempt = () => encodeIPMulticastAddress(String(address), port as number, source as string)
    expect(attempt).toThrow(RangeError)
  })

  it('is not read from another number of bytes', () => {
    for (const length of [0, 5, 7, 17, 35])
      expect(() => decodeIPMulticastAddress(new Uint8Array(length))).toThrow(RangeError)
  })
})
