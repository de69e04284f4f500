/** What is posted: as `netgroup chat` posts and reads it, too, so that a terminal and a page can talk. */
export type ChatMessage = string | { name: string; text: string }

/** Longest text that is taken from a stranger. The group's own limit is 64 KiB. */
const MAX_TEXT_LENGTH = 8_000

export function isChatMessage(value: unknown): value is ChatMessage {
  if (typeof value === 'string') return value.length <= MAX_TEXT_LENGTH
  if (typeof value !== 'object' || value === null) return false
  const { name, text } = value as { name?: unknown; text?: unknown }
  return typeof name === 'string' && typeof text === 'string' && text.length <= MAX_TEXT_LENGTH
}
