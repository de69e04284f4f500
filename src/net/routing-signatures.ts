// What is signed when messages are routed (docs/PROTOCOL.md, section 6): the message by its originator, the receipt by who delivered it.
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey, PublicKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { MODES, type RoutedMessage } from '../core/routing/routing-engine.ts'
import { label, lengthPrefixed, uint64 } from '../shared/bytes.ts'

/** What the originator signs. */
export function routedStatement(
  groupID: Uint8Array,
  message: Pick<RoutedMessage, 'id' | 'target' | 'mode' | 'sentAtMs' | 'channel' | 'payload'>
): Uint8Array {
  return concat([
    label('netgroup/3 routed'),
    groupID,
    message.id,
    message.target.address,
    Uint8Array.of(MODES.indexOf(message.mode)),
    uint64(message.sentAtMs),
    lengthPrefixed(fromString(message.channel)),
    sha256(message.payload)
  ])
}

/** What a receipt says. Peer ids as multihashes. */
export interface ReceiptStatement {
  readonly id: Uint8Array
  readonly originator: Uint8Array
  readonly deliverer: Uint8Array
  readonly hops: number
}

/** What who delivered a message signs. */
export function receiptStatement(groupID: Uint8Array, receipt: ReceiptStatement): Uint8Array {
  return concat([
    label('netgroup/3 receipt'),
    groupID,
    receipt.id,
    lengthPrefixed(receipt.originator),
    lengthPrefixed(receipt.deliverer),
    Uint8Array.of(receipt.hops)
  ])
}

/** The own key as it travels beside a signature; undefined when the peer id holds it. */
export function travellingKey({ publicKey }: PrivateKey, peerID: PeerId): Uint8Array | undefined {
  return peerID.type === 'RSA' ? publicKeyToProtobuf(publicKey) : undefined
}

/** Is this statement signed by this peer? Never throws, never rejects. @param key as it travelled */
export async function isSignedBy(
  peerID: PeerId,
  key: Uint8Array | undefined,
  statement: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  try {
    return await keyOf(peerID, key).verify(statement, signature)
  } catch {
    return false
  }
}

function keyOf(peerID: PeerId, key: Uint8Array | undefined): PublicKey {
  if (peerID.publicKey !== undefined) return peerID.publicKey
  if (key === undefined) throw new Error('There is no key')
  const publicKey = publicKeyFromProtobuf(key)
  if (!peerIdFromPublicKey(publicKey).equals(peerID)) throw new Error("The key is another peer's")
  return publicKey
}
