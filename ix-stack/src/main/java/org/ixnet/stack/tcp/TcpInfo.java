package org.ixnet.stack.tcp;

/** A snapshot of one connection in the terms of Linux's {@code struct tcp_info}. Times in microseconds. */
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
        int receiveWindowScale) {}
