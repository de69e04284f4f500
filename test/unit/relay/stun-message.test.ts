import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerStun } from '../../../src/relay/stun-message.ts'

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const toHex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('hex')

/** RFC 5769, section 2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY and FINGERPRINT. */
const RFC_5769_REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`)

/** Sections 2.2 and 2.3: what the mapped addresses of the answers to it are. */
const IPV4 = { address: '192.0.2.1', port: 32_853 }
const IPV6 = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }
const MAPPED_IPV4 = '002000080001a147e112a643'
const MAPPED_IPV6 = '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9'

const REQUEST = hex('00010000 2112a442 b7e7a701 bc34d686 fa87dfae')

describe('answerStun', () => {
  it('tells the address of a request, as in RFC 5769', () => {
    expect(toHex(answerStun(REQUEST, IPV4))).toBe(`0101000c2112a442b7e7a701bc34d686fa87dfae${MAPPED_IPV4}`)
    expect(toHex(answerStun(REQUEST, IPV6))).toBe(`010100182112a442b7e7a701bc34d686fa87dfae${MAPPED_IPV6}`)
  })

  it('answers the request of RFC 5769 with a fingerprint, which it has too', () => {
    const answer = Buffer.from(answerStun(RFC_5769_REQUEST, IPV4) ?? [])
    expect(toHex(answer.subarray(20, -8))).toBe(MAPPED_IPV4)
    expect(answer.readUInt16BE(2)).toBe(answer.byteLength - 20)
    expect(toHex(answer.subarray(-8, -4))).toBe('80280004')
    expect(answer.readUInt32BE(answer.byteLength - 4)).toBe(
      (crc32(answer.subarray(0, -8)) ^ 0x5354554e) >>> 0
    )
  })

  it.each([
    ['::1', '0113a9fa'],
    ['::ffff:192.0.2.1', 'e112a643'],
    ['fe80::1%eth0', undefined],
    ['1:2:3:4:5:6:7:8', undefined]
  ])('reads the address %s', (address, _start) => {
    const answer = answerStun(REQUEST, { address, port: 1 })
    expect(answer?.byteLength).toBe(address.includes('.') ? 32 : 44)
  })

  it('refuses what has to be understood and is not, by its name', () => {
    const request = hex('0001000c 2112a442 b7e7a701 bc34d686 fa87dfae 00030004 00000000 80990000')
    const answer = toHex(answerStun(request, IPV4)) ?? ''
    expect(answer.slice(0, 4)).toBe('0111')
    expect(answer).toContain('00000414')
    expect(answer.endsWith('000a000200030000')).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['a header cut off', '00010000 2112a442 b7e7a701 bc34d686 fa87df'],
    ['another cookie', '00010000 2112a443 b7e7a701 bc34d686 fa87dfae'],
    ['a length that is not its own', '00010004 2112a442 b7e7a701 bc34d686 fa87dfae'],
    ['an indication', '00110000 2112a442 b7e7a701 bc34d686 fa87dfae'],
    ['an answer', '0101000c 2112a442 b7e7a701 bc34d686 fa87dfae 00200008 0001a147 e112a643'],
    ['an error', '01110000 2112a442 b7e7a701 bc34d686 fa87dfae'],
    ['a TURN request', '00030000 2112a442 b7e7a701 bc34d686 fa87dfae'],
    ['an attribute longer than the message', '00010004 2112a442 b7e7a701 bc34d686 fa87dfae 80220004']
  ])('answers nothing to %s', (_, message) => {
    expect(answerStun(hex(message), IPV4)).toBe(undefined)
  })

  it('never throws, and never answers with much more than it was sent', () => {
    const source = fc.constantFrom(IPV4, IPV6)
    const body = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(body, fc.boolean(), source, (bytes, isFramed, from) => {
        const message = isFramed ? Buffer.concat([REQUEST, bytes]) : Buffer.from(bytes)
        if (isFramed) message.writeUInt16BE(bytes.byteLength, 2)
        const answer = answerStun(message, from)
        expect(answer?.byteLength ?? 0).toBeLessThanOrEqual(message.byteLength + 64)
      }),
      { numRuns: 2_000 }
    )
  })
})
