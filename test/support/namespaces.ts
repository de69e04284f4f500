import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Names made here, in the order in which they were made: what is left when the process ends goes with it. */
const made = new Set<string>()
let count = 0

process.on('exit', () => {
  for (const name of made) tryDelete(name)
})

/** A host that is nowhere but on its LAN. */
export interface LanHost {
  readonly namespace: string
  /** Its IPv4 address. */
  readonly address: string
  /** What makes a command run on it: put it before the command. */
  readonly within: readonly string[]
}

/**
 * Hosts on one bridge, each a network namespace with an address, loopback, and a route for multicast, and no other route. The bridge stands in a namespace too, so
 * nothing of the machine's own network is touched.
 */
export class NamespaceLan implements AsyncDisposable {
  readonly hosts: readonly LanHost[]
  readonly #namespaces: readonly string[]

  private constructor(hosts: readonly LanHost[], namespaces: readonly string[]) {
    this.hosts = hosts
    this.#namespaces = namespaces
  }

  /** Makes one with this many hosts. @throws Error of `ip` when something fails; nothing is left then */
  static async create(hostCount: number): Promise<NamespaceLan> {
    const prefix = `ng-test-${process.pid}-${count++}`
    const bridge = `${prefix}-bridge`
    const hosts = Array.from({ length: hostCount }, (_, index): LanHost => {
      const namespace = `${prefix}-${index}`
      return { namespace, address: `10.77.0.${index + 1}`, within: ['ip', 'netns', 'exec', namespace] }
    })
    const lan = new NamespaceLan(hosts, [...hosts.map(({ namespace }) => namespace), bridge])
    try {
      await addBridge(bridge)
      for (const [index, host] of hosts.entries()) await addHost(host, bridge, `port${index}`)
      return lan
    } catch (error) {
      await lan.close()
      throw error
    }
  }

  /** Takes away what was made. Processes on the hosts are to have ended before. */
  async close(): Promise<void> {
    for (const namespace of this.#namespaces) if (made.has(namespace)) await remove(namespace)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Why there can be no {@link NamespaceLan} here; undefined when there can. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  try {
    await removeLeftovers()
    await (await NamespaceLan.create(1)).close()
    return undefined
  } catch (error) {
    return `network namespaces do not work here: ${error instanceof Error ? error.message.trim() : error}`
  }
}

async function addBridge(namespace: string): Promise<void> {
  await add(namespace)
  await ip('-n', namespace, 'link', 'add', 'lan', 'type', 'bridge')
  await ip('-n', namespace, 'link', 'set', 'lan', 'up')
}

async function addHost({ namespace, address }: LanHost, bridge: string, port: string): Promise<void> {
  await add(namespace)
  await ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', bridge)
  await ip('-n', bridge, 'link', 'set', port, 'master', 'lan', 'up')
  await ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await ip('-n', namespace, 'link', 'set', 'lo', 'up')
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  await ip('-n', namespace, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0')
}

async function add(namespace: string): Promise<void> {
  await ip('netns', 'add', namespace)
  made.add(namespace)
}

async function remove(namespace: string): Promise<void> {
  await ip('netns', 'delete', namespace)
  made.delete(namespace)
}

/** Takes away what runs of these tests have left that were killed: the number in a name is that of the process that made it. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list'])
  for (const [name, pid] of stdout.matchAll(/^ng-test-(\d+)-\S+/gm))
    if (!existsSync(`/proc/${pid}`)) tryDelete(name)
}

function tryDelete(namespace: string): void {
  try {
    execFileSync('ip', ['netns', 'delete', namespace], { stdio: 'ignore' })
  } catch {
    // Somebody else did, or nobody is left to be told.
  }
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args)
}
