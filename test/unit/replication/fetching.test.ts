import { describe, expect, it } from 'vitest'
import { MAX_INDEX } from '../../../src/core/replication/range-set.ts'
import { adding, EngineShell, removing } from './engine-shell.ts'

/** What the application hears, in order. */
function heard(shell: EngineShell): string[] {
  return shell.effects.flatMap(({ effect }) =>
    effect.type === 'sendNotify' || effect.type === 'result' || effect.type === 'failed'
      ? [`${effect.type} ${effect.index}`]
      : []
  )
}

describe('a wanted object', () => {
  it('is notified, asked for and delivered; it leaves the wanted ones by itself, and is not offered', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3)
    expect(shell.effects.slice(-3).map(({ effect }) => effect.type)).toEqual([
      'sendNotify',
      'sendRequest',
      'setTimer'
    ])
    expect(shell.engine.expects('a', 3)).toBe(true)
    shell.object('a', 3)
    expect(heard(shell)).toEqual(['sendNotify 3', 'result 3'])
    expect(shell.all('result')[0]).toMatchObject({ from: 'a', bytes: Uint8Array.of(3) })
    shell.object('a', 3).has('a', [3, 3]).advance(300_000)
    expect(heard(shell)).toEqual(['sendNotify 3', 'result 3'])
    expect(shell.all('sendHave')).toEqual([])
    expect(shell.engine.expects('a', 3)).toBe(false)
  })

  it('is asked for as soon as a neighbor has it, whatever came first', () => {
    const shell = new EngineShell().want(3).linkUp('a', 'b').has('b', [1, 2])
    expect(shell.asked).toEqual([])
    shell.has('b', [3, 5])
    expect(shell.asked).toEqual(['b 3'])
  })

  it('that is denied fails, and is asked for again and again after 1, 2, 4 s and so on', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3)
    const waits: number[] = []
    for (let i = 1; i <= 5; i++) {
      const deniedAtMs = shell.deny('a', 3).nowMs
      while (shell.asked.length === i) shell.advance(100)
      waits.push(shell.nowMs - deniedAtMs)
    }
    // It is looked for once a second.
    for (const [i, ms] of [1_000, 2_000, 4_000, 8_000, 16_000].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(ms)
      expect(waits[i]).toBeLessThanOrEqual(ms + 1_000)
    }
    expect(shell.all('failed').map(({ index, reason }) => [index, reason])).toEqual(
      new Array(5).fill([3, 'denied'])
    )
    expect(shell.all('sendNotify').length).toBe(6)
  })

  it('that is denied is asked for elsewhere at once', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [3, 3]).want(3).has('b', [3, 3]).deny('a', 3)
    expect(heard(shell)).toEqual(['sendNotify 3', 'failed 3', 'sendNotify 3'])
    expect(shell.asked).toEqual(['a 3', 'b 3'])
  })

  it('that will be had elsewhere leaves the neighbor to be asked for something else, after eight in a row a moment later', () => {
    const shell = new EngineShell().linkUp('a').has('a', [0, 99]).want(0, 99)
    const elsewhere = (): void => {
      const index = shell.all('sendRequest').at(-1)?.index ?? -1
      shell.tell({ type: 'denial', from: 'a', index, reason: 'elsewhere' })
    }
    for (let times = 0; times < 7; times++) elsewhere()
    expect(new Set(shell.asked).size).toBe(8)
    elsewhere()
    expect(shell.asked.length).toBe(8)
    // It is looked for once a second.
    shell.advance(1_000)
    expect(shell.asked.length).toBe(9)
    shell.object('a', shell.all('sendRequest').at(-1)?.index ?? -1)
    for (let times = 0; times < 7; times++) elsewhere()
    expect(shell.asked.length).toBe(17)
  })

  it('that the neighbor would rather send is asked for at once, however often it says so; not by who reads along', () => {
    const shell = new EngineShell().linkUp('a').has('a', [0, 99]).want(0, 99)
    const rather = (instead: number): void => {
      const index = shell.all('sendRequest').at(-1)?.index ?? -1
      shell.tell({ type: 'denial', from: 'a', index, reason: 'elsewhere', instead })
    }
    const open = Array.from({ length: 100 }, (_, i) => i).filter(i => `a ${i}` !== shell.asked[0])
    for (const index of open.slice(0, 20)) rather(index)
    expect(shell.asked.slice(1)).toEqual(open.slice(0, 20).map(index => `a ${index}`))
    // What is not wanted is not asked for.
    rather(500)
    expect(shell.asked).not.toContain('a 500')
    shell.tell({ type: 'strategy', strategy: 'lowestFirst' }, { type: 'removeWant', start: 0, end: 98 })
    shell.want(0, 98)
    rather(90)
    expect(shell.asked.at(-1)).not.toBe('a 90')
  })

  it('that the neighbor does not have is not asked for there again until it says that it has it', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3)
    shell.tell({ type: 'denial', from: 'a', index: 3, reason: 'absent' }).advance(100_000)
    expect(shell.asked).toEqual(['a 3'])
    shell.has('a', [3, 3])
    expect(shell.asked).toEqual(['a 3', 'a 3'])
  })

  it('is asked for elsewhere when its neighbor goes', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [3, 3]).want(3).has('b', [3, 3]).linkDown('a')
    expect(shell.all('failed')).toMatchObject([{ index: 3, reason: 'lost' }])
    expect(shell.asked).toEqual(['a 3', 'b 3'])
  })

  it('is asked for again over a new link', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3).linkUp('a')
    expect(shell.asked).toEqual(['a 3'])
    shell.has('a', [3, 3])
    expect(shell.asked).toEqual(['a 3', 'a 3'])
  })

  it('fails when its neighbor is silent for 15 s, and is taken when it comes all the same', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3).advance(14_000)
    expect(shell.all('failed')).toEqual([])
    shell.advance(1_500)
    expect(shell.all('failed')).toMatchObject([{ index: 3, reason: 'timeout' }])
    expect(shell.all('sendCancel')).toMatchObject([{ to: 'a', index: 3 }])
    shell.linkUp('b').has('b', [3, 3])
    expect(shell.asked.at(-1)).toBe('b 3')
    expect(shell.engine.expects('a', 3)).toBe(true)
    shell.object('a', 3)
    expect(shell.all('result')).toMatchObject([{ from: 'a' }])
    expect(shell.all('sendCancel').at(-1)).toMatchObject({ to: 'b', index: 3 })
  })

  it('that comes late is not expected when it is no longer wanted', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3).advance(15_500)
    expect(shell.engine.expects('a', 3)).toBe(true)
    shell.tell({ type: 'removeWant', start: 3, end: 3 })
    expect(shell.engine.expects('a', 3)).toBe(false)
    expect(shell.object('a', 3).all('result')).toEqual([])
  })

  it('is waited for while its neighbor gives signs of life, 120 s at most', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3)
    for (let s = 0; s < 119; s += 7) {
      expect(shell.all('failed')).toEqual([])
      shell.tell({ type: 'queue', from: 'a', waiting: 9 }).advance(7_000)
    }
    shell.tell({ type: 'queue', from: 'a', waiting: 9 }).advance(2_000)
    expect(shell.all('failed')).toMatchObject([{ reason: 'timeout' }])
  })

  it('that is no longer wanted is cancelled, and not delivered when it comes', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 9]).want(3, 4)
    const [first] = shell.all('sendRequest')
    shell.tell({ type: 'removeWant', start: 0, end: 9 })
    expect(shell.all('sendCancel')).toMatchObject([{ to: 'a', index: first?.index }])
    shell.object('a', first?.index ?? 0).advance(60_000)
    expect(heard(shell)).toEqual([`sendNotify ${first?.index}`])
  })

  it('that its neighbor takes back is not asked for there', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 9])
    shell.tell({ type: 'have', from: 'a', change: removing([0, 5]), asks: false }).want(3)
    expect(shell.asked).toEqual([])
    shell.tell({ type: 'have', from: 'a', change: { ...adding([1, 4]), isWhole: true }, asks: false })
    expect(shell.asked).toEqual(['a 3'])
    shell.want(8)
    expect(shell.asked).toEqual(['a 3'])
  })

  it('is asked for only as often as is allowed', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [3, 9]).has('b', [20, 29])
    shell.tell({ type: 'allow', requests: 0 }).want(3).want(20).advance(10_000)
    expect(shell.asked).toEqual([])
    shell.tell({ type: 'allow', requests: 1 })
    expect(shell.asked).toEqual(['a 3'])
    shell.tell({ type: 'allow', requests: 5 })
    expect(shell.asked).toEqual(['a 3', 'b 20'])
  })
})

