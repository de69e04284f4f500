// Everything that a remote peer could make grow, with its bound and what happens there. docs/LIMITS.md explains them to users.

/** Largest encoded value of a post, in bytes: `post` rejects MESSAGE_TOO_LARGE, a validator rejects the message. */
export const MAX_POST_BYTES = 65_536

/** What envelope, grant, channel name and encryption may add to the value: the validator rejects longer messages. */
export const MAX_POST_OVERHEAD_BYTES = 1_024

/** Longest channel name, in bytes of UTF-8: `channel()` throws RangeError, a validator rejects the message. */
export const MAX_CHANNEL_NAME_BYTES = 255

/** Posts kept until the first neighbor comes: the oldest beyond it raises `NetGroup.Posting.Failed`. */
export const MAX_QUEUED_POSTS = 64

/** How long a post waits for the first neighbor, in ms, before `NetGroup.Posting.Failed`. */
export const QUEUED_POST_LIFETIME_MS = 30_000

/** How far a post's clock may be from the group's, in ms, either way: what is further off is ignored. */
export const MAX_CLOCK_DIFFERENCE_MS = 120_000

/**
 * How long a message id is remembered, in ms. Over twice {@link MAX_CLOCK_DIFFERENCE_MS}, so that what has been forgotten is
 * too old to be accepted again.
 */
export const SEEN_WINDOW_MS = 300_000

/** Payload hashes kept for `filterIdentical`, per group: the oldest are forgotten first. */
export const MAX_IDENTICAL_HASHES = 8_192

/** Grants whose verdict is remembered, per group: the oldest are verified again. */
export const MAX_CACHED_GRANTS = 4_096

/** How long an ordered sender's post waits for the ones before it, in ms. */
export const ORDER_GAP_MS = 500

/** Posts of one sender waiting for the ones before them: at the bound the gap is given up. */
export const MAX_WAITING_PER_SENDER = 64

/** Senders (peer and session) whose order is remembered, per group: the longest silent is forgotten. */
export const MAX_ORDERED_SENDERS = 4_096

/** Largest frame on a neighbor link, in bytes: a longer one ends the link. */
export const MAX_LINK_FRAME_BYTES = 262_144

/** How long a link handshake may take, in ms: then the stream is reset. */
export const HANDSHAKE_TIMEOUT_MS = 5_000

/** Handshakes under way with one peer, and with all: further streams are reset. */
export const MAX_HANDSHAKES_PER_PEER = 4
export const MAX_HANDSHAKES = 64

/** After this many failed handshakes a peer's streams are reset at once for {@link HANDSHAKE_REFUSAL_MS}. */
export const MAX_HANDSHAKE_FAILURES = 3
export const HANDSHAKE_REFUSAL_MS = 60_000

/** Peers whose failures are remembered: the oldest are forgiven. */
export const MAX_REMEMBERED_FAILURES = 1_024

/** Bytes left unsent in a connection's muxer by the class scheduler: what is there cannot be overtaken. */
export const MAX_MUXER_BYTES = 65_536

/** Bytes waiting in a connection's class scheduler: at the bound the neighbor is too slow and its link ends. */
export const MAX_SCHEDULED_BYTES = 4_194_304

/** Invalid messages of one neighbor within {@link INVALID_MESSAGE_WINDOW_MS} that end its links. One never does. */
export const MAX_INVALID_MESSAGES = 3
export const INVALID_MESSAGE_WINDOW_MS = 60_000

/** How long a peer whose links were ended for invalid messages is refused, in ms. */
export const MISBEHAVIOR_REFUSAL_MS = 60_000

/** Bytes that gossipsub may leave unsent for one peer: then its stream is reset and opened anew. */
export const MAX_PUBSUB_OUTBOUND_BYTES = 2_097_152

/** Largest gossipsub RPC, in bytes. Many posts may share one, so far above the largest post: a longer one ends the stream. */
export const MAX_PUBSUB_RPC_BYTES = 1_048_576

