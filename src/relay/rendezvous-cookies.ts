import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { readUint64, uint64 } from '../shared/bytes.ts'

/** Length of a server's life in a cookie, in bytes. */
export const LIFE_BYTES = 8

/** Cookies of one life of a rendezvous server: the life, then the number of the registration that it stands behind. */
export class RendezvousCookies {
  readonly #life: Uint8Array

  /** @throws RangeError when `life` is not {@link LIFE_BYTES} long */
  constructor(life: Uint8Array) {
    if (life.byteLength !== LIFE_BYTES)
      throw new RangeError(`A life has ${LIFE_BYTES} bytes, not ${life.byteLength}`)
    this.#life = life
  }

  /** The cookie behind a number. */
  write(number: number): Uint8Array {
    return concat([this.#life, uint64(number)])
  }

  /** The number in a cookie; undefined when it is not of this life, or no cookie at all. */
  read(cookie: Uint8Array): number | undefined {
    if (cookie.byteLength !== LIFE_BYTES + 8) return undefined
    return equals(cookie.subarray(0, LIFE_BYTES), this.#life) ? readUint64(cookie, LIFE_BYTES) : undefined
  }
}
