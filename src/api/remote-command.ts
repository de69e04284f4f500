// What another member may run here.

/**
 * The method of this name, its own or one that its class declares; undefined for all else: what every object has, what a class of the language or the platform brings,
 * names that begin with `_`, and `constructor`.
 */
export function commandOf(client: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  if (name.startsWith('_') || name === 'constructor') return undefined
  const own = methodOf(client, name)
  if (own !== undefined) return own
  for (let prototype = parentOf(client); prototype !== null; prototype = parentOf(prototype)) {
    // The last one is that of all objects.
    if (parentOf(prototype) === null) return undefined
    if (Object.hasOwn(prototype, name)) {
      const method = methodOf(prototype, name)
      return method === undefined || isNative(method) ? undefined : method
    }
  }
  return undefined
}

function parentOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null
}

/** Looks without running anything: a getter is no method. */
function methodOf(object: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown) : undefined
}

function isNative(method: (...args: unknown[]) => unknown): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(method))
}
