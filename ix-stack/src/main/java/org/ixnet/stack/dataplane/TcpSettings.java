package org.ixnet.stack.dataplane;

/**
 * Defaults and limits of TCP on a dataplane. Thread rule: immutable.
 *
 * @param congestion congestion control of new connections: {@code newreno}, {@code cubic} or {@code dctcp}
 * @param rtoMinNanos lower bound of the retransmission timeout
 * @param initialWindowSegments initial congestion window, in segments of MSS (RFC 6928: 10)
 * @param sendBufferBytes default of SO_SNDBUF
 * @param receiveBufferBytes default of SO_RCVBUF
 * @param backlogMax upper bound of a listener's backlog
 * @param timeWaitNanos how long a connection stays in TIME-WAIT
 * @param synRetries retransmissions of a SYN before a connect fails
 * @param retries retransmissions of data before a connection is given up
 */
public record TcpSettings(
        String congestion,
        long rtoMinNanos,
        int initialWindowSegments,
        int sendBufferBytes,
        int receiveBufferBytes,
        int backlogMax,
        long timeWaitNanos,
        int synRetries,
        int retries) {}