describe('a result that is wanted again', () => {
  it('is asked of the others, and of who gave it after 60 s', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [3, 3]).want(3).object('a', 3).want(3)
    expect(shell.asked).toEqual(['a 3'])
    shell.has('b', [3, 3])
    expect(shell.asked).toEqual(['a 3', 'b 3'])
    shell.linkDown('b').advance(59_000)
    expect(shell.asked.length).toBe(2)
    shell.advance(2_000)
    expect(shell.asked.at(-1)).toBe('a 3')
  })

  it('three times puts who gave it last, also after it has gone and come back', () => {
    const shell = new EngineShell().linkUp('a').has('a', [0, 99])
    for (const index of [1, 2, 3]) shell.want(index).object('a', index).want(index)
    shell.tell({ type: 'removeWant', start: 0, end: 99 })
    shell.linkDown('a').linkUp('a', 'b').has('a', [0, 99]).has('b', [50, 98])
    shell.effects.length = 0
    shell.want(50, 99)
    // What nobody else has.
    expect(shell.asked).toContain('a 99')
    shell.object('a', 99).advance(1_000)
    expect(shell.asked.filter(each => each.startsWith('a'))).toEqual(['a 99'])
    shell.linkDown('b')
    expect(shell.asked.filter(each => each.startsWith('a')).length).toBe(2)
  })

  it('three times puts who gave it last at once', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [0, 99])
    for (const index of [1, 2, 3]) shell.want(index).object('a', index).want(index)
    shell.has('b', [50, 99]).want(50, 99)
    expect(shell.asked.filter(each => each.startsWith('a')).length).toBe(3)
    expect(shell.asked.filter(each => each.startsWith('b')).length).toBe(1)
  })

  it('is no reproach once the application has offered it', () => {
    const shell = new EngineShell().linkUp('a').has('a', [3, 3]).want(3).object('a', 3).have(3).want(3)
    expect(shell.asked).toEqual(['a 3', 'a 3'])
  })
})

