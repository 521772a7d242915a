package org.ixnet.netty;

import org.ixnet.stack.tcp.TcpInfo;

/**
 * The state of a TCP connection under the names of Linux's {@code struct tcp_info} that {@code EpollTcpInfo} uses. Thread
 * rule: immutable.
 *
 * @param info the snapshot, with everything that the stack tells
 */
public record IxTcpInfo(TcpInfo info) {

    /** Linux's number of the state: 1 is ESTABLISHED. */
    public int state() {
        return switch (info.state()) {
            case ESTABLISHED -> 1;
            case SYN_SENT -> 2;
            case SYN_RECEIVED -> 3;
            case FIN_WAIT_1 -> 4;
            case FIN_WAIT_2 -> 5;
            case TIME_WAIT -> 6;
            case CLOSED -> 7;
            case CLOSE_WAIT -> 8;
            case LAST_ACK -> 9;
            case LISTEN -> 10;
            case CLOSING -> 11;
        };
    }

    /** Smoothed round-trip time in microseconds. */
    public long rtt() {
        return info.rttMicros();
    }

    /** Variance of the round-trip time in microseconds. */
    public long rttvar() {
        return info.rttVarianceMicros();
    }

    /** Retransmission timeout in microseconds. */
    public long rto() {
        return info.rtoMicros();
    }

    /** Bytes of the largest segment sent. */
    public long sndMss() {
        return info.sendMssBytes();
    }

    /** Bytes of the largest segment expected. */
    public long rcvMss() {
        return info.receiveMssBytes();
    }

    /** Congestion window in segments. */
    public long sndCwnd() {
        return info.sendMssBytes() == 0 ? 0 : info.congestionWindowBytes() / info.sendMssBytes();
    }

    /** Slow start threshold in segments. */
    public long sndSsthresh() {
        return info.sendMssBytes() == 0 ? 0 : info.slowStartThresholdBytes() / info.sendMssBytes();
    }

    /** Bytes of the window offered to the peer. */
    public long rcvSpace() {
        return info.receiveWindowBytes();
    }

    /** Segments sent and not acknowledged. */
    public long unacked() {
        return info.sendMssBytes() == 0 ? 0 : (info.unackedBytes() + info.sendMssBytes() - 1) / info.sendMssBytes();
    }

    /** Retransmissions of the oldest segment in flight. */
    public int retransmits() {
        return info.retransmits();
    }

    /** Window or keepalive probes without an answer. */
    public int probes() {
        return info.probes();
    }

    /** Doublings of the retransmission timeout. */
    public int backoff() {
        return info.backoff();
    }

    /** Retransmissions of the whole connection. */
    public long totalRetrans() {
        return info.retransmittedSegments();
    }
}
