// temporary
import { measureSide } from './multicast-measures.ts'

const [side = 'group', viewers = '10', processes = '2', seconds = '10'] = process.argv.slice(2)
const load = {
  viewers: Number(viewers),
  processes: Number(processes),
  seconds: Number(seconds),
  bitsPerSecond: 1_000_000
}
const { figures, edges } = await measureSide(
  side as 'group',
  load,
  process.env['EDGES'] ? JSON.parse(process.env['EDGES']) : []
)
console.table(figures)
console.log(JSON.stringify(edges).length, edges.length)
process.exit(0)
