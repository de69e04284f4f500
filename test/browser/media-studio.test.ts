// netgroup/media in one page, which publishes and plays: what the programs of the plan do not come to.
import { describe, expect, test } from 'vitest'
import { usePages } from '../support/browser/built-pages.ts'
import { shownBy, waitForPictures, waitForSound } from '../support/browser/shown-media.ts'
import { skipsBrowser, type TestPage, useBrowser } from '../support/browser/test-browser.ts'

const STUDIO = 'browser/pages/studio.html'
const SMALL = { width: 160, height: 120 }

describe.skipIf(skipsBrowser)('netgroup/media', { timeout: 120_000 }, () => {
  const browser = useBrowser({ hasDevices: true })
  const pages = usePages(STUDIO)
  const open = (init?: () => void): Promise<TestPage> =>
    browser.open(pages.url(STUDIO), { name: 'studio', ...(init === undefined ? {} : { init }) })

  test('where a page cannot read tracks nor write them, <video>, canvas and AudioWorklet do it', async () => {
    const studio = await open(() => {
      for (const name of ['MediaStreamTrackProcessor', 'MediaStreamTrackGenerator'])
        Reflect.deleteProperty(window, name)
    })
    await studio.page.evaluate(async () => {
      const { media } = window.studio
      const stream = await window.studio.publishDirect()
      const devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
      await media.attachMedia(stream, devices)
      await media.attachNetStream(window.studio.video(), await window.studio.playDirect())
    })
    await waitForPictures(studio)
    await waitForSound(studio)
    expect(studio.log.uncaught).toEqual([])
  })

  test('who comes late to a direct stream is given a keyframe at once, also of pictures that do not change', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publishDirect()
      const picture = document.createElement('canvas')
      Object.assign(picture, { width: 160, height: 120 })
      const context = picture.getContext('2d')
      const [track] = picture.captureStream().getVideoTracks()
      await studio.media.attachCamera(stream, track ?? null, { keyframeInterval: 60 })
      context?.fillRect(0, 0, 99, 99)
      await studio.media.attachNetStream(studio.video(0), await studio.playDirect())
    })
    await waitForPictures(studio, { ...SMALL, count: 1 })
    await studio.page.evaluate(async () => {
      const { studio } = window
      await studio.media.attachNetStream(studio.video(1), await studio.playDirect())
    })
    await waitForPictures(studio, { ...SMALL, count: 1, at: 1 })
  })

  test('another camera takes the place of the first, in another size, and is turned; null ends it', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publishDirect()
      Object.assign(window, { stream })
      await studio.media.attachCamera(stream, studio.pictures(160, 120))
      await studio.media.attachNetStream(studio.video(), await studio.playDirect())
    })
    await waitForPictures(studio, SMALL)
    await studio.page.evaluate(async () => {
      const { studio, stream } = window as unknown as StudioWindow
      await studio.media.attachCamera(stream, studio.pictures(322, 242))
    })
    await waitForPictures(studio, { width: 322, height: 242 })
    await studio.page.evaluate(() => window.studio.turn())
    await waitForPictures(studio, { width: 242, height: 322 })
    const written = await studio.page.evaluate(async () => {
      const { studio, stream } = window as unknown as StudioWindow
      await studio.media.attachCamera(stream, null)
      const videoBytes = (): number => stream.info['videoByteCount'] ?? 0
      const before = videoBytes()
      await studio.media.attachAudio(stream, studio.tone())
      while ((stream.info['audioByteCount'] ?? 0) < 5_000) await new Promise(requestAnimationFrame)
      return { before, after: videoBytes() }
    })
    expect(written.before).toBeGreaterThan(0)
    expect(written.after).toBe(written.before)
    await waitForSound(studio)
  })

  test('a group that hears a stream without pictures hears it, also who comes late', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publish()
      await studio.media.attachAudio(stream, studio.tone())
      const early = await studio.play(1)
      await studio.media.attachNetStream(studio.video(1), early)
      const another = await studio.play(2)
      let starts = 0
      for await (const { keyframe } of another.frames()) {
        if (keyframe === true) starts += 1
        if (starts === 3) break
      }
      await another.close()
      await studio.media.attachNetStream(studio.video(0), await studio.play(2))
    })
    await waitForSound(studio)
  })

  test('a stream plays in one element at a time, and in none when it is taken out', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publishDirect()
      await studio.media.attachCamera(stream, studio.pictures(160, 120))
      const player = await studio.playDirect()
      Object.assign(window, { player })
      await studio.media.attachNetStream(studio.video(0), player)
    })
    await waitForPictures(studio, SMALL)
    await studio.page.evaluate(async () => {
      const { studio, player } = window as unknown as StudioWindow
      await studio.media.attachNetStream(studio.video(1), player)
    })
    await waitForPictures(studio, { ...SMALL, at: 1 })
    const left = await studio.page.evaluate(async () => {
      const { studio } = window as unknown as StudioWindow
      const wasLeft = studio.video(0).srcObject === null
      await studio.media.attachNetStream(studio.video(1), null)
      return [wasLeft, studio.video(1).srcObject === null]
    })
    expect(left).toEqual([true, true])
    expect(studio.log.uncaught).toEqual([])
  })

  test('a stream that is published anew in a group goes on in the same element; one that is closed falls silent', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publish()
      Object.assign(window, { stream })
      await studio.media.attachMedia(stream, new MediaStream([studio.pictures(160, 120), studio.tone()]))
      const player = await studio.play()
      Object.assign(window, { player })
      await studio.media.attachNetStream(studio.video(), player)
    })
    await waitForPictures(studio, SMALL)
    await studio.page.evaluate(async () => {
      const { studio, stream } = window as unknown as StudioWindow
      await stream.close()
      const again = await studio.publish()
      await studio.media.attachMedia(again, new MediaStream([studio.pictures(200, 100), studio.tone()]))
    })
    await waitForPictures(studio, { width: 200, height: 100 })
    const widthAfterwards = await studio.page.evaluate(async () => {
      const { studio, player } = window as unknown as StudioWindow
      const [track] = (studio.video().srcObject as MediaStream).getAudioTracks()
      await player.close()
      while (track?.readyState !== 'ended') await new Promise(requestAnimationFrame)
      return studio.video().videoWidth
    })
    expect(widthAfterwards).toBe(200)
    expect(studio.log.uncaught).toEqual([])
  })

  test('a page that nobody has touched shows pictures, and is heard after a click', async () => {
    const studio = await open(() =>
      addEventListener('load', () => {
        const { studio } = window
        const play = async (): Promise<void> => {
          const stream = await studio.publishDirect()
          const made = new MediaStream([studio.pictures(160, 120), studio.tone()])
          await studio.media.attachMedia(stream, made)
          await studio.media.attachNetStream(studio.video(), await studio.playDirect())
          // What tests do in a page counts as a touch.
          studio.video().addEventListener('playing', () => console.log(`muted ${studio.video().muted}`))
        }
        void play()
      })
    )
    await expect.poll(() => studio.log.toString(), { timeout: 20_000 }).toContain('muted true')
    await waitForPictures(studio, SMALL)
    expect(await shownBy(studio)).toMatchObject({ isMuted: true, isPaused: false })
    await studio.page.click('button')
    await waitForSound(studio)
    expect(await shownBy(studio)).toMatchObject({ isMuted: false, isPaused: false })
  })

  test('what the network does not take is left out before it is encoded, and then no frame is missing', async () => {
    const studio = await open()
    const written = await studio.page.evaluate(async () => {
      const { studio } = window
      const numbers: number[] = []
      const opened = Promise.withResolvers<void>()
      // A stream that takes nothing for so many pictures, and then all.
      const write = async ({ data }: { data: Uint8Array }): Promise<void> => {
        numbers.push((data[0] ?? 0) * 256 + (data[1] ?? 0))
        await opened.promise
      }
      const stream = new Proxy(await studio.publishDirect(), {
        get: (target, name) => {
          const value: unknown = name === 'write' ? write : Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        }
      })
      let drawn = 0
      let atOpening = Number.POSITIVE_INFINITY
      const onDrawn = (): void => {
        drawn += 1
        if (drawn !== 30) return
        atOpening = numbers.length
        opened.resolve()
      }
      await studio.media.attachCamera(stream, studio.pictures(64, 64, onDrawn))
      while (numbers.length < atOpening + 10) await new Promise(requestAnimationFrame)
      return { atOpening, numbers }
    })
    expect(written.atOpening).toBeGreaterThan(0)
    expect(written.atOpening).toBeLessThanOrEqual(8)
    expect(written.numbers).toEqual(written.numbers.map((_, i) => i))
  })

  test('what this browser cannot decode is told, and the rest is played', async () => {
    const studio = await open()
    await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publishDirect()
      await studio.media.attachNetStream(studio.video(), await studio.playDirect())
      // Frame 0, configuration 1 of 10 bytes: codec 'none', 64 × 64.
      const data = Uint8Array.of(0, 0, 1, 0, 10, 10, 4, 110, 111, 110, 101, 24, 64, 32, 64, 1, 2, 3)
      await stream.write({ kind: 'video', timestamp: 0, keyframe: true, data })
      await studio.media.attachAudio(stream, studio.tone())
    })
    await waitForSound(studio)
    const told = await studio.page.evaluate(() => window.studio.told)
    expect(told).toContainEqual({
      code: 'NetStream.Play.NoSupportedTrackFound',
      level: 'warning',
      kind: 'video',
      codec: 'none'
    })
  })

  test('what cannot be attached is said', async () => {
    const studio = await open()
    const errors = await studio.page.evaluate(async () => {
      const { studio } = window
      const stream = await studio.publishDirect()
      const ended = studio.pictures(64, 64)
      ended.stop()
      Reflect.deleteProperty(window, 'AudioEncoder')
      const tries = [
        studio.media.attachCamera(stream, studio.tone()),
        studio.media.attachCamera(stream, ended),
        studio.media.attachCamera(stream, studio.pictures(64, 64), { codec: 'morse' }),
        studio.media.attachCamera(stream, studio.pictures(64, 64), { bitrate: 0 }),
        studio.media.attachAudio(stream, studio.tone())
      ]
      const settled = await Promise.allSettled(tries)
      return settled.map(each => (each.status === 'rejected' ? String(each.reason) : 'attached'))
    })
    expect(errors).toEqual([
      'TypeError: Cannot attach a camera: give a MediaStreamTrack of kind video, or null',
      'TypeError: Cannot attach a camera: its track has ended',
      'NetGroupError: Cannot attach a camera: this browser encodes none of morse with 64 × 64 pixels',
      'RangeError: Cannot use bitrate 0: give a number above 0, and at most 1000000000',
      'NetGroupError: Cannot attach a microphone: WebCodecs (AudioEncoder) is not there; use a browser of 2025 or later'
    ])
  })
})

/** What tests keep in the page besides. */
interface StudioWindow extends Window {
  readonly stream: Parameters<Window['studio']['media']['attachCamera']>[0]
  readonly player: Awaited<ReturnType<Window['studio']['playDirect']>>
}
