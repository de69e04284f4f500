import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Names made here and not yet taken away: what is left when the process ends goes with it. */
const made = new Set<string>()

process.on('exit', () => {
  for (const name of made) tryDelete(name)
})

/** A network namespace: a machine of its own as far as the network goes, with nothing but loopback at first. */
export class Namespace {
  readonly name: string
  /** What makes a command run in it: put it before the command. */
  readonly within: readonly string[]

  private constructor(name: string) {
    this.name = name
    this.within = ['ip', 'netns', 'exec', name]
  }

  /** Makes one. @param label begins with this process's number, see {@link removeLeftovers} */
  static async add(label: string): Promise<Namespace> {
    const namespace = new Namespace(`ng-test-${process.pid}-${label}`)
    await run('ip', ['netns', 'add', namespace.name])
    made.add(namespace.name)
    await namespace.ip('link set lo up')
    return namespace
  }

  /** Runs `ip` with these words in it, and gives what it prints. @throws Error with what `ip` says */
  async ip(words: string): Promise<string> {
    return (await run('ip', ['-n', this.name, ...words.split(' ')])).stdout
  }

  /** Lets nftables carry out a script in it. @throws Error with what `nft` says */
  async nft(script: string): Promise<void> {
    const nft = run('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'])
    nft.child.stdin?.end(script)
    await nft
  }

  /** Sets a variable of the kernel, such as `net/ipv4/ip_forward`. */
  async set(variable: string, value: string): Promise<void> {
    await run('ip', ['netns', 'exec', this.name, 'sh', '-c', `echo ${value} > /proc/sys/${variable}`])
  }

  /** Ends the processes in it and takes it away, with its interfaces and rules. Idempotent. */
  async delete(): Promise<void> {
    if (!made.has(this.name)) return
    killProcesses(this.name)
    await run('ip', ['netns', 'delete', this.name])
    made.delete(this.name)
  }
}

/** Takes away what runs of these tests have left that were killed: the number in a name is that of the process that made it. */
export async function removeLeftovers(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list'])
  for (const [name, pid] of stdout.matchAll(/^ng-test-(\d+)-\S+/gm))
    if (!existsSync(`/proc/${pid}`)) tryDelete(name)
}

function tryDelete(name: string): void {
  try {
    killProcesses(name)
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
  } catch {
    // Somebody else did, or nobody is left to be told.
  }
}

/** A namespace lives on without its name for as long as a process is in it. */
function killProcesses(name: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).match(/\d+/g) ?? []
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
