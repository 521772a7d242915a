package org.ixnet.stack.tcp;

/** A snapshot of one connection in the terms of Linux's {@code struct tcp_info}. Times in microseconds; what has never happened is -1 ago. */
public record TcpInfo(
        TcpState state,
        int rttMicros,
        int rttVarianceMicros,
        int rtoMicros,
        int sendMssBytes,
        int receiveMssBytes,
        long congestionWindowBytes,
        long slowStartThresholdBytes,
        long sendWindowBytes,
        long receiveWindowBytes,
        long unackedBytes,
        long notSentBytes,
        long bytesSent,
        long bytesAcked,
        long bytesReceived,
        long segmentsOut,
        long segmentsIn,
        long retransmittedSegments,
        int retransmits,
        int probes,
        int backoff,
        boolean timestamps,
        boolean selectiveAck,
        int sendWindowScale,
        int receiveWindowScale,
        boolean windowScaling,
        CongestionState congestionState,
        int delayedAckMicros,
        long sackedBytes,
        long lostBytes,
        long retransmittedInFlightBytes,
        long sinceDataSentMicros,
        long sinceDataReceivedMicros,
        long sinceReceivedMicros,
        int pathMtuBytes,
        int offeredMssBytes,
        int receiveBufferBytes,
        int duplicateThreshold) {

    /** What the sender believes of its path: Linux's {@code tcp_ca_state}, in its order. */
    public enum CongestionState {
        /** Nothing is wrong. */
        OPEN,
        /** Duplicate or selective acknowledgements have come, too few to mean a loss. */
        DISORDER,
        /** The window is being reduced for a mark and not for a loss; never, without ECN. */
        CWR,
        /** Fast recovery. */
        RECOVERY,
        /** After a retransmission timeout. */
        LOSS
    }
}
