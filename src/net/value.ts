// Values of applications as bytes: deterministic CBOR (RFC 8949 §4.2.1) with registered tags for what JSON lacks. Strict both ways: what
// could not come back as it was is refused on sending, what is not in this form is refused on arrival.
import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged } from 'cborg'
import * as taglib from 'cborg/taglib'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { NetGroupError } from '../core/errors.ts'
import { decodeBytes, encodeBytes } from './byte-string.ts'

/** Classes by the name under which they travel: the original's `[RemoteClass]`. */
export type ValueClasses = Readonly<Record<string, new (...args: never[]) => object>>

/** Nesting beyond this is refused: a stranger's message must not exhaust the stack. */
const MAX_DEPTH = 64

/** IANA's tag for an object with a class name: `27([name, properties])`. */
const TAG_CLASS = 27

const TYPED_ARRAYS = {
  Uint8ClampedArray: [taglib.TAG_UINT8_CLAMPED_ARRAY, taglib.uint8ClampedArrayDecoder],
  Int8Array: [taglib.TAG_INT8_ARRAY, taglib.int8ArrayDecoder],
  Uint16Array: [taglib.TAG_UINT16_ARRAY_LE, taglib.uint16ArrayDecoder],
  Int16Array: [taglib.TAG_INT16_ARRAY_LE, taglib.int16ArrayDecoder],
  Uint32Array: [taglib.TAG_UINT32_ARRAY_LE, taglib.uint32ArrayDecoder],
  Int32Array: [taglib.TAG_INT32_ARRAY_LE, taglib.int32ArrayDecoder],
  Float32Array: [taglib.TAG_FLOAT32_ARRAY_LE, taglib.float32ArrayDecoder],
  Float64Array: [taglib.TAG_FLOAT64_ARRAY_LE, taglib.float64ArrayDecoder],
  BigUint64Array: [taglib.TAG_BIGUINT64_ARRAY_LE, taglib.bigUint64ArrayDecoder],
  BigInt64Array: [taglib.TAG_BIGINT64_ARRAY_LE, taglib.bigInt64ArrayDecoder]
} as const

type MapSorter = NonNullable<typeof rfc8949EncodeOptions.mapSorter>
const isTagged = (key: unknown): boolean => Array.isArray(key) && key.length > 1

/** Sorts keys as RFC 8949 says; keys that are tagged values (bigints, dates …) stay in the order of their Map. */
const mapSorter: MapSorter = (a, b, options) =>
  isTagged(a[0]) || isTagged(b[0]) ? 0 : (rfc8949EncodeOptions.mapSorter?.(a, b, options) ?? 0)

const typeEncoders = {
  Date: taglib.dateEncoder,
  Set: taglib.setEncoder,
  Map: taglib.mapEncoder,
  number: taglib.negativeZeroEncoder
}

const ENCODE_OPTIONS = { ...rfc8949EncodeOptions, mapSorter, typeEncoders }

const decoders: DecodeOptions['tags'] = {
  [taglib.TAG_DATE_EPOCH]: taglib.dateDecoder,
  [taglib.TAG_BIGINT_POS]: content => unsignedOf(content()),
  [taglib.TAG_BIGINT_NEG]: content => ~unsignedOf(content()),
  [taglib.TAG_SET]: taglib.setDecoder,
  [taglib.TAG_MAP]: taglib.mapDecoder,
  ...Object.fromEntries(Object.values(TYPED_ARRAYS))
}

/**
 * A value as bytes: null, boolean, number, bigint, string, Uint8Array and typed arrays, Date, Map, Set, arrays, plain objects, and
 * instances of `classes` (their own enumerable properties). A property that is `undefined` is left out, as JSON does.
 *
 * @throws NetGroupError VALUE_UNSUPPORTED with the path to the first thing that is none of these
 */
export function encodeValue(value: unknown, classes: ValueClasses = {}): Uint8Array {
  if (value instanceof Uint8Array) return encodeBytes(value)
  const names = new Map(Object.entries(classes).map(([name, type]) => [type.prototype as object, name]))
  return encode(prepare(value, '', [], names), ENCODE_OPTIONS)
}

/**
 * The value that these bytes are, with instances of `classes` made without calling their constructors.
 *
 * @throws Error when they are not in the form that {@link encodeValue} writes, or name an unknown class: a stranger's fault, never
 *   shown to the application
 */
