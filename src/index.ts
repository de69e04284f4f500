// The public names that are the same on every platform. The entries `node.ts` and `browser.ts` add what a platform brings.
export type { CallOptions } from './api/calls.ts'
export { Channel, type ChannelOptions, type ChannelStatus } from './api/channel.ts'
export type { Endpoint } from './api/endpoint.ts'
export {
  type FetchOptions,
  type FileOptions,
  fetchFile,
  type SharedFile,
  type ShareOptions,
  shareFile
} from './api/files.ts'
export type { GroupDescription, GroupRight } from './api/group-description.ts'
export type { GroupObjects } from './api/group-objects.ts'
export { GroupSpecifier, type LinkOptions } from './api/group-specifier.ts'
export type { Member } from './api/members.ts'
export type { PostOptions } from './api/messages.ts'
export type { GroupAddress, PeerID } from './api/names.ts'
export type { ConnectOptions, NetConnectionClass } from './api/net-connection.ts'
export {
  type GroupStream,
  type JoinOptions,
  type Neighbor,
  NetGroup,
  type NetGroupInfo
} from './api/net-group.ts'
export {
  type MediaFrame,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher,
  type PlayOptions,
  type PublishDirectOptions,
  type StreamOptions
} from './api/net-stream.ts'
export { NetGroupReplicationStrategy, type ObjectSet, type ObjectStatus } from './api/object-set.ts'
export type { Replica, ReplicateOptions } from './api/replica.ts'
export {
  NetGroupReceiveMode,
  NetGroupSendMode,
  NetGroupSendResult,
  type Receipt,
  type RouteOptions,
  type Sender
} from './api/sender.ts'
export {
  type AllStatus,
  type ConnectionStatus,
  type GroupStatus,
  type MediaStatus,
  STATUS_TABLE,
  type StatusFields,
  type StatusInfo,
  type StatusLevel,
  type StreamStatus
} from './api/status.ts'
export {
  type AbortOptions,
  type Events,
  NetStatusEvent,
  type StatusesOptions,
  type StatusTarget
} from './api/status-target.ts'
export type { NetStreamInfo, NetStreamMulticastInfo } from './api/stream-info.ts'
export {
  type Capabilities,
  type ErrorCode,
  type ErrorDetails,
  GroupspecError,
  isNetGroupError,
  NetGroupError,
  type Role
} from './core/errors.ts'
export { type FileLink, parseFileLink } from './core/files/file-link.ts'
export type { MulticastParameters } from './core/multicast/multicast-parameters.ts'
export type { FilePriority } from './net/files/group-files.ts'
export type { FileProgress, FileState } from './net/files/progress-meter.ts'
export type { FileSource, NamedSource } from './net/files/share-source.ts'
export { MemoryObjectStore } from './net/memory-object-store.ts'
export type { ObjectStore } from './net/object-store.ts'
export type { IceServer } from './net/platform.ts'
export type { RelayState } from './net/relay-keeper.ts'
export type { ValueClasses } from './net/value.ts'
