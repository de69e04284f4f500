import { describe, expect, it } from 'vitest'
import {
  MAX_OBJECT_BYTES,
  MAX_REQUESTS_PER_NEIGHBOR,
  MAX_UNANSWERED_REQUESTS
} from '../../../src/wire/limits.ts'
import { EngineShell } from './engine-shell.ts'

/** Answers what it is asked for, and says what was sent: one object after the other. @returns to whom, what, in order */
function serveAll(shell: EngineShell, bytes = 262_144): string[] {
  const sent: string[] = []
  for (let serves = shell.take('serve'); serves.length > 0; serves = shell.take('serve')) {
    for (const { requestID } of serves) shell.answer(requestID, bytes)
    const objects = shell.take('sendObject')
    for (const { to, index } of objects) {
      sent.push(`${to} ${index}`)
      shell.tell({ type: 'sent', to, index })
    }
  }
  return sent
}

describe('a request', () => {
  it('is put to the application, and its answer sent with how many wait', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 3)
    expect(shell.all('serve')).toMatchObject([{ index: 3, requestID: 1 }])
    shell.answer(1, 7)
    expect(shell.all('sendObject')).toMatchObject([{ to: 'a', index: 3, waiting: 0 }])
    expect(shell.all('sendObject')[0]?.bytes.byteLength).toBe(7)
  })

  it('may be answered once: an unknown number and a second answer are told as such', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 3).answer(2)
    expect(shell.take('badAnswer')).toMatchObject([{ requestID: 2, reason: 'unknown' }])
    shell.answer(1).answer(1).tell({ type: 'deny', requestID: 1 }).tell({ type: 'deny', requestID: 9 })
    expect(shell.all('badAnswer').map(({ requestID }) => requestID)).toEqual([1, 1, 9])
    expect(shell.all('sendObject').length).toBe(1)
    shell.tell({ type: 'sent', to: 'a', index: 3 }).answer(1)
    expect(shell.all('badAnswer').length).toBe(4)
  })

  it('still waits for an answer after one of more than 1 MiB', () => {
    const shell = new EngineShell()
      .linkUp('a')
      .have(0, 9)
      .request('a', 3)
      .answer(1, MAX_OBJECT_BYTES + 1)
    expect(shell.all('badAnswer')).toMatchObject([{ requestID: 1, reason: 'tooLong' }])
    shell.answer(1, MAX_OBJECT_BYTES)
    expect(shell.all('sendObject').length).toBe(1)
  })

  it('can be denied, and made again', () => {
    const shell = new EngineShell().linkUp('a').have(3).request('a', 3).tell({ type: 'deny', requestID: 1 })
    expect(shell.all('sendDenial')).toMatchObject([{ to: 'a', index: 3, reason: 'denied' }])
    expect(shell.request('a', 3).all('serve').length).toBe(2)
  })

  it('for what is not offered, or no longer, is denied without the application', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 10, 1, 2, 3)
    shell.tell({ type: 'removeHave', start: 0, end: 3 })
    // The first two are with the application already.
    expect(shell.all('serve').map(({ index }) => index)).toEqual([1, 2])
    expect(shell.all('sendDenial').map(({ index, reason }) => [index, reason])).toEqual([
      [10, 'absent'],
      [3, 'absent']
    ])
  })

  it('is not made twice by making it twice', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 3, 3)
    expect(shell.all('serve').length).toBe(1)
    shell.answer(1).request('a', 3)
    expect(shell.all('serve').length).toBe(1)
  })

  it('that is cancelled while it waits is never put to the application', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 1, 2, 3)
    shell.tell({ type: 'cancel', from: 'a', index: 3 })
    expect(serveAll(shell)).toEqual(['a 1', 'a 2'])
  })

  it('that is cancelled later is answered for nothing, and makes room at once', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 1, 2, 3)
    shell.tell({ type: 'cancel', from: 'a', index: 1 })
    expect(shell.all('serve').length).toBe(3)
    shell.answer(1)
    expect(shell.all('sendObject')).toEqual([])
    expect(shell.all('badAnswer')).toEqual([])
    shell.answer(2).tell({ type: 'cancel', from: 'a', index: 2 })
    expect(shell.all('dropObject')).toMatchObject([{ to: 'a', index: 2 }])
  })

  it('of a neighbor that is gone is answered for nothing', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).request('a', 1, 2).answer(2).linkDown('a')
    shell.answer(1).tell({ type: 'sent', to: 'a', index: 2 })
    expect(shell.all('sendObject').length).toBe(1)
    expect(shell.all('badAnswer')).toEqual([])
    expect(shell.engine.kept['served']).toBe(0)
  })

  it('whose neighbor waits is answered by a sign of life every 5 s', () => {
    const shell = new EngineShell().linkUp('a', 'b').have(0, 9).request('a', 1, 2, 3, 4).advance(21_000)
    const news = shell.all('sendQueue')
    expect(news.every(({ to }) => to === 'a')).toBe(true)
    const times = news.map(({ atMs }) => atMs)
    expect(Math.max(...times.map((atMs, i) => atMs - (times[i - 1] ?? 0)))).toBeLessThanOrEqual(6_000)
    expect(news.length).toBe(4)
  })
})

