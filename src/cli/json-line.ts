// Values in a group are richer than JSON, and come from strangers: deeper ones are cut rather than overflow the stack.
const MAX_DEPTH = 64
// JSON.stringify leaves these as they are, and a terminal may obey them.
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * One line of JSON for any value that can travel in a group: dates as ISO text, bytes as base64, other typed arrays as arrays of
 * numbers, bigints as decimal text, a Set as an array, a Map as an object when all its keys are text and else as an array of pairs.
 * Safe to print on a terminal: what could steer it is escaped, and the JSON still means the same.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(plain(value, 0)) ?? 'null'
  return text.replace(UNSAFE, character => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'))
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '…'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (ArrayBuffer.isView(value)) return plain(Array.from(value as unknown as ArrayLike<unknown>), depth)
  if (value instanceof Map) return plainMap(value, depth)
  if (value instanceof Set || Array.isArray(value)) return Array.from(value, item => plain(item, depth + 1))
  return plainEntries(Object.entries(value), depth)
}

function plainMap(map: Map<unknown, unknown>, depth: number): unknown {
  const entries = [...map]
  const isText = (entry: [unknown, unknown]): entry is [string, unknown] => typeof entry[0] === 'string'
  if (entries.every(isText)) return plainEntries(entries, depth)
  return entries.map(([key, item]) => [plain(key, depth + 1), plain(item, depth + 1)])
}

function plainEntries(entries: [string, unknown][], depth: number): unknown {
  // fromEntries defines `__proto__` as a property of its own, where an assignment would not.
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, depth + 1)]))
}
