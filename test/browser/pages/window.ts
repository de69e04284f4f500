// What the pages of these tests have on their windows, for the tests' compiler.
import type * as netgroup from 'netgroup'
import type { GroupPageState } from './group-page-state.ts'
import type { Studio } from './studio.ts'

declare global {
  interface Window {
    /** Of api.html. */
    netgroup: typeof netgroup
    /** Of group.html. */
    groupPage: GroupPageState
    /** Of studio.html. */
    studio: Studio
    /** Chromium's: a track of what is written. */
    MediaStreamTrackGenerator: new <T>(init: {
      kind: 'audio' | 'video'
    }) => MediaStreamTrack & { readonly writable: WritableStream<T> }
    MediaStreamTrackProcessor: unknown
    /** Of pages that were opened with {@link countPeerConnections}. */
    peerConnections: RTCPeerConnection[]
  }
}