describe('the order of serving', () => {
  it('has what was never sent first (rule S2)', () => {
    const shell = new EngineShell().linkUp('a', 'b', 'c').have(0, 9).request('a', 1, 2)
    shell.request('b', 1, 2, 3).request('c', 1, 2, 3, 4)
    expect(serveAll(shell).slice(0, 4).sort()).toEqual(['a 1', 'a 2', 'b 3', 'c 4'])
  })

  it('takes requesters in turn', () => {
    const shell = new EngineShell().linkUp('a', 'b', 'c').have(0, 99)
    const many = Array.from({ length: 20 }, (_, i) => i)
    shell.request('a', ...many).request('b', ...many.map(i => i + 30))
    shell.request('c', ...many.map(i => i + 60))
    const sent = serveAll(shell).map(each => each.slice(0, 1))
    // The first two were served before the others had asked.
    for (let i = 2; i < 50; i += 3) expect(new Set(sent.slice(i, i + 3)).size).toBe(3)
  })

  it('lets nobody wait for ever behind what was never sent', () => {
    // It wants something itself: a source would tell b to look elsewhere.
    const shell = new EngineShell().linkUp('a', 'b').want(20_000).have(0, 9_999).request('a', 1)
    serveAll(shell)
    shell.request('b', 100, 101, 102).request('a', 2).request('b', 1)
    let served = 0
    let next = 200
    for (; served < 100; served++) {
      const [serve] = shell.take('serve')
      if (serve?.index === 1) break
      // Another one that was never sent, for each that is served.
      shell.request('a', next).request('b', next + 1)
      next += 2
      if (serve !== undefined) shell.answer(serve.requestID, 262_144)
      const [object] = shell.all('sendObject')
      if (object !== undefined) shell.tell({ type: 'sent', to: object.to, index: object.index })
    }
    expect(served).toBeGreaterThan(3)
    expect(served).toBeLessThan(40)
  })

  it('does not stop when a neighbor does not take what it is sent', () => {
    const shell = new EngineShell().linkUp('a', 'b').have(0, 99).request('a', 1, 2, 3, 4, 5)
    for (const { requestID } of shell.take('serve')) shell.answer(requestID, 262_144)
    shell.request('b', 10, 11)
    expect(shell.all('serve')).toEqual([])
    shell.advance(3_000)
    expect(shell.all('serve').map(({ index }) => index)).toEqual([10, 11])
    // Until it has taken them it gets no more.
    for (const { requestID } of shell.take('serve')) shell.answer(requestID, 262_144)
    for (const index of [10, 11]) shell.tell({ type: 'sent', to: 'b', index })
    expect(shell.all('serve')).toEqual([])
    for (const index of [1, 2]) shell.tell({ type: 'sent', to: 'a', index })
    expect(shell.all('serve').map(({ index }) => index)).toEqual([3, 4])
  })

  it('waits for a neighbor no more patiently after an application that was slow', () => {
    const shell = new EngineShell().linkUp('a', 'b').have(0, 99).request('a', 1, 2).advance(3_000)
    shell.answer(1, 262_144).answer(2, 262_144).request('a', 3).request('b', 10)
    expect(shell.all('serve').length).toBe(2)
    shell.advance(3_000)
    expect(shell.all('serve').map(({ index }) => index)).toEqual([1, 2, 10])
  })

  it('does not stop when the application does not answer', () => {
    const shell = new EngineShell().linkUp('a').have(0, 99).request('a', 1, 2, 3, 4, 5)
    expect(shell.all('serve').length).toBe(2)
    shell.advance(3_000)
    expect(shell.all('serve').length).toBe(4)
    shell.advance(3_000)
    expect(shell.all('serve').length).toBe(5)
  })

  it('has more small objects under way at once than large ones', () => {
    const small = new EngineShell().linkUp('a').have(0, 99)
    small.request('a', ...Array.from({ length: 30 }, (_, i) => i))
    for (let i = 1; i <= 20; i++) small.answer(i, 1_024).tell({ type: 'sent', to: 'a', index: i - 1 })
    expect(small.all('serve').length).toBeGreaterThan(30 - 5)
  })
})

