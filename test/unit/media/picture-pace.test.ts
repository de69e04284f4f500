import { describe, expect, it } from 'vitest'
import { PicturePace } from '../../../src/media/picture-pace.ts'

/** Pictures for so long, 20 a second, of which one in so many is left out. @returns the bitrate then */
function bitrateAt(pace: PicturePace, fromS: number, toS: number, oneIn: number): number {
  for (let i = fromS * 20 + 1; i <= toS * 20; i++) pace.picture(i % oneIn === 0, i * 50)
  return pace.bitrate
}

describe('PicturePace', () => {
  it('falls by a quarter each second in which many pictures had to be left out, to a least one', () => {
    const pace = new PicturePace(1_000_000, 0)
    expect(bitrateAt(pace, 0, 1, 4)).toBe(750_000)
    expect(bitrateAt(pace, 1, 2, 4)).toBe(562_500)
    expect(bitrateAt(pace, 2, 20, 2)).toBe(100_000)
  })

  it('stays when few had to', () => {
    expect(bitrateAt(new PicturePace(1_000_000, 0), 0, 10, 20)).toBe(1_000_000)
  })

  it('rises slowly when it has been quiet for five seconds, to where it began', () => {
    const pace = new PicturePace(1_000_000, 0)
    expect(bitrateAt(pace, 0, 1, 2)).toBe(750_000)
    expect(bitrateAt(pace, 1, 5, 1_000)).toBe(750_000)
    expect(bitrateAt(pace, 5, 6, 1_000)).toBe(825_000)
    expect(bitrateAt(pace, 6, 20, 1_000)).toBe(1_000_000)
  })

  it('is never more than it is to be, however little that is', () => {
    expect(bitrateAt(new PicturePace(50_000, 0), 0, 5, 2)).toBe(50_000)
  })

  it('tells when it has changed', () => {
    const pace = new PicturePace(1_000_000, 0)
    expect(pace.picture(true, 999)).toBe(false)
    expect(pace.picture(true, 1_000)).toBe(true)
    expect(pace.picture(false, 2_000)).toBe(false)
  })
})
