package org.ixnet.stack.tcp;

import org.ixnet.stack.congestion.CongestionAlgorithm;

/**
 * Socket options of one connection, or those that a listener gives its children; Linux names and defaults. After a
 * change of a live connection's options call {@link UserCalls#optionsChanged}; it takes effect at once. Thread rule: the owning elastic thread.
 */
public final class TcbOptions {
    /** TCP_NODELAY: do not hold small segments back (Nagle, RFC 9293 3.7.4). */
    public boolean noDelay;
    /** SO_KEEPALIVE. */
    public boolean keepAlive;
    /** TCP_KEEPIDLE. */
    public long keepIdleNanos = 7_200_000_000_000L;
    /** TCP_KEEPINTVL. */
    public long keepIntervalNanos = 75_000_000_000L;
    /** TCP_KEEPCNT. */
    public int keepCount = 9;
    /** TCP_USER_TIMEOUT; 0: the default of the retransmission limit. */
    public long userTimeoutNanos;
    /** SO_SNDBUF: bytes that may wait or be unacknowledged. */
    public int sendBufferBytes = 1 << 20;
    /** SO_RCVBUF: the largest window offered. */
    public int receiveBufferBytes = 1 << 20;
    /** TCP_QUICKACK: acknowledge every segment at once. */
    public boolean quickAck;
    /** TCP_CORK: send full segments only. */
    public boolean cork;
    /** TCP_NOTSENT_LOWAT. */
    public int notSentLowWaterBytes = Integer.MAX_VALUE;
    /** IP_TOS: the traffic class byte. */
    public int trafficClass;
    /** TCP_CONGESTION; fixed when the connection is made. */
    public CongestionAlgorithm congestionControl = CongestionAlgorithm.CUBIC;

    /** Linux's defaults. */
    public TcbOptions() {}

    public TcbOptions copy() {
        TcbOptions copy = new TcbOptions();
        copy.noDelay = noDelay;
        copy.keepAlive = keepAlive;
        copy.keepIdleNanos = keepIdleNanos;
        copy.keepIntervalNanos = keepIntervalNanos;
        copy.keepCount = keepCount;
        copy.userTimeoutNanos = userTimeoutNanos;
        copy.sendBufferBytes = sendBufferBytes;
        copy.receiveBufferBytes = receiveBufferBytes;
        copy.quickAck = quickAck;
        copy.cork = cork;
        copy.notSentLowWaterBytes = notSentLowWaterBytes;
        copy.trafficClass = trafficClass;
        copy.congestionControl = congestionControl;
        return copy;
    }
}