/** Bytes of others' posts that are kept for 17 s, to be sent again to neighbors that missed them: beyond, the oldest are forgotten. */
export const MAX_REMEMBERED_POST_BYTES = 8_388_608

/** Largest encoded value of a routed message, and of one to a neighbor, in bytes: sending rejects MESSAGE_TOO_LARGE, a receiver drops it. */
export const MAX_ROUTED_BYTES = 65_536

/** Longest peer id, public key and signature in a frame, in bytes: 4,096-bit RSA keys fit. What is longer is dropped. */
export const MAX_PEER_ID_BYTES = 64
export const MAX_SIGNATURE_BYTES = 1_024

/** Peers whose places on a group's ring are kept, per group: the oldest are worked out again. */
export const MAX_PLACED_PEERS = 4_096

/** Signatures of routed messages that are verified at the same time, per group: what comes beyond is dropped. */
export const MAX_VERIFICATIONS = 256

/** Receipts kept for neighbors to whom another path is looked for, per group: further ones are lost. */
export const MAX_KEPT_RECEIPTS = 256

/** Ids of neighbors' messages with a receipt that are remembered, per group, so that one sent again is not delivered again: the oldest are forgotten. */
export const MAX_DELIVERED_IDS = 4_096

/** Calls that one member, and all, may have running here, per group: further ones are answered with an error. */
export const MAX_CALLS_PER_PEER = 32
export const MAX_CALLS = 256

/** Events that `statuses()` buffers for a slow reader before it throws. */
export const MAX_BUFFERED_STATUSES = 1_024

/** Members and candidates that a topology engine remembers: the one that was heard of longest ago and is no neighbor is forgotten. */
export const MAX_CANDIDATES = 512

/** Of those, how many on one neighbor's word alone: of these the oldest is forgotten. */
export const MAX_CANDIDATES_PER_REPORTER = 128

/** Members looking for their place that are taken from one neighbor in any second. Measured (bench/swarm ring, 10,000 who join within 40 s): 0.3 in the mean. */
export const MAX_SEEKERS_PER_SECOND = 8

/** Members that one report may name: a longer one ends the link. */
export const MAX_REPORTED_MEMBERS = 64

/** Longest signed peer record that a report may carry, in bytes: a longer one is not read, of the own one addresses are left out. */
export const MAX_REPORTED_RECORD_BYTES = 1_024

/** Dials that a topology engine begins within any second, other than those that the application asks for: the others wait. */
export const MAX_DIALS_PER_SECOND = 5

/** Dials under way, and of those the ones to peers that the same neighbor alone tells of: the others wait. */
export const MAX_DIALS = 16
export const MAX_DIALS_PER_REPORTER = 4

/** Addresses of one peer that are dialed, of each kind (direct, through relays): the others are not tried. */
export const MAX_DIALED_ADDRESSES = 8

/** Connections that are being set up by others at once: a further one is refused, and is tried again by whoever wanted it. libp2p's default of 10 refuses honest members when thirty meet. */
export const MAX_PENDING_CONNECTIONS = 128

/** STUN and TURN servers that a relay may tell of, and URLs of each: what is beyond is not used. */
export const MAX_ICE_SERVERS = 8
export const MAX_ICE_URLS = 8

/** Longest message in which a relay tells of its servers, in bytes: a longer one is not read. */
export const MAX_RELAY_INFO_BYTES = 16_384

/** Links that a routed message may pass, back ones included: then it is not delivered. Rule T7. */
export const MAX_ROUTING_HOPS = 40

/** Members that a routed message names as visited: those who had it, and as many silent ones as fit beside them. With more it is dropped. */
export const MAX_ROUTING_VISITED = 64

