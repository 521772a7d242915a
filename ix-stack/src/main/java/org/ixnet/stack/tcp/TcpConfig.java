package org.ixnet.stack.tcp;

/**
 * Limits and times of the TCP layer, the same for all connections; the defaults are Linux's.
 *
 * @param minRtoNanos least retransmission timeout beyond the RTT, 1 ms..10 s ({@code tcp_rto_min})
 * @param delayedAckNanos longest delay of an ACK, below 500 ms (RFC 9293, MUST-40)
 * @param timeWaitNanos 2 MSL
 * @param finWait2Nanos how long a closed connection waits for the peer's FIN ({@code tcp_fin_timeout})
 * @param synRetries SYNs that are repeated ({@code tcp_syn_retries})
 * @param synAckRetries SYN,ACKs that are repeated ({@code tcp_synack_retries})
 * @param retries timeouts before a connection dies ({@code tcp_retries2})
 * @param orphanRetries the same for a connection that the user closed ({@code tcp_orphan_retries})
 * @param maxOrphans closed connections that still deliver data, a thread ({@code tcp_max_orphans})
 * @param maxTimeWaits connections in TIME-WAIT, a thread; beyond it the oldest goes ({@code tcp_max_tw_buckets})
 * @param maxSynRequests half-open connections, a thread; beyond it SYN cookies answer
 * @param maxReassemblyMbufs mbufs that wait for a gap to be filled, over all connections of a thread
 * @param segmentsPerFlush new segments that one connection sends in one cycle; the rest follows in the next
 */
public record TcpConfig(
        long minRtoNanos,
        long delayedAckNanos,
        long timeWaitNanos,
        long finWait2Nanos,
        int synRetries,
        int synAckRetries,
        int retries,
        int orphanRetries,
        int maxOrphans,
        int maxTimeWaits,
        int maxSynRequests,
        int maxReassemblyMbufs,
        int segmentsPerFlush) {
    private static final long MILLI = 1_000_000L;

    public static final TcpConfig DEFAULT = new TcpConfig(
            200 * MILLI, 40 * MILLI, 60_000 * MILLI, 60_000 * MILLI, 6, 5, 15, 8, 16_384, 65_536, 4_096, 8_192, 64);

    public TcpConfig {
        check("minRtoNanos", minRtoNanos, MILLI, 10_000 * MILLI);
        check("delayedAckNanos", delayedAckNanos, 0, 500 * MILLI);
        check("timeWaitNanos", timeWaitNanos, 0, 240_000 * MILLI);
        check("finWait2Nanos", finWait2Nanos, MILLI, 3_600_000 * MILLI);
        check("synRetries", synRetries, 0, 127);
        check("synAckRetries", synAckRetries, 0, 255);
        check("retries", retries, 1, 255);
        check("orphanRetries", orphanRetries, 1, 255);
        check("maxOrphans", maxOrphans, 0, 1 << 24);
        check("maxTimeWaits", maxTimeWaits, 0, 1 << 24);
        check("maxSynRequests", maxSynRequests, 0, 1 << 24);
        check("maxReassemblyMbufs", maxReassemblyMbufs, 0, 1 << 24);
        check("segmentsPerFlush", segmentsPerFlush, 1, 65_536);
    }

    private static void check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; must be " + least + ".." + most + " (TcpConfig." + name + ")");
        }
    }

    public TcpConfig withMinRtoNanos(long nanos) {
        return new TcpConfig(
                nanos,
                delayedAckNanos,
                timeWaitNanos,
                finWait2Nanos,
                synRetries,
                synAckRetries,
                retries,
                orphanRetries,
                maxOrphans,
                maxTimeWaits,
                maxSynRequests,
                maxReassemblyMbufs,
                segmentsPerFlush);
    }

    public TcpConfig withTimeWaitNanos(long nanos) {
        return new TcpConfig(
                minRtoNanos,
                delayedAckNanos,
                nanos,
                finWait2Nanos,
                synRetries,
                synAckRetries,
                retries,
                orphanRetries,
                maxOrphans,
                maxTimeWaits,
                maxSynRequests,
                maxReassemblyMbufs,
                segmentsPerFlush);
    }

    /** @param orphans see {@link #maxOrphans}; the other two likewise */
    public TcpConfig withLimits(int orphans, int timeWaits, int synRequests) {
        return new TcpConfig(
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                finWait2Nanos,
                synRetries,
                synAckRetries,
                retries,
                orphanRetries,
                orphans,
                timeWaits,
                synRequests,
                maxReassemblyMbufs,
                segmentsPerFlush);
    }
}
