/** 32 bits that stand for a peer in the path of a stripe: FNV-1a of its id's text. Two that share one only keep each other from being parent and child. */
export function peerDigest(peer: string): number {
  let digest = 0x811c9dc5
  for (let i = 0; i < peer.length; i++) digest = Math.imul(digest ^ peer.charCodeAt(i), 0x01000193)
  return digest >>> 0
}
