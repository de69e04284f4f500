// The entry 'netgroup/media' (browser): camera, microphone and <video> of a page.
export { attachAudio, attachCamera, attachMedia, attachNetStream } from './media/attach.ts'
export type { CameraOptions } from './media/picture-encoding.ts'
export type { MicrophoneOptions } from './media/sound-sender.ts'