/** Routed messages kept until the next hop acknowledges them, and their bytes, per group: at the bound the oldest is no longer sent again. */
export const MAX_PENDING_HOPS = 1_024
export const MAX_PENDING_HOP_BYTES = 4_194_304

/** Routed messages whose delivery is remembered for {@link SEEN_WINDOW_MS}, per group: the oldest are forgotten first. */
export const MAX_DELIVERED_ROUTED = 8_192

/** Own messages that wait for a receipt, per group, and for how long, in ms: then, and at the bound the oldest, have no outcome. */
export const MAX_AWAITED_RECEIPTS = 1_024
export const RECEIPT_LIFETIME_MS = 60_000

/** Largest encoded value of a presence, in bytes: `join` rejects and `setPresence` throws MESSAGE_TOO_LARGE, longer ones are not taken. */
export const MAX_PRESENCE_BYTES = 1_024

/** Members in the list of a group, and as many that are gone: further ones are not taken, and the longest gone are forgotten. */
export const MAX_PRESENT_MEMBERS = 1_024

/** Entries of members' presence that one neighbor may tell, or ask for, at once and per second: what is beyond is left unread, or not answered. */
export const MAX_PRESENCE_BURST = 2_048
export const MAX_PRESENCE_PER_SECOND = 50

/** Members that one neighbor may doubt at once and per second: what is beyond is left unread. */
export const MAX_DOUBT_BURST = 256
export const MAX_DOUBTS_PER_SECOND = 2

/** Longest lifetime of an entry, in ms: what says that it lives longer ends the link. */
export const MAX_PRESENCE_LIFETIME_MS = 900_000

/** Largest object, in bytes: a longer one is refused by what its header declares, before memory is taken for it. */
export const MAX_OBJECT_BYTES = 1_048_576

/** Longest namespace of objects, in bytes of UTF-8: a longer one ends the link. Those that are not open here are not kept. */
export const MAX_NAMESPACE_BYTES = 255

/** Ranges of a set of objects that a member tells, and that are kept of a neighbor: of the own set the rest is told later, of a neighbor's the longest are kept. */
export const MAX_RANGES = 4_096

/** Requests that wait at one neighbor, and that it may have waiting here, per namespace: one more is denied. */
export const MAX_REQUESTS_PER_NEIGHBOR = 64

/** Requests of others that the application has not answered, per namespace: at the bound no more are put to it. */
export const MAX_UNANSWERED_REQUESTS = 4_096

/** Objects that are not asked for again at one neighbor for a while: the oldest may be asked for earlier. */
export const MAX_SET_ASIDE = 1_024

/** Results whose sender is remembered, per namespace, should they be wanted again: the oldest are nobody's. */
export const MAX_REMEMBERED_RESULTS = 4_096

/** Objects of which it is remembered whom they were sent to last, per namespace: the oldest are thought to be on offer there, or nowhere. */
export const MAX_REMEMBERED_GIFTS = 4_096

/** Objects that one requester was told to look for elsewhere: the oldest it may be told so again. */
export const MAX_SENT_ELSEWHERE = 1_024

/** Peers whose useless results are counted, per namespace: the one counted first is forgotten. */
export const MAX_DOUBTED_PEERS = 256

/** Streams of one peer that say no link's id, or one that is not known yet: a further one is reset, the others after {@link HANDSHAKE_TIMEOUT_MS}. */
export const MAX_UNBOUND_STREAMS = 4

/** Streams of one protocol beside links that a connection may have, each way: one per group that both are in, and one more while a link moves. A further one is reset. */
export const MAX_SIDE_STREAMS = 512

/** Streams of objects of one neighbor in one group that are read at once: a further one is reset. Who keeps to the rules has one, and another while that one ends. */
export const MAX_OBJECT_STREAMS = 2

/** Longest header of an object, in bytes: a longer one ends the stream. */
export const MAX_OBJECT_HEADER_BYTES = 512

