import { GroupSpecifier, NetConnection, NetGroup, isNetGroupError, type Endpoint } from 'netgroup'
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
await using x = a
// @ts-expect-error the wrong message
await a.post({ txt: '' })
for await (const i of a.statuses({ code: ['NetGroup.Neighbor.Connect', 'NetGroup.Neighbor.Disconnect'] })) i.peerID satisfies string
a.channel<number>('n').addEventListener('NetGroup.Posting.Notify', ({ info }) => { info.message satisfies number })
a.addEventListener('NetGroup.SendTo.Notify', ({ info }) => { info.message.text satisfies string; info.fromLocal satisfies boolean })
const r = await a.sendToPeer({ text: '' }, 'p', { receipt: true }); r.hops satisfies number
const s = await a.sendToPeer({ text: '' }, 'p'); s satisfies 'sent' | 'no route'
// @ts-expect-error the wrong message
await a.sendToNearest({ txt: '' }, '00')
const sum = await a.call<number>('p', 'add', [1, 2]); sum satisfies number
const anyGroup: NetGroup = a
try {} catch (e) { if (isNetGroupError(e, 'CONNECT_FAILED')) e.detail.attempts[0]?.reason satisfies string | undefined }
const ep: Endpoint = 'lan:'; new GroupSpecifier('x').postingEnabled = true
export { anyGroup, ep, x }
