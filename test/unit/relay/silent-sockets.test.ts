import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { SilentSockets } from '../../../src/relay/silent-sockets.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

class FakeSocket extends EventEmitter {
  bytesRead = 0
  destroy(): void {
    this.emit('close')
  }
}

function open(sockets: SilentSockets): FakeSocket & { isClosed: boolean } {
  const socket = Object.assign(new FakeSocket(), { isClosed: false })
  socket.on('close', () => {
    socket.isClosed = true
  })
  sockets.add(socket as unknown as Socket)
  return socket
}

test('a connection that says nothing ends after 10 s, one that fell silent after 37.5 s, others stay', async () => {
  const clock = new VirtualClock()
  const sockets = new SilentSockets(clock)
  const [mute, gone, living] = [open(sockets), open(sockets), open(sockets)]
  gone.bytesRead = living.bytesRead = 100
  await clock.advance(9_000)
  expect(mute.isClosed).toBe(false)
  await clock.advance(4_000)
  expect(mute.isClosed).toBe(true)
  await clock.advance(20_000)
  living.bytesRead += 12
  expect(gone.isClosed).toBe(false)
  await clock.advance(10_000)
  expect(gone.isClosed).toBe(true)
  living.bytesRead += 12
  await clock.advance(30_000)
  expect(living.isClosed).toBe(false)
})

test('closing ends all of them, and an error of a socket is nobody’s', () => {
  const sockets = new SilentSockets(new VirtualClock())
  const [one, other] = [open(sockets), open(sockets)]
  one.emit('error', new Error('reset'))
  expect(one.isClosed).toBe(true)
  sockets.close()
  expect(other.isClosed).toBe(true)
})
