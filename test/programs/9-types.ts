import { GroupSpecifier, NetConnection, NetGroup, NetStream, isNetGroupError, type Endpoint } from 'netgroup'
declare const nc: NetConnection
interface Chat { text: string }
const isChat = (v: unknown): v is Chat => typeof (v as Chat).text === 'string'
const a = await NetGroup.join(nc, 'G:', { validate: isChat })
a.addEventListener('NetGroup.Posting.Notify', e => { e.info.message.text satisfies string; e.detail.message.text })
// @ts-expect-error typo
a.addEventListener('NetGroup.Posting.Notfy', () => {})
// @ts-expect-error wrong dispatcher
nc.addEventListener('NetGroup.Posting.Notify', () => {})
a.addEventListener('netStatus', ({ info }) => {
  if (info.code === 'NetGroup.Posting.Notify') info.message.text satisfies string
  switch (info.code) {
    // @ts-expect-error typo
    case 'NetGroup.Psting.Notify': break
    case 'NetGroup.Posting.Failed': info.reason satisfies 'no neighbors' | 'closed'
  }
})
class Handlers { position (x: number): void { console.log(x) } }
const out = await NetStream.publishDirect<Handlers>(nc, 'p'); out.send('position', 3)
// @ts-expect-error typo
out.send('positon', 3)
// @ts-expect-error argument
out.send('position', 'x')
const inn = await NetStream.playDirect(nc, 'p', 'p', { client: new Handlers() })
// @ts-expect-error a player does not write
inn.write
await using x = a
const r = await a.sendToPeer({ text: '' }, 'p', { receipt: true }); r.hops satisfies number
const s = await a.sendToPeer({ text: '' }, 'p'); s satisfies 'sent' | 'no route'
await NetStream.publish(a, 'n')                         // NetGroup<Chat> where NetGroup<unknown> is asked
for await (const i of a.statuses({ code: ['NetGroup.Member.Join', 'NetGroup.Member.Leave'] })) i.member.peerID satisfies string
try {} catch (e) { if (isNetGroupError(e, 'CONNECT_FAILED')) e.detail.attempts[0]?.reason satisfies string | undefined }
const ep: Endpoint = 'lan:'; new GroupSpecifier('x').postingEnabled = true
// Beyond the plan's:
// @ts-expect-error the wrong message
await a.post({ txt: '' })
for await (const i of a.statuses({ code: ['NetGroup.Neighbor.Connect', 'NetGroup.Neighbor.Disconnect'] })) i.peerID satisfies string
a.channel<number>('n').addEventListener('NetGroup.Posting.Notify', ({ info }) => { info.message satisfies number })
a.addEventListener('NetGroup.SendTo.Notify', ({ info }) => { info.message.text satisfies string; info.fromLocal satisfies boolean })
// @ts-expect-error the wrong message
await a.sendToNearest({ txt: '' }, '00')
const sum = await a.call<number>('p', 'add', [1, 2]); sum satisfies number
const anyGroup: NetGroup = a

const base: NetStream<Handlers> = out; base.multicastWindowDuration = 3; inn.multicastPushNeighborLimit satisfies number
await NetStream.publish(a, 'n', { audioReliable: false })
export { anyGroup, base, ep, x }
