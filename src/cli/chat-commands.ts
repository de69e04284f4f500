import type { Neighbor, NetGroup } from 'netgroup'
import type { NamesHeard } from './names-heard.ts'
import { peerOfWord } from './peer-word.ts'
import { chatValue, shortPeer } from './posted-value.ts'
import type { Run } from './run-command.ts'
import { sanitize } from './sanitize.ts'

/** What the commands of a chat can see. */
export interface ChatScene {
  readonly run: Run
  readonly group: NetGroup
  readonly names: NamesHeard
  /** What this member calls itself. */
  readonly name: string | undefined
}

/** The commands of a chat, each with what it does. */
export const CHAT_COMMANDS: Readonly<Record<string, string>> = {
  '/who': 'everybody in a chat of this group, neighbors, and who else was heard with a name',
  '/neighbors': 'the members this one is linked to: how, how far, since when',
  '/msg': 'PEER TEXT: say it to one member only, by name, or by the beginning or end of its id',
  '/help': 'this list; // at the beginning posts a text that begins with /',
  '/quit': 'leave'
}

/** Run a line that begins with `/`. Answers whether the chat goes on. */
export async function runChatCommand(scene: ChatScene, line: string): Promise<'stay' | 'leave'> {
  const { run, group, names } = scene
  const command = line.trim().split(/\s+/, 1)[0] ?? ''
  const say = (text: string): void => run.output.note({ code: 'Cli.Answer', level: 'status', text }, text)
  if (command === '/quit') return 'leave'
  if (command === '/who') say(who(group, names))
  else if (command === '/neighbors') say(neighbors(group, names))
  else if (command === '/msg') await tellOne(scene, line, say)
  else if (command === '/help') say(help())
  else say(`there is no ${sanitize(command)}: /help lists what there is`)
  return 'stay'
}

/** `/msg PEER TEXT`. Members on the way could read it, so it is not called secret. */
async function tellOne(
  { run, group, names, name }: ChatScene,
  line: string,
  say: (text: string) => void
): Promise<void> {
  const [, word, text] = /^\s*\/msg\s+(\S+)\s+(.*\S)/.exec(line) ?? []
  if (word === undefined || text === undefined) {
    say('/msg PEER TEXT, such as /msg ada hello')
    return
  }
  try {
    const peerID = peerOfWord(word, group, names)
    const options = { receipt: true, signal: run.signal } as const
    const { result } = await group.sendToPeer(chatValue(text, name), peerID, options)
    say(
      result === 'sent'
        ? `to ${label(peerID, names)} only: ${sanitize(text)}`
        : `${label(peerID, names)} is not there`
    )
  } catch (error) {
    if (!run.signal.aborted) run.output.error(error)
  }
}

function help(): string {
  return Object.entries(CHAT_COMMANDS)
    .map(([command, does]) => `${command.padEnd(12)}${does}`)
    .join('\n')
}

function who(group: NetGroup, names: NamesHeard): string {
  const linked = group.neighbors.map(neighbor => neighbor.peerID)
  const listed = new Set([...group.members.keys(), ...linked, ...names.all.keys()])
  const lines = [...listed].map(peerID => {
    const how = linked.includes(peerID) ? 'neighbor' : group.members.has(peerID) ? 'here' : 'heard'
    return `${label(peerID, names)}  ${how}`
  })
  return lines.length === 0 ? 'nobody yet' : lines.join('\n')
}

function neighbors(group: NetGroup, names: NamesHeard): string {
  if (group.neighbors.length === 0) return 'no neighbors yet'
  return group.neighbors.map(neighbor => neighborLine(neighbor, names)).join('\n')
}

function neighborLine(neighbor: Neighbor, names: NamesHeard): string {
  const how = neighbor.relayed ? `${neighbor.transport} (relayed)` : neighbor.transport
  const rtt = Number.isFinite(neighbor.rttMs) ? `${neighbor.rttMs.toFixed(1)} ms` : '-'
  const since = neighbor.since.toLocaleTimeString()
  return `${label(neighbor.peerID, names)}  ${how}  ${rtt}  since ${since}  ${neighbor.peerID}`
}

function label(peerID: string, names: NamesHeard): string {
  const name = names.nameOf(peerID)
  return name === undefined ? shortPeer(peerID) : `${name} (${shortPeer(peerID)})`
}
