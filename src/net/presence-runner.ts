import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Logger, PrivateKey, PublicKey } from '@libp2p/interface'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import type { PresenceEffect, PresenceInput } from '../core/presence/presence-contract.ts'
import { PresenceEngine } from '../core/presence/presence-engine.ts'
import type { PresenceDraft, PresenceEntry } from '../core/presence/presence-entry.ts'
import type { Frame } from '../wire/link.ts'
import { Presence } from '../wire/presence.ts'
import type { Clock, Timer } from './clock.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { PeerPlaces } from './peer-places.ts'
import { decodeWords, encodeWords, signedPresence } from './presence-codec.ts'

/** What happens to a member that wants to be seen: it is there, shows something else, or is gone. */
export type PresenceNews = 'joined' | 'updated' | 'left'

/** How {@link PresenceRunner} is made. */
export interface PresenceInit {
  readonly groupID: Uint8Array
  readonly places: PeerPlaces
  readonly privateKey: PrivateKey
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  /** The group's time, ms since 1970. */
  readonly groupNow: () => number
  /** By peer id. */
  readonly links: () => ReadonlyMap<string, NeighborLink>
  readonly onNews: (news: PresenceNews, entry: PresenceEntry) => void
  /** A neighbor has passed on an entry whose signature is false: no honest member does. */
  readonly onFalse: (from: string) => void
}

/** Who is there, in one membership: runs the engine over the links, signs and verifies for it. */
export class PresenceRunner implements LinkUser {
  readonly #init: PresenceInit
  readonly #engine: PresenceEngine
  readonly #places: PeerPlaces
  readonly #peer: string
  /** Those for whom this member is to be seen. */
  readonly #holders = new Set<object>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(init: PresenceInit) {
    this.#init = init
    this.#places = init.places
    this.#peer = peerIdFromPublicKey(init.privateKey.publicKey).toString()
    this.#engine = new PresenceEngine({
      peer: this.#peer,
      placeOf: peer => this.#places.of(peer).place,
      heardAtMs: peer => init.links().get(peer)?.heardAtMs ?? 0,
      groupNow: init.groupNow,
      random: init.random
    })
  }

  /** Other members that are to be seen, in no order. */
  get members(): PresenceEntry[] {
    return this.#engine.members
  }

  /** Shows this value to others, until each holder has withdrawn. Of several the last one counts. */
  present(holder: object, value: Uint8Array): void {
    this.#holders.add(holder)
    this.#run({ type: 'present', value })
  }

  /** This holder need be seen no more. */
  withdraw(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#run({ type: 'withdraw' })
  }

  onLinkUp(link: NeighborLink): void {
    this.#run({ type: 'linkUp', peer: link.peerID.toString() })
  }

  onLinkMoved(link: NeighborLink): void {
    this.#run({ type: 'linkMoved', peer: link.peerID.toString() })
  }

  onLinkCut(link: NeighborLink): void {
    this.#run({ type: 'linkCut', peer: link.peerID.toString() })
  }

  onLinkDown(peer: string): void {
    this.#run({ type: 'linkDown', peer })
  }

  onFrame(link: NeighborLink, { presence }: Frame): void {
    if (presence === undefined) return
    const words = decodeWords(Presence.decode(presence), this.#places)
    this.#run({ type: 'words', from: link.peerID.toString(), words })
  }

  onLeaving(): void {
    this.#run({ type: 'withdraw' })
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #run(input: PresenceInput): void {
    if (this.#isClosed) return
    for (const effect of this.#engine.handle(input, this.#init.clock.now())) this.#carryOut(effect)
  }

  #carryOut(effect: PresenceEffect): void {
    const { clock, links, log, onNews } = this.#init
    switch (effect.type) {
      case 'send':
        links()
          .get(effect.to)
          ?.send({ presence: Presence.encode(encodeWords(effect.words, this.#places)) })
        break
      case 'sign':
        this.#sign(effect.entry, effect.farewell).catch(error => log.error('could not sign - %e', error))
        break
      case 'verify':
        void this.#verify(effect.entry, effect.from)
        break
      case 'ping':
        links().get(effect.to)?.ping()
        break
      case 'setTimer':
        this.#timer?.cancel()
        this.#timer = clock.setTimer(() => this.#run({ type: 'timer' }), effect.afterMs)
        break
      default:
        onNews(effect.type, effect.entry)
    }
  }

  async #sign(...drafts: [PresenceDraft, PresenceDraft]): Promise<void> {
    const { privateKey, groupID } = this.#init
    const { bytes } = this.#places.of(this.#peer)
    // Others' keys are part of their ids.
    const key = privateKey.type === 'RSA' ? publicKeyToProtobuf(privateKey.publicKey) : undefined
    const sign = async (draft: PresenceDraft): Promise<PresenceEntry> => {
      const signature = await privateKey.sign(signedPresence(groupID, bytes, draft))
      return { ...draft, signature, key }
    }
    const [entry, farewell] = await Promise.all([sign(drafts[0]), sign(drafts[1])])
    this.#run({ type: 'signed', entry, farewell })
  }

  async #verify(entry: PresenceEntry, from: string): Promise<void> {
    let isTrue = false
    try {
      const signed = signedPresence(this.#init.groupID, this.#places.of(entry.peer).bytes, entry)
      isTrue = (await keyOf(entry)?.verify(signed, entry.signature)) === true
    } catch (error) {
      this.#init.log('an entry of %s cannot be verified - %e', entry.peer, error)
    }
    if (!isTrue && !this.#isClosed) this.#init.onFalse(from)
    this.#run({ type: 'verified', entry, from, isTrue })
  }
}

/** The key of the entry's member: in its id, or beside it and belonging to it. */
function keyOf({ peer, key }: PresenceEntry): PublicKey | undefined {
  const peerID = peerIdFromString(peer)
  if (peerID.publicKey !== undefined || key === undefined) return peerID.publicKey
  const publicKey = publicKeyFromProtobuf(key)
  return peerIdFromPublicKey(publicKey).equals(peerID) ? publicKey : undefined
}
