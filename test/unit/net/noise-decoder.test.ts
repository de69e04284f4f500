import '../../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { multiaddrConnectionPair } from '@libp2p/utils'
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
  it('reads what comes, in whatever parts, and makes no error for each message', async () => {
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
})