describe('bounds of serving', () => {
  it('a neighbor may have 64 requests waiting, and one more is denied', () => {
    const shell = new EngineShell().linkUp('a').have(0, 999)
    shell.request('a', ...Array.from({ length: 1_000 }, (_, i) => i))
    expect(shell.engine.kept['waiting'] + shell.engine.kept['served']).toBe(MAX_REQUESTS_PER_NEIGHBOR)
    expect(shell.all('sendDenial').length).toBe(1_000 - MAX_REQUESTS_PER_NEIGHBOR)
    expect(shell.all('sendDenial').every(({ reason }) => reason === 'busy')).toBe(true)
  })

  it('whoever cancels and asks for something else has no more than 64 under way, until they are answered', () => {
    const shell = new EngineShell().linkUp('a').have(0, 999)
    for (let index = 0; index < 500; index++)
      shell.request('a', index).tell({ type: 'cancel', from: 'a', index })
    expect(shell.all('sendDenial')).toHaveLength(500 - MAX_REQUESTS_PER_NEIGHBOR)
    const serves = shell.take('serve')
    expect(serves.length).toBe(MAX_REQUESTS_PER_NEIGHBOR)
    for (const { requestID } of serves) shell.answer(requestID)
    expect(shell.request('a', 700).all('serve')).toMatchObject([{ index: 700 }])
  })

  it('an application that never answers is asked for 4,096 objects at most, however often neighbors come and go', () => {
    const shell = new EngineShell().have(0, 99_999)
    for (let round = 0; round < 400; round++) {
      shell.linkUp('a').request('a', ...Array.from({ length: 64 }, (_, i) => i))
      shell.advance(100_000).linkDown('a')
      shell.effects.length = 0
    }
    expect(shell.engine.kept['served']).toBe(MAX_UNANSWERED_REQUESTS)
    // The first answer makes room.
    shell.linkUp('a').request('a', 1)
    expect(shell.take('serve')).toEqual([])
    shell.answer(1)
    expect(shell.all('serve').length).toBe(1)
  })
})

