import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LAN_NIC, type Nat, WAN_NIC } from './nat.ts'

/** What miniupnpd changes while it runs, and the hole for it in the wall of the NAT. */
const CHAINS = `table inet miniupnpd {
  chain forward { }
  chain prerouting { type nat hook prerouting priority -100; }
  chain postrouting { type nat hook postrouting priority 90; }
}
insert rule inet nat passing iifname "${WAN_NIC}" ct status dnat accept`

/** miniupnpd (Debian's package, for nftables) on a NAT: it lets in who is asked for by UPnP from within. */
export class UPnPRouter implements AsyncDisposable {
  readonly #daemon: ChildProcess
  readonly #folder: string

  private constructor(daemon: ChildProcess, folder: string) {
    this.#daemon = daemon
    this.#folder = folder
  }

  /** Starts it. It answers whoever asks from then on; there is nothing to wait for, since those who ask ask again. */
  static async start(nat: Nat): Promise<UPnPRouter> {
    const folder = await mkdtemp(join(tmpdir(), 'netgroup-upnp-'))
    const file = join(folder, 'conf')
    await writeFile(file, settings(nat))
    await nat.namespace.nft(CHAINS)
    const [program = '', ...within] = nat.namespace.within
    const words = [...within, 'miniupnpd', '-d', '-f', file, '-P', join(folder, 'pid')]
    return new UPnPRouter(spawn(program, words, { stdio: 'ignore' }), folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      const ended = once(this.#daemon, 'exit')
      this.#daemon.kill('SIGKILL')
      await ended
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function settings({ network }: Nat): string {
  return `ext_ifname=${WAN_NIC}
listening_ip=${LAN_NIC}
http_port=0
enable_natpmp=no
enable_upnp=yes
secure_mode=yes
uuid=11111111-1111-1111-1111-111111111111
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
upnp_forward_chain=forward
upnp_nat_chain=prerouting
upnp_nat_postrouting_chain=postrouting
allow 1024-65535 ${network}.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
`
}
