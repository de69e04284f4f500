import type { IceServer } from '../net/platform.ts'

/**
 * Asked by libp2p at each WebRTC dial, ours and others'. Its list is explicit also when empty: otherwise libp2p asks four public STUN servers. Each time a new object, since node-datachannel writes into it.
 *
 * @param servers those of this moment
 * @param spell how this platform wants names and passwords of TURN servers
 */
export function iceConfiguration(
  servers: () => readonly IceServer[],
  spell: (credential: string) => string = credential => credential
): () => RTCConfiguration {
  return () => ({ iceServers: servers().map(server => spelled(server, spell)) })
}

function spelled(
  { urls, username, credential }: IceServer,
  spell: (credential: string) => string
): RTCIceServer {
  return {
    urls: [urls].flat(),
    ...(username === undefined ? {} : { username: spell(username) }),
    ...(credential === undefined ? {} : { credential: spell(credential) })
  }
}