describe('a source that has sent an object once', () => {
  /** Each has something, if nothing of this. */
  const group = (): EngineShell =>
    new EngineShell().linkUp('a', 'b', 'c').has('a', [90, 90]).has('b', [91, 91]).has('c', [92, 92])
  const source = (): EngineShell => {
    const shell = group().have(0, 3).request('a', 0)
    expect(serveAll(shell)).toEqual(['a 0'])
    return shell
  }
  const elsewhere = (shell: EngineShell): string[] =>
    shell
      .take('sendDenial')
      .filter(({ reason }) => reason === 'elsewhere')
      .map(({ to, index }) => `${to} ${index}`)

  it('tells others to look for it elsewhere, while there is something that nobody has got', () => {
    const shell = source().request('b', 0, 1).request('c', 0)
    expect(shell.all('serve').map(({ index }) => index)).toEqual([1])
    expect(elsewhere(shell)).toEqual(['b 0', 'c 0'])
  })

  it('says what to ask for in its place: what nobody has got, to each something else', () => {
    const shell = source().has('c', [1, 1]).request('b', 0).request('c', 0).request('c', 0)
    expect(shell.all('sendDenial').map(({ to, instead }) => `${to} ${instead}`)).toEqual([
      'b 1',
      'c 2',
      'c 3'
    ])
  })

  it('sends to all what everybody needs before anything else, as a manifest', () => {
    const shell = group().tell({ type: 'addHave', start: 4, end: 5, isForAll: true }).have(0, 3)
    expect(serveAll(shell.request('a', 4, 0).request('b', 4).request('c', 4)).sort()).toEqual([
      'a 0',
      'a 4',
      'b 4',
      'c 4'
    ])
    expect(elsewhere(shell.request('c', 0))).toEqual(['c 0'])
    expect(elsewhere(shell)).toEqual([])
  })

  it('tells so those too who wait for it when it goes out', () => {
    const shell = group().have(0, 9).request('a', 7, 8, 5).request('b', 5)
    shell.answer(1, 262_144).tell({ type: 'sent', to: 'a', index: 7 })
    expect(shell.all('serve').map(({ index }) => index)).toEqual([7, 8, 5])
    expect(elsewhere(shell)).toEqual(['a 5'])
  })

  it('sends it again when everything has been sent', () => {
    const shell = source().request('a', 1, 2, 3)
    serveAll(shell)
    expect(serveAll(shell.request('b', 0))).toEqual(['b 0'])
    expect(elsewhere(shell)).toEqual([])
  })

  it('sends it again to who got it, or when that one has left, or did not offer it for long', () => {
    expect(serveAll(source().request('a', 0))).toEqual(['a 0'])
    expect(serveAll(source().linkDown('a').request('b', 0))).toEqual(['b 0'])
    expect(serveAll(source().advance(10_001).request('b', 0))).toEqual(['b 0'])
    expect(elsewhere(source().has('a', [0, 0]).advance(10_001).request('b', 0))).toEqual(['b 0'])
  })

  it('sends it again to who has all else', () => {
    expect(serveAll(source().has('b', [1, 3]).request('b', 0))).toEqual(['b 0'])
  })

  it('sends it again to who asks for the fourth time', () => {
    const shell = source()
    for (let times = 0; times < 3; times++) expect(elsewhere(shell.request('b', 0))).toEqual(['b 0'])
    expect(serveAll(shell.request('b', 0))).toEqual(['b 0'])
  })

  /** Ten objects, all sent to a within a second; three want them. */
  const allSent = (): EngineShell => {
    const shell = new EngineShell().linkUp('a', 'b', 'c').have(0, 9)
    for (const peer of ['a', 'b', 'c']) shell.wants(peer, [0, 9])
    serveAll(shell.request('a', 0, 1, 2, 3, 4, 5, 6, 7, 8).request('b', 8))
    serveAll(shell.advance(1_000).request('a', 9))
    elsewhere(shell)
    return shell
  }

  it('sends it again only later when everything has been sent: the others get to know first what they have', () => {
    const all = allSent()
    expect(elsewhere(all.advance(999).request('b', 0))).toEqual(['b 0'])
    expect(serveAll(all.advance(1).request('b', 0))).toEqual(['b 0'])
  })

  it('tells who gets more from others than its share of the source to look elsewhere for what they have, for ten seconds', () => {
    const all = allSent().advance(1_000).has('a', [0, 9])
    // Three in a second would be its share.
    expect(serveAll(all.has('b', [1, 3]).request('b', 0))).toEqual(['b 0'])
    all.has('b', [0, 8])
    expect(elsewhere(all.request('b', 9))).toEqual(['b 9'])
    expect(elsewhere(all.linkDown('a').request('b', 9))).toEqual([])
  })

  it('does not count what somebody had before as got from others', () => {
    const all = allSent().advance(1_000).has('a', [0, 9]).has('c', [0, 8])
    expect(serveAll(all.request('c', 9))).toEqual(['c 9'])
    expect(serveAll(all.advance(1_000).request('c', 9))).toEqual(['c 9'])
  })

  it('does not do so when it has got something from others: they are sources enough', () => {
    const shell = new EngineShell().linkUp('a', 'b', 'c').has('c', [0, 3]).want(0, 3)
    for (let index = 0; index < 4; index++) shell.object('c', index)
    shell.have(0, 3)
    expect(serveAll(shell.request('a', 0).request('b', 0))).toEqual(['a 0', 'b 0'])
    expect(elsewhere(shell)).toEqual([])
  })

  it('knows what it has sent when the same is offered again', () => {
    const shell = source().have(0, 3).request('a', 1, 2, 3)
    serveAll(shell)
    expect(serveAll(shell.request('b', 0))).toEqual(['b 0'])
  })
})
