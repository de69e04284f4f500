import type { Multiaddr } from '@multiformats/multiaddr'
import { equals } from 'uint8arrays/equals'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { type Capabilities, NetGroupError, type Role } from '../core/errors.ts'
import { authorityOf } from '../core/groupspec/authority.ts'
import { DEFAULT_CAPABILITIES } from '../core/groupspec/draft.ts'
import { signGrant } from '../core/groupspec/grant.ts'
import { nameProblem } from '../core/groupspec/group-name.ts'
import {
  type Groupspec,
  parseGroupspec,
  printAuthorizations,
  printGroupspec
} from '../core/groupspec/groupspec.ts'
import { encodeIPMulticastAddress } from '../core/groupspec/ip-multicast-address.ts'
import { encodeOptions, OPTION_TYPE, ROLES, SEED_TYPE } from '../core/groupspec/option.ts'
import { printAppendix } from '../core/groupspec/text.ts'
import { describeGroupspec, type GroupDescription } from './group-description.ts'
import { checkRole, expiryMs, parseMultiaddr, parsePeerID } from './group-specifier-arguments.ts'
import { deriveSeed, GroupSpecifierState } from './group-specifier-state.ts'

/** What {@link GroupSpecifier.toLink} puts behind the `#`. */
export interface LinkOptions {
  /** With every right that this groupspec carries, to appoint others too. @default false */
  authorizations?: boolean
  /** With a grant for this peer, and this peer only, for each role that this groupspec can grant. */
  for?: string
}

let readGroupspecOf: (specifier: GroupSpecifier) => Groupspec | undefined

/**
 * The current data of a specifier, for joining.
 *
 * @throws TypeError when it is none, or a password of it is still being turned into a key
 * @internal
 */
export function groupspecOf(specifier: GroupSpecifier): Groupspec {
  const own = readGroupspecOf(specifier)
  if (own !== undefined) return own
  // Made by another copy of netgroup in the same program: its text means the same to both.
  const foreign: unknown = specifier
  if (hasText(foreign)) return parseGroupspec(foreign.groupspecWithAuthorizations())
  throw new TypeError(`Cannot use ${String(foreign)} as a groupspec: give a GroupSpecifier`)
}

/**
 * What makes a group: its name, what its members may do, and who may post and publish. Two that differ in name, capabilities,
 * passwords or unique tag are two groups whose members never meet; relays and other addresses are hints and make no difference.
 *
 * Whoever holds the text of a groupspec can read along, and can try passwords on it, at the price of one scrypt each.
 */
export class GroupSpecifier {
  #state: GroupSpecifierState

  static {
    readGroupspecOf = specifier =>
      isObject(specifier) && #state in specifier ? specifier.#state.current : undefined
  }

  /**
   * A new group with nothing allowed but what `capabilities` switch on. `serverChannelEnabled` and
   * `ipMulticastMemberUpdatesEnabled` are on unless switched off.
   *
   * @param name 1 to 255 bytes of UTF-8, normalized to NFC, without control and bidi characters
   * @throws RangeError for another name; TypeError for an unknown capability or one that is not a boolean
   */
  constructor(name: string, capabilities: Partial<Capabilities> = {}) {
    if (typeof name !== 'string') throw new TypeError(`Cannot name a group ${String(name)}: give a string`)
    const normalized = name.normalize('NFC')
    const problem = nameProblem(normalized)
    if (problem !== undefined) throw new RangeError(`Cannot name a group ${JSON.stringify(name)}: ${problem}`)
    this.#state = new GroupSpecifierState(normalized)
    for (const [capability, isOn] of Object.entries(capabilities)) {
      if (!isCapability(capability))
        throw new TypeError(
          `Cannot set '${capability}': the capabilities are ${Object.keys(DEFAULT_CAPABILITIES).join(', ')}`
        )
      if (isOn !== undefined) this.#state.setCapability(capability, isOn)
    }
  }

  /**
   * Reads a groupspec, or a link with one behind its `#`. Its canonical part is then read-only: what would change it throws.
   *
   * @throws GroupspecError saying where and why; TypeError for anything but a string
   */
  static parse(groupspecOrLink: string): GroupSpecifier {
    if (typeof groupspecOrLink !== 'string')
      throw new TypeError('Cannot parse a groupspec: give its text, or a link with it, as a string')
    const spec = parseGroupspec(groupspecOrLink)
    const specifier = new GroupSpecifier(spec.name)
    specifier.#state = new GroupSpecifierState(spec)
    return specifier
  }

  /** May members post? @default false @throws TypeError when set on a parsed groupspec, or to no boolean; so do the others. */
  get postingEnabled(): boolean {
    return this.#state.capabilities.postingEnabled
  }
  set postingEnabled(isOn: boolean) {
    this.#state.setCapability('postingEnabled', isOn)
  }

  /** May members send to places in the group's address space? @default false */
  get routingEnabled(): boolean {
    return this.#state.capabilities.routingEnabled
  }
  set routingEnabled(isOn: boolean) {
    this.#state.setCapability('routingEnabled', isOn)
  }

