/** 0 ≤ x < 1 out of numbers: the same for the same ones, and unlike for those next to each other (the finish of MurmurHash3). */
export function mixed(seed: number, a: number, b = 0): number {
  let hash =
    (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(a | 0, 0x85ebca77) ^ Math.imul(b | 0, 0xc2b2ae3d)) | 0
  for (let round = 0; round < 2; round++) {
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return (hash >>> 0) / 2 ** 32
}

/** The seed of a run: what the environment's SEED says, else the one given. It is printed, so that a run that failed can be had again. */
export function seedFor(name: string, seed = 1): number {
  const chosen = Number(process.env['SEED'] ?? seed)
  console.log(`${name}: SEED=${chosen}`)
  return chosen
}
