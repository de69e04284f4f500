import type { MultiaddrConnection, Transport } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { joinWrites } from '../../../src/net/joined-writes.ts'

type Sending = MultiaddrConnection & { sendData(data: Uint8ArrayList): unknown }

/** A transport that gives the upgrader its one connection, and writes down what that is to send, in parts. */
function transport(written: number[][]): Transport {
  const sendData = (data: Uint8ArrayList): unknown => written.push([...data].map(part => part.byteLength))
  const connection = { sendData } as unknown as MultiaddrConnection
  return {
    dial: (_: unknown, { upgrader }: Parameters<Transport['dial']>[1]) =>
      upgrader.upgradeOutbound(connection, {} as never),
    createListener: ({ upgrader }: Parameters<Transport['createListener']>[0]) =>
      upgrader.upgradeInbound(connection, {} as never)
  } as unknown as Transport
}

describe('joinWrites()', () => {
  it.each(['dial', 'createListener'] as const)('writes what goes out at once in one piece: %s', async way => {
    const written: number[][] = []
    const upgrade = async (connection: Sending): Promise<unknown> =>
      connection.sendData(new Uint8ArrayList(new Uint8Array(2), new Uint8Array(12), new Uint8Array(2_300)))
    const upgrader = { upgradeOutbound: upgrade, upgradeInbound: upgrade }
    const joined = joinWrites(() => transport(written))({})
    if (way === 'dial') await joined.dial({} as never, { upgrader } as never)
    else await joined.createListener({ upgrader } as never)
    expect(written).toEqual([[2_314]])
  })
})
