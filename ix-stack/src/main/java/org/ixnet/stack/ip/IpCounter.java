package org.ixnet.stack.ip;

/** What an {@link IpLayer} counts. A packet that is dropped counts in exactly one {@code DROPPED_} counter. */
public enum IpCounter {
    /** Frames given to {@link IpLayer#input}. */
    RECEIVED,
    /** Packets given to a transport. */
    DELIVERED,
    /** Packets handed to the device or the loopback, ARP and fragments included. */
    SENT,

    /** Shorter than an Ethernet header. */
    DROPPED_SHORT_FRAME,
    /** The frame spans several mbufs. */
    DROPPED_MULTI_SEGMENT,
    /** Unicast to another MAC address. */
    DROPPED_OTHER_MAC,
    /** A VLAN tag with an identifier. */
    DROPPED_VLAN,
    /** Neither IPv4 nor ARP. */
    DROPPED_ETHERTYPE,
    /** IPv6, which is not built yet. */
    DROPPED_IPV6,

    /** Shorter than its IPv4 header. */
    DROPPED_IP_SHORT,
    DROPPED_IP_VERSION,
    /** IHL below 5. */
    DROPPED_IP_HEADER_LENGTH,
    /** Total length below the header's or beyond the frame. */
    DROPPED_IP_TOTAL_LENGTH,
    DROPPED_IP_CHECKSUM,
    /** Options malformed, or a source route. */
    DROPPED_IP_OPTIONS,
    /** The device found the transport checksum wrong. */
    DROPPED_L4_CHECKSUM,
    /** A source that no host may send from: 0.0.0.0, broadcast, multicast, class E, loopback from outside. */
    DROPPED_MARTIAN_SOURCE,
    /** From outside with a source that is our own address (LAND). */
    DROPPED_LAND,
    /** To an address that is not ours; a host does not forward. */
    DROPPED_OTHER_ADDRESS,
    /** Unicast IP in a broadcast or multicast frame (RFC 1122, 3.3.6). */
    DROPPED_GROUP_FRAME,
    /** To a multicast group that nobody joined. */
    IGNORED_MULTICAST,
    /** No transport for the protocol; ICMP protocol unreachable was due. */
    DROPPED_PROTOCOL,

    ARP_REQUESTS_RECEIVED,
    ARP_REPLIES_RECEIVED,
    ARP_REQUESTS_SENT,
    ARP_REPLIES_SENT,
    /** Malformed, or from an impossible sender. */
    DROPPED_ARP_INVALID,
    /** Claims our own address. */
    ARP_CONFLICTS,
    /** Not asked for, or about an entry that it may not change. */
    ARP_IGNORED,

    ICMP_ECHO_REPLIED,
    ICMP_ERRORS_RECEIVED,
    ICMP_ERRORS_SENT,
    /** Errors not sent because of the rate limit. */
    ICMP_ERRORS_LIMITED,
    DROPPED_ICMP_SHORT,
    DROPPED_ICMP_CHECKSUM,
    /** Types that a host ignores: redirects, replies that nobody asked for, echo to broadcast. */
    ICMP_IGNORED,
    /** Errors whose quoted packet is cut short or was never ours. */
    DROPPED_ICMP_QUOTE,

    FRAGMENTS_RECEIVED,
    REASSEMBLED,
    /** Fragment with no data, beyond 65535 bytes, or not a multiple of 8 in the middle. */
    DROPPED_FRAGMENT_INVALID,
    /** Exact copy of one that is there. */
    DROPPED_FRAGMENT_DUPLICATE,
    /** Datagrams discarded because fragments overlapped. */
    REASSEMBLY_OVERLAP,
    /** Datagrams discarded after {@code Reassembly.LIFETIME_NANOS}. */
    REASSEMBLY_TIMEOUT,
    /** Datagrams discarded to make room. */
    REASSEMBLY_EVICTED,
    /** Fragments dropped because there was no room. */
    DROPPED_FRAGMENT_NO_ROOM,
    /** Datagrams that left in fragments. */
    FRAGMENTED,

    /** Output: no mbuf was free. */
    DROPPED_NO_MBUF,
    /** Output: longer than the path MTU with DF set. */
    DROPPED_TOO_BIG,
    /** Output: too many packets waited for the neighbour. */
    DROPPED_NEIGHBOUR_QUEUE,
    /** Output: the neighbour did not answer. */
    DROPPED_NEIGHBOUR_FAILED,
    /** Output: the transmit queue was full. */
    DROPPED_TRANSMIT_QUEUE
}
