// The names under which netgroup's protocols are negotiated. An id carries its version; a new layout gets a new one.

/** Neighbor links: handshake, then frames. */
export const LINK_PROTOCOL = '/netgroup/link/1.0.0'

/** libp2p's rendezvous, spoken with relays. */
export const RENDEZVOUS_PROTOCOL = '/rendezvous/1.0.0'

/** A relay tells of its STUN and TURN servers. */
export const RELAY_INFO_PROTOCOL = '/netgroup/relay/1.0.0'

/** Objects, from a neighbor that was asked for them. Begins with the id of the link that it belongs to. */
export const OBJECTS_PROTOCOL = '/netgroup/objects/1.0.0'

/** Fragments of multicast streams, between neighbors. Begins with the id of the link that it belongs to. */
export const MEDIA_PROTOCOL = '/netgroup/media/1.0.0'

/** A stream from its publisher to one who plays it, in no group. */
export const DIRECT_PROTOCOL = '/netgroup/direct/1.0.0'
