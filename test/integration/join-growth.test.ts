import { GroupSpecifier } from 'netgroup'
import { afterEach, expect, test } from 'vitest'
import { CliProcess, killCliProcesses } from '../support/cli-process.ts'

/**
 * Of data. What stays by design with a neighbor is 1.4 to 1.6 MB: of each post its id, in gossipsub's and our own lists of what was seen (5 minutes), and of each join the neighbor's mark of where its posts are (the
 * last 4,096). Compiled code, whose amount is V8's affair, is 2 to 3 MB more in the first thousand joins, and nothing in the next.
 */
const MAX_GROWTH_BYTES = 2_500_000

/** V8 without its optimizing compilers: then all that grows is data. */
const WITHOUT_COMPILERS = ['--no-opt', '--no-maglev']

afterEach(killCliProcesses)

test.for([
  ['alone', []],
  ['with a neighbor', ['neighbor']]
] as const)(
  '1,000 joins and closes of a group, %s, grow the heap by less than 2.5 MB of data',
  {
    timeout: 180_000
  },
  async ([, options]) => {
    const script = new URL('../support/join-and-close.js', import.meta.url).pathname
    const groupspec = new GroupSpecifier('joined often', {
      postingEnabled: true,
      ipMulticastMemberUpdatesEnabled: false
    }).toString()
    const child = new CliProcess([groupspec, '100', '1000', ...options], {
      command: [process.execPath, '--expose-gc', ...WITHOUT_COMPILERS, script],
      input: ''
    })
    const { exitCode, stderr } = await child.ended
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const { beforeBytes, afterBytes } = await child.waitForRow('Heap')
    const growth = Number(afterBytes) - Number(beforeBytes)
    console.log(`heap after 100 and after 1,100 joins: ${beforeBytes} ${afterBytes}, ${growth} bytes more`)
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES)
  }
)
