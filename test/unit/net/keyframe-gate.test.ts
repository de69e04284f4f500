import { describe, expect, it } from 'vitest'
import { KeyframeGate } from '../../../src/net/keyframe-gate.ts'

/** Which of frames `first` to `last` pass, 25 a second. */
function passing(
  gate: KeyframeGate,
  [first, last]: readonly [number, number],
  keyframes: readonly number[]
): number[] {
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  return numbers.filter(
    number => gate.pass({ timestamp: 40_000 * number, keyframe: keyframes.includes(number) }) === undefined
  )
}

describe('KeyframeGate', () => {
  it('lets all pass as long as nothing was left out', () => {
    expect(passing(new KeyframeGate(), [1, 3], [])).toEqual([1, 2, 3])
  })

  it('lets nothing pass behind what was left out, up to the next keyframe', () => {
    const gate = new KeyframeGate()
    passing(gate, [1, 2], [1])
    gate.shut('dropped')
    expect(passing(gate, [3, 7], [5])).toEqual([5, 6, 7])
  })

  it('lets pass what has shown no keyframe', () => {
    const gate = new KeyframeGate()
    passing(gate, [1, 2], [])
    gate.shut('dropped')
    expect(passing(gate, [3, 4], [])).toEqual([3, 4])
  })

  it('waits for ten seconds of the stream at most: there may have been one keyframe alone', () => {
    const gate = new KeyframeGate()
    passing(gate, [1, 2], [1])
    gate.shut('unwanted')
    expect(passing(gate, [3, 255], [])).toEqual([253, 254, 255])
  })
})
