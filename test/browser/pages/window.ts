// What the pages of these tests have on their windows, for the tests' compiler.
import type * as netgroup from 'netgroup'
import type { GroupPageState } from './group-page-state.ts'

declare global {
  interface Window {
    /** Of api.html. */
    netgroup: typeof netgroup
    /** Of group.html. */
    groupPage: GroupPageState
    /** Of pages that were opened with {@link countPeerConnections}. */
    peerConnections: RTCPeerConnection[]
  }
}
