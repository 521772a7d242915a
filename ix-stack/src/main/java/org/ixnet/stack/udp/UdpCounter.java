package org.ixnet.stack.udp;

/** What a {@link UdpLayer} counts. A datagram that is dropped counts in exactly one {@code DROPPED_} counter. */
public enum UdpCounter {
    /** Datagrams queued for a socket. */
    RECEIVED,
    /** Datagrams handed to IP. */
    SENT,
    /** Datagrams for a socket of another thread. */
    FORWARDED,
    /** Shorter than a header, or with a length that the packet does not hold. */
    DROPPED_LENGTH,
    DROPPED_CHECKSUM,
    /** No socket; ICMP port unreachable was due. */
    DROPPED_NO_SOCKET,
    /** The socket's receive buffer was full. */
    DROPPED_BUFFER_FULL,
    /** Sends refused because no mbuf was free. */
    SEND_NO_MBUF,
    /** ICMP errors for a connected socket. */
    ICMP_ERRORS,
    /** ICMP errors that concern no socket. */
    ICMP_IGNORED
}
