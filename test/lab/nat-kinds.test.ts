import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import type { Nat } from '../support/lab/nat.ts'
import { type UdpEnd, UdpSocket } from '../support/lab/udp-socket.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

const run = promisify(execFile)

const why = await whyNoLab('tcpdump')
if (why !== undefined) console.log(`test/lab/nat-kinds.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

describe.skipIf(why !== undefined)('the lab', () => {
  test('a port-restricted NAT has one mapping for two destinations, and lets in who was spoken to, and nobody else', async () => {
    await using lab = await Lab.create()
    const { host } = await lab.hostBehind('port-restricted')
    const [one, other] = [await reflector(lab), await reflector(lab)]
    const socket = await UdpSocket.open(host)
    const seen = await socket.seenBy(one.end)
    expect(seen.address).toBe(host.publicAddress)
    expect(seen.address).not.toBe(host.address)
    expect(await socket.seenBy(other.end)).toEqual(seen)

    // From the same address, but a port that was not spoken to; and from an address that was not.
    const [otherPort, stranger] = [
      await UdpSocket.open(one.host),
      await UdpSocket.open(await lab.publicHost())
    ]
    otherPort.send(seen, 'from another port')
    stranger.send(seen, 'from a stranger')
    await comesAfter(socket, one, seen)
    expect(socket.received).not.toContain('from another port')
    expect(socket.received).not.toContain('from a stranger')
    // What was dropped has not spoiled the mapping.
    expect(await socket.seenBy((await reflector(lab)).end)).toEqual(seen)
  })

  test('a symmetric NAT has another mapping for each destination', async () => {
    await using lab = await Lab.create()
    const { host } = await lab.hostBehind('symmetric')
    const [one, other] = [await reflector(lab), await reflector(lab)]
    const socket = await UdpSocket.open(host)
    const [first, second] = [await socket.seenBy(one.end), await socket.seenBy(other.end)]
    expect(first.address).toBe(host.publicAddress)
    expect(second.address).toBe(host.publicAddress)
    expect(second.port).not.toBe(first.port)
  })

  test('what comes unasked to the address of a NAT is dropped without an answer', async () => {
    await using lab = await Lab.create()
    const nat = await lab.nat('port-restricted')
    const stranger = await UdpSocket.open(await lab.publicHost())
    await using capture = await nat.captureWan()
    stranger.send({ address: nat.publicAddress, port: 9 }, 'anybody there?')
    await expect
      .poll(() => capture.packets.filter(({ protocol }) => protocol === 'udp'))
      .toMatchObject([{ destination: nat.publicAddress, destinationPort: 9, sourcePort: stranger.port }])
    const packets = await capture.stop()
    // An answer would be "port unreachable", by ICMP.
    expect(
      packets.filter(({ source, protocol }) => source === nat.publicAddress && protocol !== 'arp')
    ).toEqual([])
  })

  test('two peers behind port-restricted NATs punch their way to each other with an introducer; behind symmetric ones they do not', async () => {
    await using lab = await Lab.create()
    const introducer = await reflector(lab)
    const punch = async (one: Host, other: Host): Promise<[UdpSocket, UdpSocket, UdpEnd, UdpEnd]> => {
      const [a, b] = [await UdpSocket.open(one), await UdpSocket.open(other)]
      const [seenA, seenB] = [await a.seenBy(introducer.end), await b.seenBy(introducer.end)]
      a.send(seenB, 'knock')
      // Answered, so the knock has gone out before.
      await a.seenBy(introducer.end)
      b.send(seenA, 'hello a')
      return [a, b, seenA, seenB]
    }
    const cone = async (): Promise<Host> => (await lab.hostBehind('port-restricted')).host
    const [a, b, seenA, seenB] = await punch(await cone(), await cone())
    // The knock came too early for the other side; it has opened the way for the answer.
    expect(await a.waitFor('hello a')).toEqual(seenB)
    a.send(seenB, 'hello b')
    expect(await b.waitFor('hello b')).toEqual(seenA)
    expect(b.received).not.toContain('knock')

    const symmetric = async (): Promise<Host> => (await lab.hostBehind('symmetric')).host
    const [c, d, seenC, seenD] = await punch(await symmetric(), await symmetric())
    c.send(seenD, 'hello d')
    await comesAfter(c, introducer, seenC)
    await comesAfter(d, introducer, seenD)
    expect(c.received).not.toContain('hello a')
    expect(d.received).not.toContain('hello d')
  })

  test('nothing gets out of the lab', async () => {
    await using lab = await Lab.create()
    const { host } = await lab.hostBehind('port-restricted')
    for (const anybody of [host, await lab.publicHost(), await lab.host(await lab.lan())])
      expect(await dial(anybody, '1.1.1.1')).toMatch(/ENETUNREACH|EHOSTUNREACH/)
  })

  test('a wall, a pulled cable and a move do what they say', async () => {
    await using lab = await Lab.create()
    const nats: Nat[] = [
      await lab.nat('port-restricted'),
      await lab.nat('port-restricted', { network: '192.168.2' })
    ]
    const [first, second] = nats as [Nat, Nat]
    const host = await lab.host(first)
    const { end, host: server } = await reflector(lab)
    const ask = async (): Promise<UdpEnd> => await (await UdpSocket.open(host)).seenBy(end)
    expect(await ask()).toMatchObject({ address: first.publicAddress })

    const noUdp = await host.block({ udp: true })
    await expect(ask()).rejects.toThrow('not within')
    expect(await dial(host, server.address, 9)).toBe('ECONNREFUSED')
    await noUdp.lift()
    const onlyOnePort = await lab.internet.block(host, server, { exceptTcpPorts: [9] })
    expect(await dial(host, server.address, 9)).toBe('ECONNREFUSED')
    expect(await dial(host, server.address, 10)).toBe('timeout')
    await onlyOnePort.lift()
    expect(await ask()).toMatchObject({ address: first.publicAddress })

    await host.disconnect()
    expect(await dial(host, server.address, 9)).toMatch(/timeout|EHOSTUNREACH|ENETUNREACH/)
    await host.reconnect()
    expect(await ask()).toMatchObject({ address: first.publicAddress })

    await host.moveTo(second)
    expect(host.address).toBe('192.168.2.2')
    expect(await ask()).toMatchObject({ address: second.publicAddress })
  })
})

/** Somebody public who tells everyone under which address he sees him. */
async function reflector(lab: Lab): Promise<{ host: Host; socket: UdpSocket; end: UdpEnd }> {
  const host = await lab.publicHost()
  const socket = await UdpSocket.open(host, '--reflect')
  return { host, socket, end: { address: host.address, port: socket.port } }
}

/** What was sent to the socket before has come or will not: a later packet of somebody who may has arrived. */
async function comesAfter(
  socket: UdpSocket,
  { socket: friend }: { socket: UdpSocket },
  seen: UdpEnd
): Promise<void> {
  friend.send(seen, 'afterwards')
  await socket.waitFor('afterwards')
}

/** Dials TCP from a host, and tells how that fails. */
async function dial(host: Host, address: string, port = 80): Promise<string> {
  const script = `
    const socket = require('node:net').connect({ host: '${address}', port: ${port}, timeout: 1500 })
    const tell = what => { console.log(what); process.exit() }
    socket.on('error', error => tell(error.code)).on('timeout', () => tell('timeout')).on('connect', () => tell('connected'))`
  const [program = '', ...within] = host.within
  return (await run(program, [...within, process.execPath, '-e', script])).stdout.trim()
}
