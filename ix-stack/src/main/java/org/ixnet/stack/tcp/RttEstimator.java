package org.ixnet.stack.tcp;

/**
 * Round-trip time and retransmission timeout of one connection (RFC 6298). Samples come from timestamps (RFC 7323, 4) or,
 * finer, from one timed segment that was not retransmitted (Karn's algorithm). Thread rule: the connection's elastic thread.
 */
final class RttEstimator {
    /** RFC 6298, (2.1), as updated by its appendix: one second before the first sample. */
    static final long INITIAL_RTO_NANOS = 1_000_000_000L;
    /** RFC 6298, 5.7: after a lost SYN without any sample, three seconds. */
    static final long SYN_LOST_RTO_NANOS = 3_000_000_000L;

    static final long MAX_RTO_NANOS = 120_000_000_000L;
    /** G: the wheel's and the clock's granularity, generously. */
    private static final long GRANULARITY_NANOS = 1_000_000L;

    /** SRTT; 0 before the first sample. */
    long srttNanos;
    /** RTTVAR. */
    long varianceNanos;
    /** Smallest sample seen. */
    long minRttNanos = Long.MAX_VALUE;

    private long rtoNanos = INITIAL_RTO_NANOS;
    /** Doublings since the last valid sample (5.5). */
    private int backoff;

    RttEstimator() {}

    /** Takes a sample; it ends the backing off (RFC 6298, 5: "once an RTT measurement is taken"). */
    void sample(long rttNanos, long minRtoNanos) {
        long r = Math.max(rttNanos, 1);
        minRttNanos = Math.min(minRttNanos, r);
        if (srttNanos == 0) {
            // (2.2)
            srttNanos = r;
            varianceNanos = r / 2;
        } else {
            // (2.3): alpha = 1/8, beta = 1/4
            varianceNanos += (Math.abs(srttNanos - r) - varianceNanos) / 4;
            srttNanos = Math.max(1, srttNanos + (r - srttNanos) / 8);
        }
        // (2.3), (2.4): the floor is put under the variance term, as Linux does, and not under the sum: a path with a
        // long,
        // steady RTT else ends with an RTO just above it, which any delayed ACK exceeds.
        long term = Math.max(Math.max(GRANULARITY_NANOS, 4 * varianceNanos), minRtoNanos);
        rtoNanos = Math.min(srttNanos + term, MAX_RTO_NANOS);
        backoff = 0;
    }

    /** RTO with its backing off. */
    long rtoNanos() {
        return backoff == 0 ? rtoNanos : Math.min(rtoNanos << Math.min(backoff, 20), MAX_RTO_NANOS);
    }

    /** (5.5): doubles the RTO. */
    void backOff() {
        if (backoff < 31) {
            backoff++;
        }
    }

    /** New data was acknowledged: the path works, although Karn's algorithm may refuse a sample. */
    void acknowledged() {
        backoff = 0;
    }

    int backoff() {
        return backoff;
    }

    /** (5.7): the SYN was lost and there is no sample. */
    void synLost() {
        if (srttNanos == 0) {
            rtoNanos = SYN_LOST_RTO_NANOS;
            backoff = 0;
        }
    }
}
