// Groupspecs and their parts with fixed keys, for the tests of this folder.
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import type { Capabilities } from '../../../src/core/errors.ts'
import { defaultSalt } from '../../../src/core/groupspec/authority.ts'
import {
  type AuthoritySecret,
  buildGroupspec,
  DEFAULT_CAPABILITIES,
  type GroupspecDraft
} from '../../../src/core/groupspec/draft.ts'
import { signGrant } from '../../../src/core/groupspec/grant.ts'
import type { Groupspec } from '../../../src/core/groupspec/groupspec.ts'
import { encodeOptions, OPTION_TYPE, type Option } from '../../../src/core/groupspec/option.ts'
import { printAppendix, printSegments } from '../../../src/core/groupspec/text.ts'

/** Seeds that no password gives: scrypt has tests of its own, and takes long. */
export const POSTING: AuthoritySecret = {
  salt: defaultSalt('posting', 'news'),
  seed: new Uint8Array(32).fill(0x11)
}
export const PUBLISH: AuthoritySecret = {
  salt: new Uint8Array(16).fill(0xaa),
  seed: new Uint8Array(32).fill(0x22)
}

/** A peer id as multihash bytes: an Ed25519 key of 32 equal bytes. */
export function peerIDBytes(fill: number): Uint8Array {
  return concat([Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20), new Uint8Array(32).fill(fill)])
}

export const ALICE: Uint8Array = peerIDBytes(0xa1)
export const BOB: Uint8Array = peerIDBytes(0xb0)
export const NOW_MS = 1_900_000_000_000

/** /ip4/192.0.2.1/tcp/4001 */
export const RELAY: Uint8Array = Uint8Array.of(4, 192, 0, 2, 1, 6, 0x0f, 0xa1)

export function build(
  name: string,
  capabilities: Partial<Capabilities> = {},
  rest: Partial<Omit<GroupspecDraft, 'name' | 'capabilities'>> = {}
): Groupspec {
  const all = { ...DEFAULT_CAPABILITIES, ...capabilities }
  return buildGroupspec({ name, capabilities: all, secrets: {}, hints: [], ...rest })
}

type SampleName =
  | 'open'
  | 'all capabilities'
  | 'no capabilities'
  | 'unique'
  | 'posting guarded'
  | 'everything'

/** The samples by name: open, unique, guarded, with every kind of option. */
export const SAMPLES: Readonly<Record<SampleName, Groupspec>> = {
  open: build('hello', { postingEnabled: true }),
  'all capabilities': build('Zürich 🏔', {
    postingEnabled: true,
    routingEnabled: true,
    objectReplicationEnabled: true,
    multicastEnabled: true,
    peerToPeerDisabled: true
  }),
  'no capabilities': build('x', { serverChannelEnabled: false, ipMulticastMemberUpdatesEnabled: false }),
  unique: build('hello', { postingEnabled: true }, { uniqueTag: new Uint8Array(32).fill(0x77) }),
  'posting guarded': build('news', { postingEnabled: true }, { secrets: { posting: POSTING } }),
  everything: build(
    'news',
    { postingEnabled: true, multicastEnabled: true },
    {
      uniqueTag: new Uint8Array(32).fill(0x77),
      secrets: { posting: POSTING, publish: PUBLISH },
      hints: [
        { type: OPTION_TYPE.relay, value: RELAY },
        { type: OPTION_TYPE.bootstrapPeer, value: RELAY },
        { type: OPTION_TYPE.ipMulticastAddress, value: Uint8Array.of(224, 0, 0, 254, 0x75, 0x30) },
        { type: 0x1234, value: fromString('of a later day', 'utf8') },
        { type: 0x26, value: new Uint8Array(0) }
      ]
    }
  )
}

/** A grant of the guarded samples' posting authority, as an option and as text to append. */
export function grantOption(spec: Groupspec, peer: Uint8Array, notAfterMs: number): Option {
  const { seed } = POSTING
  const value = signGrant({ seed, groupID: spec.groupID, role: 'posting', notAfterMs, peerIDBytes: peer })
  return { type: OPTION_TYPE.grant, value }
}

export function appendix(...options: Option[]): string {
  return printAppendix(encodeOptions(options))
}

/** The text of a canonical part and of what stands behind it, right or wrong. */
export function textOf(canonical: readonly Option[] | Uint8Array, trailing: readonly Option[] = []): string {
  const head = canonical instanceof Uint8Array ? canonical : encodeOptions(canonical)
  return printSegments([concat([head, Uint8Array.of(0), encodeOptions(trailing)])])
}

/** An option of the canonical part: bytes, or text as UTF-8. */
export function option(type: number, value: string | ArrayLike<number> = []): Option {
  return { type, value: typeof value === 'string' ? fromString(value, 'utf8') : Uint8Array.from(value) }
}

export const VERSION: Option = option(0x7f, [3])
