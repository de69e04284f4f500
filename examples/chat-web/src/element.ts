/** The element of index.html with this id. @throws Error when the page and the program do not belong together */
export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no element "${id}"`)
  return found as E
}

/** A new element with a text: texts of strangers get into the page here, and never as HTML. */
export function withText(
  tag: 'span' | 'p' | 'li' | 'bdi' | 'time' | 'button',
  className: string,
  text: string
): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}
