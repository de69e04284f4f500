// What the processes of tests tell on stdout: rows of JSON.

/** When a process that was closed and still runs says what keeps it. libp2p's own leftover timers take a second. */
const STILL_HERE_AFTER_MS = 500

/** Tell a row, with the time on this process's clock. */
export function tell(code, fields = {}) {
  console.log(JSON.stringify({ code, atMs: performance.timeOrigin + performance.now(), ...fields }))
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
  const { libuv } = process.report.getReport()
  return {
    resources: process.getActiveResourcesInfo(),
    sockets: libuv.map(({ type }) => type).filter(type => type === 'tcp' || type === 'udp')
  }
}