export function decodeValue(bytes: Uint8Array, classes: ValueClasses = {}): unknown {
  const content = decodeBytes(bytes)
  if (content !== undefined) return content
  return decode(bytes, Object.keys(classes).length === 0 ? PLAIN_DECODE_OPTIONS : decodeOptionsFor(classes))
}

function decodeOptionsFor(classes: ValueClasses): DecodeOptions {
  return {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    rejectDuplicateMapKeys: true,
    tags: {
      ...decoders,
      [TAG_CLASS]: content => reviveInstance(content(), classes)
    }
  }
}

/** Made once: most groups have no classes. */
const PLAIN_DECODE_OPTIONS = decodeOptionsFor({})

/** As cborg's decoders do, which take quadratic time: minutes for what a stranger may send. */
function unsignedOf(bytes: unknown): bigint {
  if (!(bytes instanceof Uint8Array)) throw new Error('A bigint that is not bytes')
  return BigInt(`0x0${bytesToText(bytes, 'base16')}`)
}

function reviveInstance(content: unknown, classes: ValueClasses): object {
  if (!Array.isArray(content) || content.length !== 2) throw new Error('Not a class name and its properties')
  const [name, properties] = content as [unknown, unknown]
  if (typeof name !== 'string' || !Object.hasOwn(classes, name))
    throw new Error('An instance of an unknown class')
  if (typeof properties !== 'object' || properties === null) throw new Error('An instance without properties')
  const instance: object = Object.create((classes[name] as ValueClasses[string]).prototype as object)
  for (const [key, value] of Object.entries(properties))
    Object.defineProperty(instance, key, { value, configurable: true, enumerable: true, writable: true })
  return instance
}

/** The same value with class instances replaced by their tagged form; refuses what CBOR would bend. */
function prepare(value: unknown, path: string, parents: object[], names: Map<object, string>): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value
    case 'bigint':
      return prepareBigInt(value)
    case 'object':
      break
    default:
      throw unsupported(path, typeof value)
  }
  if (value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unsupported(path, 'an invalid Date')
    return value
  }
  if (ArrayBuffer.isView(value)) return prepareTypedArray(value, path)
  if (parents.includes(value)) throw unsupported(path, 'a reference to something around it')
  if (parents.length >= MAX_DEPTH) throw unsupported(path, `nested more than ${MAX_DEPTH} deep`)
  return prepareContainer(value, path, [...parents, value], names)
}

/** As cborg's encoder does, which takes quadratic time. */
function prepareBigInt(value: bigint): Tagged {
  const hex = (value < 0n ? ~value : value).toString(16)
  const bytes = fromString(hex.length % 2 === 0 ? hex : `0${hex}`, 'base16')
  return new Tagged(value < 0n ? taglib.TAG_BIGINT_NEG : taglib.TAG_BIGINT_POS, bytes)
}

function prepareTypedArray(value: ArrayBufferView, path: string): Tagged {
  const known = TYPED_ARRAYS[value.constructor.name as keyof typeof TYPED_ARRAYS]
  if (known === undefined) throw unsupported(path, `a ${value.constructor.name}`)
  return new Tagged(known[0], new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
}

function prepareContainer(
  value: object,
  path: string,
  parents: object[],
  names: Map<object, string>
): unknown {
  const inner = (item: unknown, at: string): unknown => prepare(item, `${path}${at}`, parents, names)
  if (Array.isArray(value)) return Array.from(value, (item, i) => inner(item, `[${i}]`))
  if (value instanceof Set) return new Set([...value].map((item, i) => inner(item, `.values()[${i}]`)))
  if (value instanceof Map) {
    return new Map([...value].map(([k, v], i) => [inner(k, `.keys()[${i}]`), inner(v, `.values()[${i}]`)]))
  }
  const prototype = Object.getPrototypeOf(value) as object | null
  const name = prototype === null ? undefined : names.get(prototype)
  if (name === undefined && prototype !== null && prototype !== Object.prototype)
    throw unsupported(
      path,
      `an instance of ${value.constructor?.name ?? 'an unnamed class'} that is not in classes`
    )
  const properties = Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, inner(item, `.${key}`)])
  )
  return name === undefined ? properties : new Tagged(TAG_CLASS, [name, properties])
}

function unsupported(path: string, what: string): NetGroupError<'VALUE_UNSUPPORTED'> {
  const where = path === '' ? 'the value' : `value${path}`
  return new NetGroupError('VALUE_UNSUPPORTED', `Cannot send ${where}: it is ${what}`, { path })
}
