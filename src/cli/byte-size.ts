import { InvalidArgumentError } from 'commander'

const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?$/i

/** A parser for a size like 256MiB, 1GB or 100000, in bytes. */
export function byteSize(value: string): number {
  const size = bytesIn(value)
  if (size === undefined) throw new InvalidArgumentError('It must be a size like 256MiB, 1GB or 100000.')
  return size
}

/** A parser for a rate like 500k or 2M, in bytes per second. */
export function byteRate(value: string): number {
  const rate = bytesIn(value.replace(/(\/s|ps)$/i, ''))
  if (rate === undefined)
    throw new InvalidArgumentError('It must be bytes per second, like 500k, 2M or 1.5MiB.')
  return rate
}

function bytesIn(text: string): number | undefined {
  const [, number, prefix, binary] = SIZE.exec(text) ?? []
  const power = prefix === undefined ? 0 : 'kmgt'.indexOf(prefix.toLowerCase()) + 1
  const size = Math.round(Number(number) * (binary ? 1024 : 1000) ** power)
  return Number.isSafeInteger(size) && size >= 1 ? size : undefined
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size as people read it: `64 MiB`, `1.5 MiB`, `812 bytes`. */
export function describeBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  const digits = power === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[power]}`
}

/** A time as people read it: `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
