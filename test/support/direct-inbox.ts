import type { Channel, GroupStatus, NetGroup, StatusInfo } from '../../src/index.ts'

/** What was told of one message. */
export type SendToInfo = StatusInfo<GroupStatus<unknown>, 'NetGroup.SendTo.Notify'>

/** What a group or a channel has heard beside posts, in the order in which it was told. */
export class DirectInbox {
  readonly infos: SendToInfo[] = []

  constructor(group: NetGroup | Channel) {
    // What both of them tell is the same.
    const source = group as Channel
    source.addEventListener('NetGroup.SendTo.Notify', ({ info }) => this.infos.push(info))
  }

  get messages(): unknown[] {
    return this.infos.map(({ message }) => message)
  }
}
