import type { Connection } from '@libp2p/interface'
import type { IceServer } from './platform.ts'

export interface RelayInfo {
  readonly iceServers: readonly IceServer[]
}

export async function readRelayInfo(
  _connection: Connection,
  _options: { signal: AbortSignal }
): Promise<RelayInfo> {
  return { iceServers: [] }
}
