import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, type JoinOptions, NetGroup } from '../../src/index.ts'
import { encodeValue } from '../../src/net/value.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

const spec = (): GroupSpecifier => new GroupSpecifier('calls', { routingEnabled: true })

async function members<M = unknown>(
  size = 2,
  options: JoinOptions<M> = {}
): Promise<{ network: TestNetwork; groups: NetGroup<M>[] }> {
  const network = await createTestNetwork(size)
  networks.push(network)
  return { network, groups: await joinAll<M>(network.connections, spec(), options) }
}

class Point {
  x = 0
}

class Base {
  inherited(): string {
    return 'inherited'
  }
}

class Client extends Base {
  readonly calls: unknown[][] = []
  #secret = 'secret'
  own = (): string => this.#secret
  value = 5
  get gotten(): () => string {
    throw new Error('A getter ran')
  }

  add(a: number, b: number): number {
    this.calls.push([a, b])
    return a + b
  }

  async slowly(text: string): Promise<string> {
    await Promise.resolve()
    return text
  }

  fail(): void {
    throw new RangeError('not like this')
  }

  nothing(): void {}

  echo(...args: unknown[]): unknown[] {
    return args
  }

  big(): Uint8Array {
    return new Uint8Array(70_000)
  }

  strange(): unknown {
    return () => 1
  }

  _hidden(): string {
    return 'hidden'
  }
}

describe('call()', () => {
  it('runs a method there and resolves with what it answers', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const client = new Client()
    b.client = client
    const { nearID } = b.connection
    expect(await a.call<number>(nearID, 'add', [2, 3])).toBe(5)
    expect(client.calls).toEqual([[2, 3]])
    expect(await a.call(nearID, 'slowly', ['text'])).toBe('text')
    expect(await a.call(nearID, 'nothing', [])).toBe(undefined)
    expect(await a.call(nearID, 'inherited', [])).toBe('inherited')
    expect(await a.call(nearID, 'own', [])).toBe('secret')
    expect(await a.call(nearID, 'echo', [1n, new Date(5), { deep: [null] }])).toEqual([
      1n,
      new Date(5),
      { deep: [null] }
    ])
  })

  it('runs nothing that is no method of the client or its classes', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    b.client = new Client()
    const call = (command: string): Promise<unknown> => a.call(b.connection.nearID, command, [])
    for (const command of [
      'missing',
      'value',
      'gotten',
      'constructor',
      'toString',
      'hasOwnProperty',
      '__proto__',
      '__defineGetter__',
      '_hidden'
    ])
      await expect(call(command), command).rejects.toThrow(`there is no "${command}"`)
    b.client = new EventTarget()
    await expect(call('dispatchEvent')).rejects.toThrow('there is no "dispatchEvent"')
    b.client = Object.assign(Object.create(null), { hi: () => 'hi' })
    expect(await call('hi')).toBe('hi')
  })

  it('has no client at first', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    await expect(a.call(b.connection.nearID, 'close', [])).rejects.toThrow('there is no "close"')
  })

  it("rejects with the other side's words when its method fails, or answers what cannot be sent", async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    b.client = new Client()
    const { nearID } = b.connection
    await expect(a.call(nearID, 'fail', [])).rejects.toThrow(`${nearID} answered: not like this`)
    await expect(a.call(nearID, 'big', [])).rejects.toThrow(/at most 65536/)
    await expect(a.call(nearID, 'strange', [])).rejects.toThrow('Cannot send')
  })

  it('rejects PEER_UNREACHABLE where there is no way', async () => {
    const { groups, network } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    await b.close()
    await until('b is gone', () => a.neighborCount === 0)
    const { nearID } = at(network.connections, 1)
    await expect(a.call(nearID, 'add', [])).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
      detail: { peerID: nearID }
    })
  })

  it('rejects TIMEOUT, the reason of its signal, or CLOSED', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    b.client = { never: () => new Promise(() => {}) }
    const { nearID } = b.connection
    await expect(a.call(nearID, 'never', [], { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      detail: { afterMs: 20 }
    })
    const abort = new AbortController()
    const aborted = a.call(nearID, 'never', [], { signal: abort.signal })
    abort.abort(new Error('Enough'))
    await expect(aborted).rejects.toThrow('Enough')
    const closed = expect(a.call(nearID, 'never', [])).rejects.toMatchObject({ code: 'CLOSED' })
    await a.close()
    await closed
  })

  it('refuses wrong arguments', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const { nearID } = b.connection
    await expect(a.call(b.groupAddress, 'add', [])).rejects.toThrow(TypeError)
    await expect(a.call(nearID, 5 as never, [])).rejects.toThrow(TypeError)
    await expect(a.call(nearID, 'add', 'args' as never)).rejects.toThrow(TypeError)
    await expect(a.call(nearID, 'add', [], { timeoutMs: -1 })).rejects.toThrow(RangeError)
    await expect(a.call(nearID, 'add', [() => 1])).rejects.toMatchObject({ code: 'VALUE_UNSUPPORTED' })
  })

  it('goes to oneself, carries classes, and has nothing to do with validate', async () => {
    const isText = (value: unknown): value is string => typeof value === 'string'
    const { groups } = await members(2, { validate: isText, classes: { Point } })
    const [a, b] = [at(groups, 0), at(groups, 1)]
    for (const group of [a, b]) group.client = { isPoint: (point: unknown) => point instanceof Point }
    expect(await a.call(a.connection.nearID, 'isPoint', [new Point()])).toBe(true)
    expect(await a.call(b.connection.nearID, 'isPoint', [new Point()])).toBe(true)
  })

  it('reaches the one face of a membership that has the command', async () => {
    const { groups, network } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const second = await NetGroup.join(at(network.connections, 1), spec())
    b.client = { first: () => 1 }
    second.client = { second: () => 2 }
    const { nearID } = b.connection
    expect(await a.call(nearID, 'first', [])).toBe(1)
    expect(await a.call(nearID, 'second', [])).toBe(2)
    await expect(a.call(nearID, 'third', [])).rejects.toThrow('there is no "third"')
  })

  it('runs at most 32 calls of one member at a time', async () => {
    const { groups } = await members()
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const gate = Promise.withResolvers<string>()
    b.client = { wait: () => gate.promise }
    const { nearID } = b.connection
    const calls = Array.from({ length: 32 }, () => a.call(nearID, 'wait', []))
    await expect(a.call(nearID, 'wait', [])).rejects.toThrow('too many')
    gate.resolve('done')
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'done'))
    expect(await a.call(nearID, 'wait', [])).toBe('done')
  })

  it('believes no answer but that of whom it called', async () => {
    const { groups } = await members(3)
    const [a, b, liar] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    const ids: string[] = []
    const gate = Promise.withResolvers<string>()
    b.client = { wait: () => gate.promise }
    // A liar who knows the id all the same.
    memberOf(b).routing.runner.listeners.add(({ payload }) => {
      ids.push(/[0-9a-f]{32}/.exec(Buffer.from(payload).toString('latin1'))?.[0] ?? '')
    })
    const call = a.call(b.connection.nearID, 'wait', [])
    await until('b is called', () => ids.length === 1)
    const payload = encodeValue({ id: ids[0], result: 'a lie' })
    await memberOf(liar).routing.runner.sendToPeer(
      { channel: 'netgroup/answer', payload },
      a.connection.nearID,
      { receipt: true },
      false
    )
    gate.resolve('the truth')
    expect(await call).toBe('the truth')
  })
})
