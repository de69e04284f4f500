// A UDP socket as a process of its own: node udp-process.js [--reflect] [PORT]
// Tells in rows of JSON which port it has and what it receives; sends each line of JSON that it reads, { address, port, text }.
// With --reflect it answers what it receives with the address and port that it saw, as a STUN server does.
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { tell } from '../process-rows.js'

const { values, positionals } = parseArgs({
  options: { reflect: { type: 'boolean' } },
  allowPositionals: true
})
const socket = createSocket('udp4')
socket.on('error', error => tell('Error', { reason: error.message }))
socket.on('message', (message, { address, port }) => {
  tell('Received', { address, port, text: message.toString() })
  if (values.reflect) socket.send(JSON.stringify({ address, port, asked: `${message}` }), port, address)
})
socket.bind(Number(positionals[0] ?? 0), () => tell('Bound', { port: socket.address().port }))

for await (const line of createInterface({ input: process.stdin })) {
  const { address, port, text } = JSON.parse(line)
  socket.send(text, port, address, error => {
    if (error) tell('Unsent', { address, port, reason: error.code })
  })
}
socket.close()
