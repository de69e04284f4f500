import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Lab } from './lab.ts'
import { removeLeftovers } from './namespace.ts'

/** The lab's tools, and Debian's packages of them. */
const TOOLS = {
  ip: 'iproute2',
  nft: 'nftables',
  tcpdump: 'tcpdump',
  turnserver: 'coturn',
  miniupnpd: 'miniupnpd-nftables'
}

/** A tool that not every test needs. */
export type LabTool = keyof typeof TOOLS

/**
 * Why there can be no {@link Lab} here; undefined when there can. Takes away what killed runs have left.
 *
 * @param also what is needed besides `ip`
 */
export async function whyNoLab(...also: LabTool[]): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const tool of ['ip', 'nft', ...also] as const)
    if (!isInstalled(tool)) return `there is no ${tool}(8): apt-get install ${TOOLS[tool]}`
  try {
    await removeLeftovers()
    await using lab = await Lab.create()
    await lab.hostBehind('port-restricted')
    return undefined
  } catch (error) {
    return `network namespaces do not work here: ${error instanceof Error ? error.message.trim() : error}`
  }
}

function isInstalled(tool: LabTool): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, tool)))
}