/** Bytes of objects that may come before they are read here: more ends the stream. Who keeps to the rules has not so many on the way. */
export const MAX_UNREAD_OBJECT_BYTES = 524_288

/** Chunks of a shared file or folder (256 GiB): what claims more is refused, and not shared. */
export const MAX_FILE_CHUNKS = 4_194_304

/** Files and folders in one share, and the bytes that their list may take: what claims more is refused, and not shared. */
export const MAX_MANIFEST_ENTRIES = 65_536
export const MAX_MANIFEST_ENTRIES_BYTES = 4_194_304

/** Longest name of a shared file, longest path in a shared folder, in bytes of UTF-8, and deepest, in names: what goes beyond is refused. */
export const MAX_FILE_NAME_BYTES = 255
export const MAX_FILE_PATH_BYTES = 4_096
export const MAX_FILE_PATH_SEGMENTS = 64

/** Chunks of a file that are asked for, or have come and are not written yet, per fetch (16 MiB): at the bound nothing more is asked for. */
export const MAX_CHUNKS_UNDER_WAY = 256

/** Chunks of a file that is fetched into a stream that are kept for others (32 MiB): the oldest are forgotten. */
export const MAX_CHUNKS_KEPT = 512

/** Largest fragment of a stream, header and signature included, in bytes: a longer one is not read. */
export const MAX_FRAGMENT_BYTES = 16_474

/** Highest number of a fragment that is taken, by which counting is exact and comes to an end: a higher one is none, and a map with one ends the link. */
export const MAX_FRAGMENT_NUMBER = 281_474_976_710_656

/** Fragments of a stream, and their bytes, that a member keeps for its neighbors: the oldest are dropped, whatever the window. */
export const MAX_KEPT_FRAGMENTS = 8_192
export const MAX_KEPT_FRAGMENT_BYTES = 67_108_864

/** Bytes of a map of fragments: what lies beyond is not told, and a longer one ends the link. */
export const MAX_MAP_BYTES = 512

/** How far beyond the latest verified fragment a neighbor's word is taken that there are more: windows move only by what is verified. */
export const MAX_UNVERIFIED_FRAGMENTS = 1_024

/** Members on the way of a stripe from the publisher: nobody is pushed to, and told of it, beyond. */
export const MAX_STREAM_PATH = 64

/** Stripes of a stream: an announcement with more is not taken. */
export const MAX_STRIPES = 16

/** Fragments asked for in one frame, and of one neighbor waiting here: a frame with more ends the link, what waits beyond is denied. */
export const MAX_PULLED_FRAGMENTS = 64

/** Fragments waiting for one child: it is too slow and loses its slots. */
export const MAX_QUEUED_PUSHES = 128

/** Fragments from one neighbor that nobody had asked for, and that were not new, until that counts as misbehavior. */
export const MAX_UNASKED_FRAGMENTS = 256

/** Members that carry a stream, told at once to one who asks. */
export const MAX_TOLD_PEERS = 8

/** Streams that a group may have, and one publisher in it: further ones are not taken, and `NetStream.publish` rejects. */
export const MAX_STREAMS = 64
export const MAX_STREAMS_PER_PUBLISHER = 8

/** Longest name of a stream, in bytes of UTF-8: `NetStream.publish` rejects RangeError, others' are not taken. */
export const MAX_STREAM_NAME_BYTES = 255

/** Fragments of all streams that wait for one neighbor's path, in bytes: more are dropped, and pulled later. Of each stream no more than 8 KiB and a fragment are handed on before some are gone, but to who keeps beginning anew. */
export const MAX_WAITING_FRAGMENT_BYTES: number = 2 * 1024 * 1024

/** Longest announcement of a stream, in bytes: a longer one counts as misbehavior of who told it. */
export const MAX_ANNOUNCEMENT_BYTES = 4_096

/** Announcements of streams that are verified at the same time, per group: what comes beyond is dropped, and told again in 10 s. */
export const MAX_ANNOUNCEMENT_VERIFICATIONS = 64

