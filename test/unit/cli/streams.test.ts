import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupSpecifier } from 'netgroup'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseGroup } from '../../../src/cli/group-argument.ts'
import { givenPublishPassword, STREAM_CAPABILITIES, usePublishPassword } from '../../../src/cli/streams.ts'

const { signal } = new AbortController()
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a plain name', () => {
  test('is the same group for publish and play, and another than chat’s', () => {
    const [one, other] = [parseGroup('stage', STREAM_CAPABILITIES), parseGroup('stage', STREAM_CAPABILITIES)]
    expect(one.groupID).toBe(other.groupID)
    expect(one.groupID).not.toBe(parseGroup('stage').groupID)
    // A group's identity: it must never change.
    expect(one.describe().capabilities).toMatchObject({
      multicastEnabled: true,
      postingEnabled: false,
      routingEnabled: false,
      objectReplicationEnabled: false
    })
  })
})

describe('a publish password', () => {
  test('comes from the option, a file, or the environment', async () => {
    const path = join(tmpdir(), `netgroup-publish-password-${process.pid}`)
    await writeFile(path, 'of the file\nno more\n')
    expect(await givenPublishPassword({ publishPassword: 'given' }, signal)).toBe('given')
    expect(await givenPublishPassword({ publishPasswordFile: path }, signal)).toBe('of the file')
    expect(await givenPublishPassword({}, signal)).toBeUndefined()
    vi.stubEnv('NETGROUP_PUBLISH_PASSWORD', 'ambient')
    expect(await givenPublishPassword({}, signal)).toBe('ambient')
    const twice = givenPublishPassword({ publishPassword: 'a', publishPasswordFile: path }, signal)
    await expect(twice).rejects.toMatchObject({ exitCode: 2 })
  })

  test('of a plain name makes another group, in which what it prints gives no right', async () => {
    const spec = parseGroup('stage', STREAM_CAPABILITIES)
    await usePublishPassword(spec, 'name', 'secret')
    expect(spec.has('publish')).toBe(true)
    expect(GroupSpecifier.parse(spec.toString()).has('publish')).toBe(false)
    expect(spec.groupID).not.toBe(parseGroup('stage', STREAM_CAPABILITIES).groupID)
  })

  test('of a groupspec gives the right, is wrong, or is not needed', async () => {
    const made = new GroupSpecifier('stage', STREAM_CAPABILITIES)
    await made.setPublishPassword('secret')
    const spec = GroupSpecifier.parse(made.toString())
    await expect(usePublishPassword(spec, 'groupspec', 'guess')).rejects.toMatchObject({
      exitCode: 4,
      code: 'WRONG_PASSWORD'
    })
    await usePublishPassword(spec, 'groupspec', 'secret')
    expect(spec.has('publish')).toBe(true)
    const open = new GroupSpecifier('stage', STREAM_CAPABILITIES)
    await expect(usePublishPassword(open, 'groupspec', 'secret')).rejects.toMatchObject({ exitCode: 2 })
  })
})
