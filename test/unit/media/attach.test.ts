import { isNetGroupError, type NetStreamPlayer, type NetStreamPublisher } from 'netgroup'
import { attachAudio, attachCamera, attachMedia, attachNetStream } from 'netgroup/media'
import { expect, it } from 'vitest'

it('where there is no WebCodecs, attaching says so, and what to do', async () => {
  const publisher = { write: async () => {} } as unknown as NetStreamPublisher
  const player = { frames: () => [] } as unknown as NetStreamPlayer
  for (const attaching of [
    attachCamera(publisher, {} as MediaStreamTrack),
    attachAudio(publisher, {} as MediaStreamTrack),
    attachMedia(publisher, {} as MediaStream),
    attachNetStream({} as HTMLVideoElement, player)
  ]) {
    const error: unknown = await attaching.catch((reason: unknown) => reason)
    expect(isNetGroupError(error, 'PLATFORM_UNSUPPORTED')).toBe(true)
    expect(String(error)).toMatch(/WebCodecs .* is not there; use a browser of 2025 or later/)
  }
})
