import type { Libp2p, Logger, PrivateKey } from '@libp2p/interface'
import { MAX_REPORTED_RECORD_BYTES } from '../wire/limits.ts'
import { usefulFirst } from './addresses.ts'
import type { Clock } from './clock.ts'
import { signPeerRecord } from './signed-peer-record.ts'

/** How {@link OwnRecord} is made. */
export interface OwnRecordInit {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly clock: Clock
  readonly log: Logger
  /** There is a new one. */
  readonly onChange: () => void
}

/** Where this peer can be dialed, under its own signature: signed anew whenever its addresses change, so that neighbors can pass it on. */
export class OwnRecord {
  readonly #init: OwnRecordInit
  #addresses: string | undefined
  #sequence = 0
  #bytes: Uint8Array | undefined
  #isSigning = false
  #isClosed = false

  constructor(init: OwnRecordInit) {
    this.#init = init
  }

  /** Undefined until the first is signed. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes
  }

  start(): void {
    this.#init.libp2p.addEventListener('self:peer:update', this.#renew)
    this.#renew()
  }

  close(): void {
    this.#isClosed = true
    this.#init.libp2p.removeEventListener('self:peer:update', this.#renew)
  }

  readonly #renew = (): void => {
    const multiaddrs = usefulFirst(this.#init.libp2p.getMultiaddrs())
    const addresses = multiaddrs.join()
    if (this.#isClosed || this.#isSigning || (this.#bytes !== undefined && addresses === this.#addresses))
      return
    this.#addresses = addresses
    this.#isSigning = true
    this.#sign(multiaddrs)
      .catch(error => this.#init.log.error('could not sign the own addresses - %e', error))
      .finally(() => {
        this.#isSigning = false
        // They may have changed meanwhile.
        this.#renew()
      })
  }

  async #sign(multiaddrs: Parameters<typeof signPeerRecord>[0]): Promise<void> {
    const { privateKey, clock, onChange } = this.#init
    this.#sequence = Math.max(this.#sequence + 1, clock.now())
    const sealing = { sequence: BigInt(this.#sequence), maxBytes: MAX_REPORTED_RECORD_BYTES }
    this.#bytes = await signPeerRecord(multiaddrs, privateKey, sealing)
    if (!this.#isClosed) onChange()
  }
}
