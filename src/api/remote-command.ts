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
    if (isOfPlatform(prototype)) return undefined
    if (Object.hasOwn(prototype, name)) return methodOf(prototype, name)
  }
  return undefined
}

/** May a command have this name? @throws TypeError */
export function checkCommand(name: unknown): void {
  if (typeof name !== 'string' || name === '' || name.startsWith('_') || name === 'constructor')
    throw new TypeError(
      `Cannot call ${JSON.stringify(name)}: give the name of a method that does not begin with _`
    )
}

/** That of all objects, or of a class which is there by itself: `Array`, `EventTarget` … */
function isOfPlatform(prototype: object): boolean {
  if (parentOf(prototype) === null) return true
  const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof type === 'function' && Reflect.get(globalThis, type.name) === type
}

function parentOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null
}

/** Looks without running anything: a getter is no method. */
function methodOf(object: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown) : undefined
}
