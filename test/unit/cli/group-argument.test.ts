import { GroupSpecifier } from 'netgroup'
import { expect, test } from 'vitest'
import { CommandError } from '../../../src/cli/exit-codes.ts'
import { applyPassword, kindOfGroup, parseGroup } from '../../../src/cli/group-argument.ts'

const plain = (): GroupSpecifier =>
  new GroupSpecifier('kitchen', { postingEnabled: true, routingEnabled: true })

test('a plain name is the group with posting and routing enabled, and everything else default', () => {
  expect(kindOfGroup('kitchen')).toBe('name')
  expect(parseGroup('kitchen').groupID).toBe(plain().groupID)
})

test('a groupspec and a link mean the group they were made from', () => {
  const text = plain().toString()
  expect(kindOfGroup(text)).toBe('groupspec')
  expect(parseGroup(text).groupID).toBe(plain().groupID)
  const link = plain().toLink('https://chat.example/room')
  expect(kindOfGroup(link)).toBe('link')
  expect(parseGroup(link).groupID).toBe(plain().groupID)
})

test('what is broken is told as usage, with what it was taken for', () => {
  expect(() => parseGroup('G:nonsense')).toThrow(/This is not a groupspec: /)
  expect(() => parseGroup('https://chat.example/#G:nonsense')).toThrow(/This is not a link: /)
  expect(() => parseGroup('https://chat.example/')).toThrow(/This is not a link: /)
  expect(() => parseGroup('')).toThrow(/This is not a group name: /)
  expect(() => parseGroup('')).toThrow(CommandError)
})

test('two people with the same name and password get the same group, others another', async () => {
  const [a, b, c] = [parseGroup('kitchen'), parseGroup('kitchen'), parseGroup('kitchen')]
  expect(await applyPassword(a, 'name', 'correct horse')).toBe('right')
  await applyPassword(b, 'name', 'correct horse')
  await applyPassword(c, 'name', 'wrong horse')
  expect(b.groupID).toBe(a.groupID)
  expect(b.has('posting')).toBe(true)
  expect(c.groupID).not.toBe(a.groupID)
  expect(plain().groupID).not.toBe(a.groupID)
})

test('the password of a link gives the right to post, or is wrong; the group stays the same', async () => {
  const owner = parseGroup('kitchen')
  await applyPassword(owner, 'name', 'correct horse')
  const reader = parseGroup(owner.toString())
  expect(await applyPassword(reader, 'groupspec', 'wrong horse')).toBe('wrong')
  expect(reader.has('posting')).toBe(false)
  expect(await applyPassword(reader, 'groupspec', 'correct horse')).toBe('right')
  expect(reader.has('posting')).toBe(true)
  expect(reader.groupID).toBe(owner.groupID)
})

test('a password for a group without one is not used', async () => {
  const open = parseGroup(plain().toString())
  expect(await applyPassword(open, 'groupspec', 'anything')).toBe('not needed')
  expect(open.groupID).toBe(plain().groupID)
})
