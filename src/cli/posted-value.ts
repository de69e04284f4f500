import { jsonLine } from './json-line.ts'
import { sanitize, sanitizeLines } from './sanitize.ts'

/** What a chat posts: plain text, or text with the name its writer goes by. Programs may post either. */
export type ChatValue = string | { name: string; text: string }

/** What the command line can show of a posted value. */
export interface Shown {
  /** What the writer calls itself: a claim, where the peer id is proven. */
  readonly name?: string
  readonly text: string
}

/** The value to post for a line of chat. */
export function chatValue(text: string, name: string | undefined): ChatValue {
  return name === undefined ? text : { name, text }
}

/**
 * Any posted value, ready to print: texts and `{ name, text }` objects as they are but made safe, everything else as JSON.
 *
 * @param makeSafe - how a stranger's text is made safe: {@link sanitizeLines}, or `sanitize` where it must stay one line
 */
export function shownValue(value: unknown, makeSafe: (text: string) => string = sanitizeLines): Shown {
  if (typeof value === 'string') return { text: makeSafe(value) }
  if (isNamedText(value)) return { name: shortName(value.name), text: makeSafe(value.text) }
  return { text: jsonLine(value) }
}

/** The name that a member shows, made safe: in a chat members show `{ name }`. */
export function shownName(presence: unknown): string | undefined {
  const name = (presence as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' ? shortName(name) : undefined
}

/** A peer id as people can tell it apart: its end, since all begin alike. */
export function shortPeer(peerID: string): string {
  return sanitize(peerID).slice(-6)
}

function isNamedText(value: unknown): value is { name: string; text: string } {
  if (typeof value !== 'object' || value === null) return false
  const { name, text } = value as { name?: unknown; text?: unknown }
  return typeof name === 'string' && typeof text === 'string'
}

function shortName(name: string): string {
  const safe = sanitize(name)
  return safe.length <= 32 ? safe : safe.slice(0, 31) + '…'
}