describe('requests', () => {
  it('stand at every neighbor that has something, one each (rule S1)', () => {
    const peers = Array.from({ length: 30 }, (_, i) => `p${i}`)
    const shell = new EngineShell().linkUp(...peers).want(0, 999)
    for (const peer of peers) shell.has(peer, [0, 999])
    const requests = shell.all('sendRequest')
    expect(requests.map(({ to }) => to)).toEqual(peers)
    expect(new Set(requests.map(({ index }) => index)).size).toBe(30)
  })

  it('become more while nothing else waits there, up to 64, and fewer when others do', () => {
    const shell = new EngineShell().linkUp('a').want(0, 9_999).has('a', [0, 9_999])
    const open: number[] = []
    const serve = (waiting: number): void => {
      open.push(...shell.take('sendRequest').map(({ index }) => index))
      shell.object('a', open.shift() ?? Number.NaN, waiting)
    }
    serve(0)
    expect(shell.all('sendRequest').length).toBe(2)
    for (let i = 0; i < 200; i++) serve(0)
    open.push(...shell.take('sendRequest').map(({ index }) => index))
    expect(open.length).toBe(64)
    // Its own requests wait there: it asks for as many as it has got.
    for (let i = 0; i < 20; i++) serve(40)
    open.push(...shell.take('sendRequest').map(({ index }) => index))
    expect(open.length).toBe(64)
    for (let i = 0; i < 200; i++) serve(100)
    open.push(...shell.take('sendRequest').map(({ index }) => index))
    expect(open.length).toBe(1)
  })

  it('are for the rarest object among the neighbors, at random where several are as rare', () => {
    const firsts = new Set<number>()
    for (let seed = 1; seed <= 40; seed++) {
      const shell = new EngineShell({ seed }).linkUp('a', 'b', 'c')
      shell.has('a', [0, 9]).has('b', [0, 4]).has('c', [0, 1], [3, 4]).want(0, 4)
      expect(shell.asked[0]).toBe('a 2')
      const other = new EngineShell({ seed }).linkUp('a', 'b').has('a', [0, 9]).has('b', [0, 3]).want(0, 9)
      firsts.add(other.all('sendRequest')[0]?.index ?? Number.NaN)
    }
    expect([...firsts].sort()).toEqual([4, 5, 6, 7, 8, 9])
  })

  it('are for one of the 32 lowest in lowest-first, and for others once that is switched', () => {
    const shell = new EngineShell({ strategy: 'lowestFirst' }).linkUp('a').has('a', [0, 9_999])
    shell.want(100, 9_999)
    const indices: number[] = []
    for (let i = 0; i < 200; i++) {
      const index = shell.take('sendRequest')[0]?.index ?? Number.NaN
      indices.push(index)
      shell.object('a', index)
      expect(index).toBeLessThan(100 + i + 32)
    }
    expect(indices.filter((index, i) => i > 0 && index < (indices[i - 1] ?? 0)).length).toBeGreaterThan(40)
    shell.tell({ type: 'strategy', strategy: 'rarestFirst' })
    let highest = 0
    for (let i = 0; i < 50; i++) {
      const index = shell.take('sendRequest')[0]?.index ?? Number.NaN
      shell.object('a', index)
      if (i > 0) highest = Math.max(highest, index)
    }
    expect(highest).toBeGreaterThan(2_000)
  })

  it('for the last 20 objects are made three times when they are late; the first one to come cancels the others', () => {
    const peers = ['a', 'b', 'c', 'd']
    const shell = new EngineShell().linkUp(...peers)
    for (const peer of peers) shell.has(peer, [0, 0])
    shell.want(0).advance(900)
    expect(shell.asked.length).toBe(1)
    shell.advance(3_000)
    expect(shell.asked.length).toBe(3)
    const [first, ...others] = shell.take('sendRequest').map(({ to }) => to)
    shell.object(first ?? '', 0)
    expect(shell.all('sendCancel').map(({ to }) => to)).toEqual(others)
    expect(shell.all('result').length).toBe(1)
    shell.object(others[0] ?? '', 0)
    expect(shell.all('result').length).toBe(1)
  })

  it('are not made twice while there are more than 20', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [0, 20]).want(0, 20)
    shell.has('b', ...shell.all('sendRequest').map(({ index }) => [index, index] as const)).advance(5_000)
    expect(shell.asked.length).toBe(1)
  })

  it('that take far longer than others are made elsewhere too', () => {
    const shell = new EngineShell().linkUp('a', 'b', 'c').has('a', [0, 99]).has('b', [0, 99]).want(0, 99)
    const [slow] = shell.all('sendRequest')
    shell.has('c', [slow?.index ?? 0, slow?.index ?? 0])
    for (let s = 0; s < 12; s++) {
      expect(shell.all('sendRequest').filter(({ to }) => to === 'c')).toEqual([])
      shell.tell({ type: 'queue', from: slow?.to ?? '', waiting: 1 }).advance(900)
    }
    expect(shell.all('sendRequest').filter(({ to }) => to === 'c')).toMatchObject([{ index: slow?.index }])
  })
})

describe('what an event costs', () => {
  it('does not depend on how many objects there are', () => {
    const shell = new EngineShell().linkUp('a', 'b').want(0, MAX_INDEX).has('a', [0, MAX_INDEX])
    shell.has('b', [0, MAX_INDEX])
    for (let i = 0; i < 5_000; i++)
      for (const { to, index } of shell.take('sendRequest')) shell.object(to, index)
    // As many ranges as objects of the window can make, in each of the sets: never more than may be told.
    expect(shell.engine.kept['ranges']).toBeLessThan(2 + 2 * 4_097)
    expect(shell.engine.kept['requests']).toBe(2)
  })
})
