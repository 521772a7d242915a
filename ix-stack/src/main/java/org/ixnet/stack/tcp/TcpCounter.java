package org.ixnet.stack.tcp;

/** What a thread's {@link TcpLayer} counts. Each dropped segment counts under one {@code DROPPED_} reason. */
public enum TcpCounter {
    SEGMENTS_RECEIVED,
    SEGMENTS_SENT,
    /** Segments that the header prediction took. */
    PREDICTED,
    BYTES_RECEIVED,
    BYTES_SENT,
    RETRANSMITTED_SEGMENTS,
    TIMEOUTS,
    FAST_RECOVERIES,
    WINDOW_PROBES,
    KEEPALIVE_PROBES,
    DUPLICATE_ACKS,
    OUT_OF_ORDER_SEGMENTS,
    COALESCED_SEGMENTS,
    /** Mbufs freed by moving small pieces of received text together, because they were scarce. */
    COLLAPSED_MBUFS,
    /** Reassembly queues that were dropped because mbufs were scarce. */
    REASSEMBLY_DISCARDED,
    /** Reassembly queues that were dropped because their gap stayed for too long. */
    REASSEMBLY_EXPIRED,
    DELAYED_ACKS,
    /** Segments whose connection was read before their batch was processed, see {@link ReadAhead}. */
    READ_AHEAD,
    CHALLENGE_ACKS,
    RESETS_SENT,
    RESETS_RECEIVED,
    ACTIVE_OPENS,
    PASSIVE_OPENS,
    SYN_COOKIES_SENT,
    SYN_COOKIES_ACCEPTED,
    TIME_WAITS,
    TIME_WAITS_REUSED,
    TIME_WAITS_RECYCLED,
    ORPHANS_RESET,
    PATH_MTU_CHANGES,
    /** An mbuf was needed and the pool was empty; the segment goes out later. */
    NO_MBUF,
    DROPPED_MALFORMED,
    DROPPED_CHECKSUM,
    DROPPED_BROADCAST,
    DROPPED_NO_CONNECTION,
    DROPPED_UNACCEPTABLE,
    DROPPED_PAWS,
    DROPPED_RESET,
    DROPPED_NO_ACK,
    DROPPED_BAD_ACK,
    DROPPED_SYN,
    DROPPED_SYN_QUEUE_FULL,
    DROPPED_ACCEPT_QUEUE_FULL,
    DROPPED_DUPLICATE,
    DROPPED_REASSEMBLY_FULL,
    /** Text in order for which the connection's share of the mbufs had no room. */
    DROPPED_NO_ROOM,
    DROPPED_AFTER_SHUTDOWN,
    DROPPED_TIME_WAIT,
    DROPPED_ICMP
}
