/** What libp2p, Node and browsers say, and what it means for whoever gave the address. The first that matches counts; measured: each by such a dial (test/integration/connect-failed.test.ts). */
const REASONS: readonly (readonly [RegExp, string | ((...found: string[]) => string)])[] = [
  [/ECONNREFUSED/, 'connection refused: nothing listens there'],
  [/ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT/, 'no route to that address from here'],
  [/ENOTFOUND|EAI_AGAIN/, 'the host name cannot be resolved'],
  [/ETIMEDOUT/, 'no answer'],
  [
    /identity key (\S+) does not match expected remote identity key (\S+)/,
    (_, found = '', expected = '') => `another peer answers there: ${found}, not ${expected}`
  ],
  [/No transport available|NoValidAddresses/, 'this platform cannot dial that kind of address'],
  [/could not negotiate .*\/circuit\/relay/, 'the peer there is no relay'],
  [/status RESERVATION_REFUSED/i, 'the relay is full'],
  [/status PERMISSION_DENIED/i, 'the relay refuses this peer'],
  [/status NO_RESERVATION/i, 'the peer is not at that relay'],
  [/status RESOURCE_LIMIT_EXCEEDED/i, 'the relay has no room for it'],
  [/aborted due to timeout|TimeoutError/, 'no answer in time'],
  [
    /EncryptionFailed|Protocol selection failed|Unexpected server response|Parse Error|Unexpected EOF|InvalidMessage/,
    'what answers there does not speak libp2p'
  ]
]

/** Why a dial failed, in words for people. What is not known is told as it came. */
export function dialReason(error: unknown): string {
  const text = textOf(error)
  for (const [pattern, reason] of REASONS) {
    const found = pattern.exec(text)
    if (found !== null) return typeof reason === 'string' ? reason : reason(...found)
  }
  return messageOf(error)
}

/** Everything that an error says of itself: system errors have a code, some of several dials have only others in them. */
function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { name, code, errors, cause } = error as {
    name?: unknown
    code?: unknown
    errors?: unknown
    cause?: unknown
  }
  const inner = Array.isArray(errors) ? errors.map(textOf).join(' ') : ''
  return `${name} ${code} ${messageOf(error)} ${inner} ${cause === undefined ? '' : textOf(cause)}`
}

/** WebSocket errors are events. */
function messageOf(error: unknown): string {
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as { message?: unknown }
  return typeof message === 'string' && message !== '' ? message : String(error)
}
