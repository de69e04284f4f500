import { describe, expect, it } from 'vitest'
import { VideoResumption } from '../../../src/api/video-resumption.ts'

/** Which of frames 1 to `last` are taken, 25 a second. */
function taken(video: VideoResumption, last: number, keyframes: readonly number[]): number[] {
  const numbers = Array.from({ length: last }, (_, i) => i + 1)
  return numbers.filter(number =>
    video.takes({
      kind: 'video',
      timestamp: 40_000 * number,
      keyframe: keyframes.includes(number),
      data: new Uint8Array(0)
    })
  )
}

describe('VideoResumption', () => {
  it('takes all as long as nothing else was said', () => {
    const video = new VideoResumption()
    video.want(true)
    expect(taken(video, 3, [])).toEqual([1, 2, 3])
  })

  it('goes on with a keyframe', () => {
    const video = new VideoResumption()
    video.want(false)
    expect(taken(video, 3, [2])).toEqual([])
    video.want(true)
    expect(taken(video, 5, [3])).toEqual([3, 4, 5])
  })

  it('goes on after ten seconds where there are no keyframes', () => {
    const video = new VideoResumption()
    video.want(false)
    video.want(true)
    expect(taken(video, 253, [])).toEqual([251, 252, 253])
  })
})