  /** May members replicate objects? @default false */
  get objectReplicationEnabled(): boolean {
    return this.#state.capabilities.objectReplicationEnabled
  }
  set objectReplicationEnabled(isOn: boolean) {
    this.#state.setCapability('objectReplicationEnabled', isOn)
  }

  /** May members publish and play streams? @default false */
  get multicastEnabled(): boolean {
    return this.#state.capabilities.multicastEnabled
  }
  set multicastEnabled(isOn: boolean) {
    this.#state.setCapability('multicastEnabled', isOn)
  }

  /** May members be found through relays? @default true, unlike the original's */
  get serverChannelEnabled(): boolean {
    return this.#state.capabilities.serverChannelEnabled
  }
  set serverChannelEnabled(isOn: boolean) {
    this.#state.setCapability('serverChannelEnabled', isOn)
  }

  /** May members be found on the LAN? @default true, unlike the original's */
  get ipMulticastMemberUpdatesEnabled(): boolean {
    return this.#state.capabilities.ipMulticastMemberUpdatesEnabled
  }
  set ipMulticastMemberUpdatesEnabled(isOn: boolean) {
    this.#state.setCapability('ipMulticastMemberUpdatesEnabled', isOn)
  }

  /** Does nobody connect to anybody? @default false */
  get peerToPeerDisabled(): boolean {
    return this.#state.capabilities.peerToPeerDisabled
  }
  set peerToPeerDisabled(isOn: boolean) {
    this.#state.setCapability('peerToPeerDisabled', isOn)
  }

