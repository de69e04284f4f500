import type { Logger } from '@libp2p/interface'
import { expect, it } from 'vitest'
import type { GroupHost } from '../../../src/net/group-host.ts'
import { Replication } from '../../../src/net/replication.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

it('a group that is left while it is being joined takes no streams of objects', async () => {
  const log = (() => {}) as unknown as Logger
  const handled = new Set<string>()
  const host = {
    clock: new VirtualClock(),
    randomBytes: (length: number) => new Uint8Array(length),
    components: {
      logger: { forComponent: () => log },
      registrar: {
        handle: async (protocol: string) => void handled.add(protocol),
        unhandle: async (protocol: string) => void handled.delete(protocol)
      }
    }
  } as unknown as GroupHost
  const replication = new Replication({ host, log }, true)
  const starting = replication.start()
  replication.close()
  await starting
  expect([...handled]).toEqual([])
})
