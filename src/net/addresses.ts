import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** The multiaddr that these bytes are; undefined when they are none: what others put into a groupspec is a hint, not a promise. */
export function multiaddrOf(bytes: Uint8Array): Multiaddr | undefined {
  try {
    return multiaddr(bytes)
  } catch {
    return undefined
  }
}