  /** Which group this is, 64 hex digits. @throws TypeError while a password is being set */
  get groupID(): string {
    return bytesToText(this.#state.current.groupID, 'base16')
  }

  /**
   * Makes this a group that nobody can join who was not given its groupspec. Called again, it makes yet another one. Passwords
   * set before keep working, with the salts they have; those set afterwards get random salts, so call it first where guessing
   * in advance is to be ruled out.
   *
   * @throws TypeError on a parsed groupspec
   */
  makeUnique(): void {
    this.#state.makeUnique()
  }

  /**
   * Sets the password without which nobody can post; `null` for none. Takes a few tenths of a second. Until it has resolved, and
   * also after it rejected, everything that would print or use the groupspec throws: a forgotten `await` makes no open group. Of
   * several calls for a role the last one counts.
   *
   * @param salt 16 bytes. @default a hash of role and name, so that name and password lead two people to one group; random
   * after {@link makeUnique}
   * @throws (rejects) RangeError for an empty password or another salt, TypeError for other types and on a parsed groupspec
   */
  async setPostingPassword(password: string | null, salt?: Uint8Array): Promise<void> {
    await this.#state.setPassword('posting', password, salt)
  }

  /** Sets the password without which nobody can publish streams; all else as {@link setPostingPassword}. */
  async setPublishPassword(password: string | null, salt?: Uint8Array): Promise<void> {
    await this.#state.setPassword('publish', password, salt)
  }

  /**
   * Gains the right to a role by its password. Never makes another group; takes a few tenths of a second.
   *
   * @throws (rejects) NetGroupError WRONG_PASSWORD when the password is not it, or the group has none for this role;
   * TypeError for other types
   */
  async authorize(role: Role, password: string): Promise<void> {
    checkRole(role)
    if (typeof password !== 'string')
      throw new TypeError(`Cannot authorize ${role}: give the password as a string`)
    const { name, authorities } = this.#state.current
    const authority = authorities[role]
    if (authority === undefined) throw wrongPassword(role, name, `it has no ${role} password, everyone may`)
    const seed = await deriveSeed(password, authority.salt)
    if (!equals(authorityOf(seed, authority.salt).publicKey, authority.publicKey))
      throw wrongPassword(role, name, 'the password is wrong')
    // A draft has every seed of its own; and what it says may have changed meanwhile.
    if (this.#state.isParsed && !this.has(role)) this.#state.extend({ type: SEED_TYPE[role], value: seed })
  }

  /**
   * May whoever holds this groupspec use the role and grant it to others: because it carries the right, or because nothing guards
   * the role? A grant does not count, being one peer's only: `NetGroup.can()` knows who is asking.
   *
   * @throws TypeError while a password is being set
   */
  has(role: Role): boolean {
    checkRole(role)
    const { authorities, seeds } = this.#state.current
    return authorities[role] === undefined || seeds[role] !== undefined
  }

  /**
   * Gives one peer a role without giving it the password. Nothing takes a grant back but its date.
   *
   * @param options.expires until when, inclusively. @default 90 days from now
   * @returns text to append to the groupspec without authorizations that the peer is given
   * @throws NetGroupError NOT_AUTHORIZED when this groupspec cannot grant the role; TypeError when the peer id is none or
   * `expires` no Date, RangeError when it is an invalid one or not after 1970
   */
  grant(peerID: string, role: Role, options: { expires?: Date } = {}): string {
    checkRole(role)
    const peerIDBytes = parsePeerID(peerID)
    const notAfterMs = expiryMs(options.expires)
    const { name, authorities, seeds, groupID } = this.#state.current
    const seed = seeds[role]
    if (seed === undefined) {
      const why =
        authorities[role] === undefined
          ? 'nothing guards it'
          : 'its password is not known here: authorize() first'
      throw new NetGroupError('NOT_AUTHORIZED', `Cannot grant ${role} in group "${name}": ${why}`, { role })
    }
    const value = signGrant({ seed, groupID, role, notAfterMs, peerIDBytes })
    return printAppendix(encodeOptions([{ type: OPTION_TYPE.grant, value }]))
  }

  /**
   * Adds a relay at which members meet. A hint: it makes no other group.
   *
   * @throws TypeError for what is no multiaddr, RangeError beyond 16 of a kind, or when they would take more than 4,096 bytes
   */
  addRelay(address: string | Multiaddr): void {
    this.#state.addHint({ type: OPTION_TYPE.relay, value: parseMultiaddr(address) })
  }

  /** Adds a member to try first. A hint; errors as {@link addRelay}. */
  addBootstrapPeer(address: string | Multiaddr): void {
    this.#state.addHint({ type: OPTION_TYPE.bootstrapPeer, value: parseMultiaddr(address) })
  }

  /**
   * Adds an IP multicast address. A hint.
   *
   * @param address '224.0.0.254' or 'ff03::1', or with its port: '224.0.0.254:30000', '[ff03::1]:30000'
   * @param source the only address to listen to
   * @throws RangeError for what is no multicast address with a port, and beyond the bounds of {@link addRelay}
   */
  addIPMulticastAddress(address: string, port?: number, source?: string): void {
    const value = encodeIPMulticastAddress(address, port, source)
    this.#state.addHint({ type: OPTION_TYPE.ipMulticastAddress, value })
  }

  /** The text with every right in it: who gets it may post and publish, and let others. @throws TypeError while a password is being set */
  groupspecWithAuthorizations(): string {
    return printGroupspec(this.#state.current, { authorizations: true })
  }

  /** The text that lets others join, and no more. @throws TypeError while a password is being set */
  groupspecWithoutAuthorizations(): string {
    return printGroupspec(this.#state.current, { authorizations: false })
  }

  /** The rights alone, to append to a groupspec without them; '' when there are none. @throws TypeError while a password is being set */
  authorizations(): string {
    return printAuthorizations(this.#state.current)
  }

  /**
   * `base`, `#` and the groupspec: what stands behind `#` goes to no server. Without authorizations unless asked for.
   *
   * @param base where the application lives; must not have a `#` in it
   * @throws NetGroupError NOT_AUTHORIZED when `for` is given, roles are guarded, and none can be granted; TypeError and
   * RangeError for arguments that are none
   */
  toLink(base: string | URL, options: LinkOptions = {}): string {
    if (typeof base !== 'string' && !(base instanceof URL))
      throw new TypeError(`Cannot make a link of ${String(base)}: give a string or a URL`)
    const text = String(base)
    if (text.includes('#'))
      throw new RangeError(`Cannot make a link of ${text}: there is a '#' in it already`)
    const authorizations = options.authorizations ?? false
    const grants = options.for === undefined ? '' : this.#grantsFor(options.for)
    return `${text}#${printGroupspec(this.#state.current, { authorizations })}${grants}`
  }

  /** All that stands in it, hints and rights too, to be shown. @throws TypeError while a password is being turned into a key */
  describe(): GroupDescription {
    return describeGroupspec(groupspecOf(this))
  }

  /** = {@link groupspecWithoutAuthorizations}: the original's gave the passwords away in every log line. */
  toString(): string {
    return this.groupspecWithoutAuthorizations()
  }

  #grantsFor(peerID: string): string {
    const { authorities, seeds } = this.#state.current
    const guarded = ROLES.filter(role => authorities[role] !== undefined)
    const grantable = guarded.filter(role => seeds[role] !== undefined)
    const [first] = guarded
    // An invitation that gives nothing would be found out by the guest.
    if (first !== undefined && grantable.length === 0) return this.grant(peerID, first)
    parsePeerID(peerID)
    return grantable.map(role => this.grant(peerID, role)).join('')
  }
}

function isCapability(text: string): text is keyof Capabilities {
  return Object.hasOwn(DEFAULT_CAPABILITIES, text)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function hasText(value: unknown): value is Pick<GroupSpecifier, 'groupspecWithAuthorizations'> {
  if (!isObject(value) || !('groupspecWithAuthorizations' in value)) return false
  return typeof value.groupspecWithAuthorizations === 'function'
}

function wrongPassword(role: Role, name: string, why: string): NetGroupError<'WRONG_PASSWORD'> {
  return new NetGroupError('WRONG_PASSWORD', `Cannot authorize ${role} in group "${name}": ${why}`, { role })
}
