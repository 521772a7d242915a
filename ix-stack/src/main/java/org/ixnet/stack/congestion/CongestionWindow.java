package org.ixnet.stack.congestion;

/**
 * The congestion state of one connection that TCP reads for each segment (RFC 5681, 2). Thread rule: the connection's
 * elastic thread.
 */
public final class CongestionWindow {
    /** ssthresh before the first loss: "arbitrarily high" (RFC 5681, 3.1). */
    public static final int INFINITE_BYTES = Integer.MAX_VALUE;

    /** RFC 6928: ten segments, but at most max(2 MSS, 14600) bytes. */
    private static final int INITIAL_SEGMENTS = 10;

    private static final int INITIAL_BYTES = 14_600;

    /** A window beyond this would overflow sequence arithmetic. */
    static final int MAX_BYTES = 1 << 30;

    /** cwnd, in bytes. */
    public int cwndBytes;
    /** ssthresh, in bytes. */
    public int ssthreshBytes = INFINITE_BYTES;
    /** SMSS: payload bytes of a full segment, options subtracted. */
    public int mssBytes;
    /** Bytes acknowledged in congestion avoidance that did not open cwnd yet (RFC 5681, 3.1: byte counting). */
    int creditBytes;

    public CongestionWindow() {}

    /** Sets the initial window for {@code mssBytes}; {@code synLost}: the handshake needed a retransmission. */
    public void open(int mssBytes, boolean synLost) {
        assert mssBytes > 0;
        this.mssBytes = mssBytes;
        // RFC 5681, 3.1: after a lost SYN or SYN,ACK the initial window is at most one segment.
        cwndBytes = synLost ? mssBytes : initialBytes(mssBytes);
    }

    /** IW, and the restart window after an idle time (RFC 5681, 4.1). */
    public static int initialBytes(int mssBytes) {
        return Math.min(INITIAL_SEGMENTS * mssBytes, Math.max(2 * mssBytes, INITIAL_BYTES));
    }

    public boolean inSlowStart() {
        return cwndBytes < ssthreshBytes;
    }

    /** The segment size changed (PMTU): the windows stay the same number of segments, at least one. */
    public void mssBytes(int newMssBytes) {
        cwndBytes = Math.max(newMssBytes, (int) ((long) cwndBytes * newMssBytes / mssBytes));
        mssBytes = newMssBytes;
    }

    /**
     * After an idle time of {@code timeouts} RTOs the window is halved for each, down to the restart window (RFC 5681, 4.1,
     * in the gentler form of RFC 2861 that Linux uses).
     */
    public void restartAfterIdle(long timeouts) {
        int restart = Math.min(initialBytes(mssBytes), cwndBytes);
        ssthreshBytes = Math.max(ssthreshBytes, cwndBytes - cwndBytes / 4);
        int halvings = (int) Math.min(timeouts, 30);
        cwndBytes = Math.max(cwndBytes >> halvings, restart);
        creditBytes = 0;
    }

    /** Slow start by the bytes acknowledged (RFC 3465): dividing ACKs gains nothing. Returns bytes left over at ssthresh. */
    int slowStart(int ackedBytes) {
        int growth = Math.min(ackedBytes, ssthreshBytes - cwndBytes);
        cwndBytes = Math.min(cwndBytes + growth, MAX_BYTES);
        return ackedBytes - growth;
    }

    void grow(int bytes) {
        cwndBytes = Math.min(cwndBytes + bytes, MAX_BYTES);
    }
}
