import { expect } from 'vitest'
import type { TestPage } from './test-browser.ts'

/** How long pictures and sound may take to come, in ms: on a machine that does a dozen other things. */
const WITHIN_MS = 40_000

/** What a page's `<video>` shows at a moment. */
export interface ShownPicture {
  readonly width: number
  readonly height: number
  /** A digest of its pixels. */
  readonly pixels: string
  readonly isMuted: boolean
  readonly isPaused: boolean
}

/** What is to be shown. */
export interface WantedPictures {
  /** How many different ones. @default 4 */
  count?: number
  /** In pixels. @default the fake camera's */
  width?: number
  height?: number
  /** Which `<video>` of the page. @default the first */
  at?: number
}

/** What its `<video>` shows now. */
export async function shownBy({ page }: TestPage, at = 0): Promise<ShownPicture> {
  return await page.evaluate(async at => {
    const video = document.querySelectorAll('video')[at] as HTMLVideoElement
    const { videoWidth: width, videoHeight: height, muted: isMuted, paused: isPaused } = video
    // Small: pages have the processor for the pictures themselves.
    const canvas = new OffscreenCanvas(64, 48)
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
    return { width, height, isMuted, isPaused, pixels: String(digest) }
  }, at)
}

/** Resolves when its `<video>` has shown so many different pictures of this size. */
export async function waitForPictures(page: TestPage, wanted: WantedPictures = {}): Promise<void> {
  const { count = 4, width = 640, height = 480, at } = wanted
  const seen = new Set<string>()
  const look = async (): Promise<string> => {
    const shown = await shownBy(page, at)
    if (shown.width === width && shown.height === height) seen.add(shown.pixels)
    return seen.size >= count
      ? 'enough'
      : `${seen.size} of ${width} × ${height}, last ${JSON.stringify(shown)}`
  }
  await expect.poll(look, { timeout: WITHIN_MS, interval: 100 }).toBe('enough')
}

/** Resolves when a beep of the fake microphone, or a tone, has been heard in what its first `<video>` plays. */
export async function waitForSound({ page }: TestPage): Promise<void> {
  await page.evaluate(() => {
    const video = document.querySelector('video') as HTMLVideoElement
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    const loudness = { max: 0 }
    Object.assign(window, { loudness, hearing: context })
    let heard: MediaStreamTrack | undefined
    const samples = new Float32Array(analyser.fftSize)
    setInterval(() => {
      const { srcObject } = video
      const [track] = srcObject instanceof MediaStream ? srcObject.getAudioTracks() : []
      if (track !== undefined && track !== heard) {
        heard = track
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
      }
      analyser.getFloatTimeDomainData(samples)
      loudness.max = Math.max(loudness.max, ...samples)
    }, 20)
  })
  await page.waitForFunction(
    () => (window as unknown as { loudness: { max: number } }).loudness.max > 0.05,
    undefined,
    { timeout: WITHIN_MS }
  )
}
