// The other side of bench:routing, on the built package: node routing-echo.js. Tells its address, and the groupspec that leads to it; sends back what it is sent, both
// ways, until its parent is gone.
import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'

const connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
await connection.libp2p.handle('/bench/echo/1.0.0', stream => {
  stream.addEventListener('message', ({ data }) => stream.send(data.subarray()))
})
const spec = new GroupSpecifier('bench', { routingEnabled: true, ipMulticastMemberUpdatesEnabled: false })
const [address] = connection.multiaddrs
spec.addBootstrapPeer(address)
const group = await NetGroup.join(connection, spec)
group.addEventListener('NetGroup.SendTo.Notify', ({ info }) => {
  void group.sendToPeer(info.message, info.sender)
})
process.once('disconnect', () => process.exit())
process.send(spec.toString())
