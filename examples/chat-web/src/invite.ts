import type { GroupSpecifier } from 'netgroup'
import { element } from './element.ts'

/** The link that brings others here, with a button that copies it. Rights that one's own link gave are not passed on. */
export function showInvite(spec: GroupSpecifier): void {
  const field = element<HTMLInputElement>('invite-link')
  const said = element('invite-said')
  field.value = spec.toLink(pageForOthers(spec))
  field.addEventListener('focus', () => field.select())
  element('invite-copy').addEventListener('click', () => {
    void copy(field).then(isCopied => {
      said.textContent = isCopied ? 'Copied.' : 'Not copied: the link is selected, copy it with the keyboard.'
    })
  })
}

/** This page's address as others reach it. Of a page on localhost: where its relay is, when both have one port and so one server, as with `npm start`. */
function pageForOthers(spec: GroupSpecifier): string {
  const page = new URL(location.href.split('#')[0] ?? '')
  const isLocal = /^(localhost|127\..*|\[::1\])$/.test(page.hostname)
  for (const relay of isLocal ? spec.describe().relays : []) {
    const [, host, port] = /^\/ip4\/([\d.]+)\/tcp\/(\d+)\/ws\b/.exec(relay) ?? []
    if (host === undefined || port !== page.port) continue
    page.hostname = host
    break
  }
  return page.href
}

async function copy(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    // Pages that came over plain HTTP from another machine have no clipboard; this old way is left.
    field.select()
    return document.execCommand('copy')
  }
}
