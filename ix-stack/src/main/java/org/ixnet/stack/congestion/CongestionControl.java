package org.ixnet.stack.congestion;

/**
 * An algorithm that moves a {@link CongestionWindow}. {@link NewReno} and {@link Cubic} implement it. DCTCP (RFC 8257) has
 * its place here: it needs {@link #onEcnEcho} for each ACK with ECE, and the ECN negotiation of RFC 3168 in
 * {@code tcp.Handshake}, which is not built yet.
 *
 * <p>Thread rule: the connection's elastic thread; called for each ACK, so it neither allocates nor reads a clock.
 */
public interface CongestionControl {

    /** Name for operators, for example {@code cubic}. */
    String name();

    /**
     * New data was acknowledged outside fast recovery, while the window was what limited the sender (RFC 5681, 3.1; RFC 7661
     * for the condition).
     *
     * @param ackedBytes bytes newly acknowledged, at least 1
     * @param srttNanos smoothed round-trip time; 0 before the first sample
     */
    void onAck(CongestionWindow window, int ackedBytes, long srttNanos, long nowNanos);

    /**
     * Duplicate ACKs or SACK showed a loss: the one reduction of this window of data. Sets ssthresh; the caller moves cwnd
     * there in the course of recovery.
     *
     * @param flightBytes bytes outstanding (FlightSize)
     */
    void onLoss(CongestionWindow window, int flightBytes, long nowNanos);

    /** The retransmission timer expired for the first time for this data: sets ssthresh, and cwnd to one segment. */
    void onTimeout(CongestionWindow window, int flightBytes, long nowNanos);

    /** The sender had nothing to send for a while: time that passed does not count as growth (RFC 9438, 5.8). */
    void onIdle(CongestionWindow window, long idleNanos);

    /**
     * An ACK carried ECE (RFC 3168, 6.1.2): a reduction without a loss.
     *
     * @param ackedBytes bytes newly acknowledged by this ACK; DCTCP weighs by them
     */
    default void onEcnEcho(CongestionWindow window, int flightBytes, int ackedBytes, long nowNanos) {
        onLoss(window, flightBytes, nowNanos);
    }
}
