// What happens to a page that its connections may not have noticed: the network goes and comes, the browser puts the page to sleep and wakes it.

/**
 * `online`: there is a network, or another one than before; `offline`: there is none; `visible`: the page is shown, or runs again after it was kept aside or put to
 * sleep; `hidden`: it is not shown, or about to be put to sleep. After `online` and `visible` any connection may be dead without having said so.
 */
export type PageChange = 'online' | 'offline' | 'visible' | 'hidden'

/** The part of a page, or of a worker, that tells of changes. What is missing is passed over: a worker has no document, Firefox no `connection`. */
export interface PageSurroundings {
  addEventListener?: EventTarget['addEventListener']
  removeEventListener?: EventTarget['removeEventListener']
  readonly document?: EventTarget & { readonly visibilityState: string }
  readonly navigator?: { readonly onLine?: boolean; readonly connection?: EventTarget }
}

/**
 * Calls back at each change, until the answered function is called. The same change may be told several times in a row. Never throws: where nothing of a page exists
 * (a worker, Node) fewer changes are told, or none.
 *
 * @param surroundings @default the global object
 */
export function onPageChange(
  listener: (change: PageChange) => void,
  surroundings: PageSurroundings = globalThis
): () => void {
  const { document, navigator } = surroundings
  const stops: (() => void)[] = []
  const on = (
    target: Partial<EventTarget> | undefined,
    type: string,
    changeOf: (event: Event) => PageChange | undefined
  ): void => {
    const onEvent = (event: Event): void => {
      const change = changeOf(event)
      if (change !== undefined) listener(change)
    }
    target?.addEventListener?.(type, onEvent)
    stops.push(() => target?.removeEventListener?.(type, onEvent))
  }
  on(surroundings, 'online', () => 'online')
  on(surroundings, 'offline', () => 'offline')
  // Its first `pageshow` is the page's beginning; later ones are its return from the back/forward cache.
  on(surroundings, 'pageshow', event => ((event as PageTransitionEvent).persisted ? 'visible' : undefined))
  on(document, 'visibilitychange', () => (document?.visibilityState === 'hidden' ? 'hidden' : 'visible'))
  // Chromium's: a page in the background is put to sleep.
  on(document, 'freeze', () => 'hidden')
  on(document, 'resume', () => 'visible')
  // From Wi-Fi to mobile and the like, where `offline` may not come in between.
  on(navigator?.connection, 'change', () => (navigator?.onLine === false ? 'offline' : 'online'))
  return () => {
    for (const stop of stops.splice(0)) stop()
  }
}
