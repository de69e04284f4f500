// What people call themselves. A name is a claim of a stranger: only the peer id is proven.

const MAX_NAME_LENGTH = 32

/** Controls, and characters that nobody sees or that turn text around: with them one name can look like another. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A name as it can be shown: one line, not too long, nothing invisible. undefined when nothing is left. */
export function cleanName(name: string): string | undefined {
  const clean = [...name.replaceAll(UNSAFE, '').replaceAll(/\s+/g, ' ').trim()]
    .slice(0, MAX_NAME_LENGTH)
    .join('')
    .trim()
  return clean === '' ? undefined : clean
}

/** A peer id as people can tell it apart: its end, since all begin alike. */
export function shortPeer(peerID: string): string {
  return peerID.slice(-6)
}

/** A hue of the color circle for a peer, always the same. */
export function hueOf(peerID: string): number {
  let sum = 0
  for (const character of peerID) sum = (sum * 31 + character.charCodeAt(0)) % 3_600
  return sum % 360
}

const KEY = 'netgroup-chat-name'

/** The name that was used last in this browser. */
export function rememberedName(): string | undefined {
  return cleanName(localStorage.getItem(KEY) ?? '')
}

export function rememberName(name: string | undefined): void {
  if (name === undefined) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, name)
}
