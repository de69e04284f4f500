import type { IceServers } from '../net/ice-servers.ts'

/** Asked by libp2p at each WebRTC dial, ours and others'. Its list is explicit also when empty: otherwise libp2p asks four public STUN servers. */
export function iceConfiguration(servers: IceServers): () => RTCConfiguration {
  return () => ({ iceServers: servers.all })
}
