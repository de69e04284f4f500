// Links to files: those to groups, with the manifest's id behind the groupspec. Whoever knows groups only finds its groupspec in them.

import { parseGroupspec } from '../groupspec/groupspec.ts'
import { invalidGroupspec } from '../groupspec/groupspec-error.ts'
import { groupspecFromLink } from '../groupspec/text.ts'

/** Where links to files begin, when no page is given. */
const BASE = 'netgroup:'

/** What a link to a file carries. */
export interface FileLink {
  /** The group in which the file is, as text. */
  readonly groupspec: string
  /** What {@link fetchFile} takes, 64 hex digits. */
  readonly manifestID: string
}

/** The link to a file in a group. */
export function printFileLink({ groupspec, manifestID }: FileLink): string {
  return `${BASE}#${groupspec}&file=${manifestID}`
}

/**
 * Reads a link to a file, from {@link SharedFile.link} or `netgroup share`.
 *
 * @throws GroupspecError when it is none, or its groupspec is broken; TypeError for anything but a string
 */
export function parseFileLink(link: string): FileLink {
  if (typeof link !== 'string')
    throw new TypeError('Cannot parse the link to a file: give it as a string, "netgroup:#G:…&file=…"')
  const groupspec = groupspecFromLink(link)
  parseGroupspec(groupspec)
  const manifestID = /&file=([0-9a-f]{64})(?:&|$)/i.exec(link.slice(link.indexOf('#')))?.[1]
  if (manifestID === undefined)
    throw invalidGroupspec(
      'link',
      link.length,
      "it leads to a group and to no file: there is no '&file=' with 64 hex digits in it"
    )
  return { groupspec, manifestID: manifestID.toLowerCase() }
}
