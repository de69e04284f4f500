import { GroupSpecifier, type NetGroup } from 'netgroup'
import { createTestNetwork, joinAll, type TestNetwork } from 'netgroup/testing'
import { afterEach, expect, test } from 'vitest'
import { type ChatScene, runChatCommand } from '../../../src/cli/chat-commands.ts'
import { NamesHeard } from '../../../src/cli/names-heard.ts'
import { shortPeer } from '../../../src/cli/posted-value.ts'
import type { Run } from '../../../src/cli/run-command.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

/** The chat of the first of three members, and what it says. */
async function scene(): Promise<{ scene: ChatScene; said: string[]; groups: NetGroup[] }> {
  const network = await createTestNetwork(3)
  networks.push(network)
  const spec = new GroupSpecifier('chat', { postingEnabled: true, routingEnabled: true })
  const groups = await joinAll(network.connections, spec)
  const said: string[] = []
  const output = {
    note: (_row: object, text: string) => said.push(text),
    error: (error: Error) => said.push(error.message)
  }
  const run = { output, signal: new AbortController().signal } as unknown as Run
  const [group] = groups as [NetGroup]
  return { scene: { run, group, names: new NamesHeard(), name: 'ada' }, said, groups }
}

/** What this member is told in private next. */
async function nextPrivate(group: NetGroup): Promise<unknown> {
  for await (const { message, sender } of group.statuses({ code: 'NetGroup.SendTo.Notify' }))
    return { message, sender }
  return undefined
}

test('/msg says something to one member only, by its whole id, the beginning or end of it, or its name', async () => {
  const { scene: chat, said, groups } = await scene()
  const [ada, bob] = groups as [NetGroup, NetGroup]
  const { nearID } = bob.connection
  chat.names.heard(nearID, 'bob')
  for (const word of [nearID, shortPeer(nearID), nearID.slice(0, -1), 'bob']) {
    const heard = nextPrivate(bob)
    expect(await runChatCommand(chat, `/msg ${word} see you  at ten`)).toBe('stay')
    expect(await heard).toEqual({
      message: { name: 'ada', text: 'see you  at ten' },
      sender: ada.connection.nearID
    })
    expect(said.pop()).toBe(`to bob (${shortPeer(nearID)}) only: see you  at ten`)
  }
})

test('/msg says who is not there, who is unknown, and what is not clear', async () => {
  const { scene: chat, said, groups } = await scene()
  const [, bob, eve] = groups as [NetGroup, NetGroup, NetGroup]
  await runChatCommand(chat, '/msg carol hello')
  expect(said.pop()).toContain('nobody here is called carol')
  await runChatCommand(chat, '/msg 12D3 hello')
  expect(said.pop()).toContain('give its id')
  for (const { connection } of [bob, eve]) chat.names.heard(connection.nearID, 'sam')
  await runChatCommand(chat, '/msg sam hello')
  expect(said.pop()).toContain(shortPeer(bob.connection.nearID))
  await runChatCommand(chat, '/msg bob')
  expect(said.pop()).toContain('/msg PEER TEXT')
  await runChatCommand(chat, '/msg 12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA hello')
  expect(said.pop()).toBe('AJU5SA is not there')
})

test('/who tells neighbors, members farther away, and who else was heard', async () => {
  const { scene: chat, said } = await scene()
  const [near] = chat.group.neighbors
  const far = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
  const gone = '12D3KooWHXvyc1QiZTwJjLtXyu1o7gwxCNr86uY9UP3FDAfgmman'
  chat.names.heard(far, 'eve')
  chat.names.heard(gone, 'max')
  const group = new Proxy(chat.group, {
    get: (target, key) => (key === 'members' ? new Map([[far, {}]]) : Reflect.get(target, key, target))
  })
  await runChatCommand({ ...chat, group }, '/who')
  const lines = (said.pop() ?? '').split('\n')
  expect(lines).toContain(`${shortPeer(near?.peerID ?? '')}  neighbor`)
  expect(lines).toContain('eve (AJU5SA)  here')
  expect(lines).toContain(`max (${shortPeer(gone)})  heard`)
})

test('/help has each command', async () => {
  const { scene: chat, said } = await scene()
  await runChatCommand(chat, '/help')
  for (const command of ['/who', '/neighbors', '/msg', '/help', '/quit']) expect(said[0]).toContain(command)
})
