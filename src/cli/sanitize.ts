// C0 and C1 controls would reach the terminal as commands; bidi and invisible format characters make a text look like another one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * One line of text that is safe to print, out of a text that a stranger wrote: control characters, escape sequences, line breaks and
 * characters that reorder text are shown as `\x1b` or `\u202e`, and do nothing.
 */
export function sanitize(text: string): string {
  return text.replace(UNSAFE, escapeOf)
}

/** As {@link sanitize}, for text of several lines: each line is made safe by itself, and all but the first are indented. */
export function sanitizeLines(text: string, indent = '  '): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(sanitize)
    .join('\n' + indent)
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return ' '
  const code = character.charCodeAt(0)
  return code < 256 ? '\\x' + code.toString(16).padStart(2, '0') : '\\u' + code.toString(16).padStart(4, '0')
}
