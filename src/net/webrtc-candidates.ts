/** Parts that are not in libp2p's public types, seen in libp2p 3.3.11 and @libp2p/webrtc 6.0.33: where they are not, nothing is known. */
interface ConnectionInternals {
  readonly maConn?: {
    readonly peerConnection?: {
      readonly sctp?: {
        readonly transport?: {
          readonly iceTransport?: { getSelectedCandidatePair?(): CandidatePair | null }
        }
      } | null
    }
  }
}

interface CandidatePair {
  readonly local?: { readonly type?: string | null }
  readonly remote?: { readonly type?: string | null }
}

/** Does this WebRTC connection pass a TURN server, of either side? False where the browser does not tell. */
export function isOverTurn(connection: object): boolean {
  try {
    const { maConn } = connection as ConnectionInternals
    const pair = maConn?.peerConnection?.sctp?.transport?.iceTransport?.getSelectedCandidatePair?.()
    return pair?.local?.type === 'relay' || pair?.remote?.type === 'relay'
  } catch {
    // node-datachannel throws once the connection is closed.
    return false
  }
}
