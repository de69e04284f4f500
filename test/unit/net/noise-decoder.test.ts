import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { LengthPrefixedDecoder, multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it, onTestFinished } from 'vitest'
import { quietNoise } from '../../../src/net/noise-decoder.ts'

async function encrypter(): Promise<ConnectionEncrypter> {
  const components = {
    privateKey: await generateKeyPair('Ed25519'),
    logger: defaultLogger(),
    upgrader: { getStreamMuxers: () => new Map() }
  }
  return quietNoise(noise())(components as unknown as Parameters<ReturnType<typeof noise>>[0])
}

async function encryptedPair(): Promise<MessageStream[]> {
  const [near, far] = multiaddrConnectionPair()
  const [dialer, listener] = await Promise.all([encrypter(), encrypter()])
  const secured = await Promise.all([dialer.secureOutbound(near), listener.secureInbound(far)])
  return secured.map(({ connection }) => connection)
}

/** Errors that are made from now until the test ends, by name. */
function errorsMade(): string[] {
  const made: string[] = []
  const { RangeError: original } = globalThis
  globalThis.RangeError = new Proxy(original, {
    construct: (target, given, newTarget) => {
      made.push(String(given[0]))
      return Reflect.construct(target, given, newTarget)
    },
    apply: (target, self, given) => {
      made.push(String(given[0]))
      return Reflect.apply(target, self, given)
    }
  })
  onTestFinished(() => {
    globalThis.RangeError = original
  })
  return made
}

describe('quietNoise()', () => {
  it('reads what comes, and makes no error for each message', async () => {
    const [near, far] = await encryptedPair()
    let received = 0
    const done = Promise.withResolvers<void>()
    far?.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= 210) done.resolve()
    })
    const made = errorsMade()
    for (let i = 1; i <= 20; i++) near?.send(new Uint8Array(i))
    await done.promise
    expect(received).toBe(210)
    expect(made).toEqual([])
  })

  it('waits for a length of which one byte has come', async () => {
    const lengthDecoder = (data: { getUint16(at: number): number }): number => data.getUint16(0)
    const decoder = new LengthPrefixedDecoder({
      lengthDecoder: lengthDecoder as never,
      encodingLength: () => 2
    })
    const secured = async (): Promise<unknown> => ({ connection: { decoder } })
    const fake = { secureOutbound: secured, secureInbound: secured } as unknown as ConnectionEncrypter
    await quietNoise(() => fake)({}).secureOutbound({} as MessageStream)
    const read = [...Uint8Array.of(0, 3, 7, 8, 9, 0, 1, 5)].flatMap(byte =>
      [...decoder.decode(Uint8Array.of(byte))].map(piece => [...piece.subarray()])
    )
    expect(read).toEqual([[7, 8, 9], [5]])
  })
})
