// What the processes of tests tell on stdout: rows of JSON.
import { existsSync, readFileSync } from 'node:fs'

/** Linux says here how long the main thread has stood in the queue for a processor: the second number, in ns (proc(5), schedstat). */
const SCHEDULER = '/proc/self/schedstat'
const hasScheduler = existsSync(SCHEDULER)

/** When a process that was closed and still runs says what keeps it. libp2p's own leftover timers take a second. */
const STILL_HERE_AFTER_MS = 500

/** Tell a row, with the time on this process's clock, and for how long it has waited for a processor since its start: 0 where that is not known. */
export function tell(code, fields = {}) {
  const atMs = performance.timeOrigin + performance.now()
  const waitedMs = hasScheduler ? Number(readFileSync(SCHEDULER, 'utf8').split(' ')[1]) / 1e6 : 0
  console.log(JSON.stringify({ code, atMs, waitedMs, ...fields }))
}

/** Close it, and tell when that was and what there is when the process ends by itself. */
export async function closeAndTell(closable) {
  tell('Closing')
  await closable.close()
  tell('Closed')
  setTimeout(() => tell('StillHere', handles()), STILL_HERE_AFTER_MS).unref()
  process.once('beforeExit', () => tell('Ending', handles()))
}

/** What keeps the process running, and sockets and servers, whether they keep it running or not. */
function handles() {
  // Otherwise Node asks the name server for the names of both ends of each socket, and waits for that.
  process.report.excludeNetwork = true
  const { libuv } = process.report.getReport()
  return {
    resources: process.getActiveResourcesInfo(),
    sockets: libuv.map(({ type }) => type).filter(type => type === 'tcp' || type === 'udp')
  }
}