/** News of streams that one neighbor may tell at once and per second: what is beyond is left unread, and told again in 10 s. */
export const MAX_ANNOUNCEMENT_BURST = 128
export const MAX_ANNOUNCEMENTS_PER_SECOND = 16

/** How often a stream that goes on may be announced anew, in ms: what comes sooner is not taken. */
export const MIN_ANNOUNCEMENT_INTERVAL_MS = 1_000

/** Bytes of announcements in one frame: more come in further frames. */
export const MAX_TOLD_ANNOUNCEMENT_BYTES = 65_536

/** Longest duration that a stream's publisher or player may choose, in ms: options reject RangeError, an announcement with a longer one is none. */
export const MAX_STREAM_DURATION_MS = 60_000

/** Side streams of fragments of one neighbor in one group that are read at once: a further one is reset. Who keeps to the rules has one, and another while that one ends. */
export const MAX_MEDIA_STREAMS = 2

/** Streams that have ended and are remembered, per group, so that an old word does not bring them back: the oldest are forgotten. */
export const MAX_ENDED_STREAMS = 256

/** Fragments of one neighbor that are verified at the same time, per stream: what comes beyond is dropped, and fetched again. */
export const MAX_FRAGMENT_VERIFICATIONS = 256

/** Bytes of fragments that may come before they are read here: more ends the stream. */
export const MAX_UNREAD_FRAGMENT_BYTES = 524_288

/** Largest frame of a stream, in bytes: `write` rejects MESSAGE_TOO_LARGE. A longer one is left out; whoever sends it directly is no longer played. */
export const MAX_STREAM_FRAME_BYTES = 4_194_304

/** Frames that wait for a slow reader, and their bytes, per player: the oldest are dropped up to a keyframe. */
export const MAX_UNREAD_FRAMES = 65_536
export const MAX_UNREAD_FRAME_BYTES = 33_554_432

/** Direct streams that one peer may play here, and all: a further one is refused. Those that wait for an answer count. */
export const MAX_DIRECT_STREAMS_PER_PEER = 16
export const MAX_DIRECT_STREAMS = 256

/** How long `onPeerConnect` has to answer, in ms: then the peer is refused. */
export const DIRECT_ANSWER_TIMEOUT_MS = 60_000

/** Bytes that wait for one player of a direct stream: with more it is too slow, and is let go. */
export const MAX_DIRECT_WAITING_BYTES = 16_777_216

/** Bytes of frames that are not reliable, and wait for one player of a direct stream: the oldest are dropped, video first. The newest call of each handler stays beyond that, up to {@link MAX_DIRECT_WAITING_BYTES}. */
export const MAX_DIRECT_UNRELIABLE_BYTES = 1_048_576

/** How long a player of a direct stream may neither take nor read anything while something waits for it, in ms: then it is let go. Until then `write` waits for it, and all others with it. Guess: as long as it has at the end. */
export const DIRECT_STALL_MS = 10_000

/** Bytes of a direct stream that may come before they are read here: more ends the stream. */
export const MAX_UNREAD_DIRECT_BYTES = 524_288

/** Longest description of how a stream's pictures or sound are decoded, in bytes: a longer one is not read, and what needs it is not shown. */
export const MAX_MEDIA_CONFIG_BYTES = 4_096

/** Largest picture that a page decodes, in pixels: a larger one is not shown. */
export const MAX_PICTURE_PIXELS = 16_777_216

/** Channels of sound that a page decodes: what says that it has more is not played. */
export const MAX_SOUND_CHANNELS = 8

/** Bytes of pictures that wait to be decoded in a page: with more the stream is not read on. */
export const MAX_UNDECODED_BYTES = 8_388_608

/** Pieces of sound that wait to be decoded in a page: further ones are left out. */
export const MAX_UNDECODED_SOUNDS = 256
