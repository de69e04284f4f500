// Every way in which netgroup fails, as data: a code, what goes with it, and a text that says what was being done.
// One catalogue for the whole house; `api/` passes it on to applications.

/** What a password in a groupspec guards: posting messages, or publishing streams. */
export type Role = 'posting' | 'publish'

/** What the canonical part of a groupspec switches on. Any difference makes another group. */
export interface Capabilities {
  /** Members may post to the whole group. @default false */
  postingEnabled: boolean
  /** Members may send to a place in the group's address space. @default false */
  routingEnabled: boolean
  /** Members may replicate objects among each other. @default false */
  objectReplicationEnabled: boolean
  /** Members may publish and play multicast streams. @default false */
  multicastEnabled: boolean
  /** Members may be found through relays. @default true */
  serverChannelEnabled: boolean
  /** Members may be found on the LAN by mDNS. @default true */
  ipMulticastMemberUpdatesEnabled: boolean
  /** Nobody connects to anybody in this group. @default false */
  peerToPeerDisabled: boolean
}

/** The data that each error code carries in `detail`. */
export interface ErrorDetails {
  CONNECT_FAILED: { attempts: { address: string; reason: string }[] }
  CLOSED: object
  GROUPSPEC_INVALID: { field: string; offset: number; reason: string }
  GROUPSPEC_UNSUPPORTED: { version: number }
  WRONG_PASSWORD: { role: Role }
  /** `'play'`: the publisher of a direct stream refuses. */
  NOT_AUTHORIZED: { role: Role | 'play' }
  CAPABILITY_DISABLED: { capability: keyof Capabilities }
  NO_NEIGHBORS: object
  MESSAGE_TOO_LARGE: { bytes: number; maxBytes: number }
  VALUE_UNSUPPORTED: { path: string }
  IDENTITY_IN_USE: { name: string }
  PLATFORM_UNSUPPORTED: { feature: string }
  STREAM_NOT_FOUND: { name: string }
  PEER_UNREACHABLE: { peerID: string }
  TIMEOUT: { afterMs: number }
  /** A file is to be fetched to where another one is. */
  FILE_EXISTS: { path: string }
  /** What is to be fetched claims what cannot be, or what is not allowed. */
  MANIFEST_INVALID: { reason: string }
  /** The system could not read or write; `cause` is its error, `systemCode` its code (`'ENOSPC'` …). */
  STORAGE_FAILED: { path: string; systemCode: string }
}

/** The codes of {@link NetGroupError}: switch on these, not on texts. */
export type ErrorCode = keyof ErrorDetails

/**
 * An operation that failed for a reason an application may want to handle.
 * `code` tells which, `detail` carries its data, `cause` what lay under it.
 */
export class NetGroupError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C
  readonly detail: ErrorDetails[C]

  constructor(code: C, message: string, detail: ErrorDetails[C], options?: ErrorOptions) {
    super(message, options)
    this.name = 'NetGroupError'
    this.code = code
    this.detail = detail
  }
}

/** Text that is not a groupspec of this version. `detail` says which field, at which byte, and why. */
export class GroupspecError extends NetGroupError<'GROUPSPEC_INVALID' | 'GROUPSPEC_UNSUPPORTED'> {
  constructor(
    code: 'GROUPSPEC_INVALID' | 'GROUPSPEC_UNSUPPORTED',
    message: string,
    detail: ErrorDetails['GROUPSPEC_INVALID'] | ErrorDetails['GROUPSPEC_UNSUPPORTED'],
    options?: ErrorOptions
  ) {
    super(code, message, detail, options)
    this.name = 'GroupspecError'
  }
}

/**
 * Is this error one of ours (and, if given, of this code)? Goes by name and code and not by `instanceof`, so that two copies of
 * netgroup in one bundle agree.
 */
export function isNetGroupError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C
): error is NetGroupError<C> {
  if (!(error instanceof Error)) return false
  if (error.name !== 'NetGroupError' && error.name !== 'GroupspecError') return false
  return code === undefined || (error as NetGroupError).code === code
}
