// The numbers of libp2p's rendezvous protocol, and the bounds that both sides of it keep.
// Source: https://github.com/libp2p/specs/blob/master/rendezvous/README.md (r3, 2021-07-12), here "the specification".

/** What a message is: the specification's `MessageType`. A message without a type is a REGISTER, proto2's default. */
export const MessageType = {
  REGISTER: 0,
  REGISTER_RESPONSE: 1,
  UNREGISTER: 2,
  DISCOVER: 3,
  DISCOVER_RESPONSE: 4
} as const

/** How a request went: the specification's `ResponseStatus`. An answer without a status is OK, proto2's default. */
export const ResponseStatus = {
  OK: 0,
  E_INVALID_NAMESPACE: 100,
  E_INVALID_SIGNED_PEER_RECORD: 101,
  E_INVALID_TTL: 102,
  E_INVALID_COOKIE: 103,
  E_NOT_AUTHORIZED: 200,
  E_INTERNAL_ERROR: 300,
  E_UNAVAILABLE: 400
} as const

/** One of the values of {@link ResponseStatus}. */
export type ResponseStatus = (typeof ResponseStatus)[keyof typeof ResponseStatus]

/** The specification's name of a status (`'E_INVALID_TTL'`), or its number as text when the specification has none for it. */
export function statusName(status: number): string {
  return Object.entries(ResponseStatus).find(([, value]) => value === status)?.[0] ?? String(status)
}

/** Longest namespace, in bytes of UTF-8 (specification): E_INVALID_NAMESPACE beyond it. */
export const MAX_NAMESPACE_BYTES = 255

/** How long a registration without a TTL lasts, in seconds (specification). */
export const DEFAULT_TTL_SECONDS = 7_200

/** Longest TTL, in seconds (specification): E_INVALID_TTL beyond it. The specification's minimum of 2 h is not kept: see RendezvousRegistry. */
export const MAX_TTL_SECONDS = 259_200

/** Most registrations in one answer (protocol.md §9; the specification recommends at most 1,000): a larger limit is cut to it. */
export const MAX_DISCOVER_LIMIT = 100

/**
 * Largest signed peer record, in bytes: E_INVALID_SIGNED_PEER_RECORD beyond it. Some 30 addresses fit, more than libp2p dials of one
 * peer (25).
 */
export const MAX_SIGNED_RECORD_BYTES = 4_096

/** Largest message to a server, in bytes: one record, one namespace and some room; the stream is reset beyond it. */
export const MAX_REQUEST_BYTES = 8_192

/** Largest message to a client, in bytes: {@link MAX_DISCOVER_LIMIT} of the largest registrations; the stream is reset beyond it. */
export const MAX_RESPONSE_BYTES = 524_288
