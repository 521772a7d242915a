package org.ixnet.stack.dataplane;

import org.ixnet.stack.congestion.CongestionAlgorithm;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.tcp.TcpConfig;

/**
 * Defaults and limits of TCP on a dataplane. Thread rule: immutable.
 *
 * @param congestion congestion control of new connections: {@code newreno} or {@code cubic}
 * @param rtoMinNanos lower bound of the retransmission timeout
 * @param sendBufferBytes default of SO_SNDBUF
 * @param receiveBufferBytes default of SO_RCVBUF
 * @param timeWaitNanos how long a connection stays in TIME-WAIT
 * @param synRetries retransmissions of a SYN before a connect fails
 * @param retries retransmissions of data before a connection is given up
 */
public record TcpSettings(
        String congestion,
        long rtoMinNanos,
        int sendBufferBytes,
        int receiveBufferBytes,
        long timeWaitNanos,
        int synRetries,
        int retries) {

    /** Options for a new connection or listener, with these defaults. */
    public TcbOptions tcbOptions() {
        TcbOptions options = new TcbOptions();
        options.sendBufferBytes = sendBufferBytes;
        options.receiveBufferBytes = receiveBufferBytes;
        options.congestionControl =
                congestion.equals("newreno") ? CongestionAlgorithm.NEW_RENO : CongestionAlgorithm.CUBIC;
        return options;
    }

    /** Limits of the TCP layer; what is not configured is {@link TcpConfig#DEFAULT}. */
    TcpConfig tcpConfig() {
        TcpConfig usual = TcpConfig.DEFAULT;
        return new TcpConfig(
                rtoMinNanos,
                usual.delayedAckNanos(),
                timeWaitNanos,
                usual.finWait2Nanos(),
                synRetries,
                usual.synAckRetries(),
                retries,
                usual.orphanRetries(),
                usual.maxOrphans(),
                usual.maxTimeWaits(),
                usual.maxSynRequests(),
                usual.maxReassemblyMbufs(),
                usual.segmentsPerFlush());
    }
}
