package org.ixnet.netty;

import org.ixnet.stack.tcp.TcpInfo;

/**
 * The state of a TCP connection under the names and in the units of Linux's {@code struct tcp_info} that {@code EpollTcpInfo}
 * and {@code IoUringTcpInfo} use. What Linux counts in segments is counted in bytes here, and divided. Three fields are always 0: {@link #fackets},
 * {@link #lastAckSent} (both so on Linux too) and {@link #rcvRtt}. Thread rule: immutable.
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

    /** Linux's {@code tcp_ca_state}: 0 open, 1 disorder, 2 window reduced (never: there is no ECN), 3 recovery, 4 loss. */
    public int caState() {
        return info.congestionState().ordinal();
    }

    /** Linux's bits of the options in force: 1 timestamps, 2 SACK, 4 window scale. */
    public int options() {
        return (info.timestamps() ? 1 : 0) | (info.selectiveAck() ? 2 : 0) | (info.windowScaling() ? 4 : 0);
    }

    /** Shift of the peer's window. */
    public int sndWscale() {
        return info.sendWindowScale();
    }

    /** Shift of the window offered to the peer. */
    public int rcvWscale() {
        return info.receiveWindowScale();
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

    /** Longest delay of an acknowledgement in microseconds. */
    public long ato() {
        return info.delayedAckMicros();
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

    /** Slow start threshold in segments; 2147483647 before the first loss, as on Linux. */
    public long sndSsthresh() {
        if (info.slowStartThresholdBytes() >= Integer.MAX_VALUE) {
            return Integer.MAX_VALUE;
        }
        return info.sendMssBytes() == 0 ? 0 : info.slowStartThresholdBytes() / info.sendMssBytes();
    }

    /** Bytes of the window offered to the peer: what it may send now. */
    public long rcvSpace() {
        return info.receiveWindowBytes();
    }

    /** Bytes of the largest window that is offered: the receive buffer, since it is not tuned by measurement. */
    public long rcvSsthresh() {
        return info.receiveBufferBytes();
    }

    /** Always 0: Linux measures the receiver's round trip to tune its buffer, which has a fixed size here. */
    public long rcvRtt() {
        return 0;
    }

    /** Bytes of the path's MTU. */
    public long pmtu() {
        return info.pathMtuBytes();
    }

    /** The MSS that was offered to the peer. */
    public long advmss() {
        return info.offeredMssBytes();
    }

    /** Duplicates that mean a loss and not disorder. Fixed: the stack does not learn it. */
    public long reordering() {
        return info.duplicateThreshold();
    }

    /** Segments sent and not acknowledged. */
    public long unacked() {
        return segments(info.unackedBytes());
    }

    /** Segments in flight that the peer has reported by SACK. */
    public long sacked() {
        return segments(info.sackedBytes());
    }

    /** Segments in flight that are taken as lost, sent again or not. */
    public long lost() {
        return segments(info.lostBytes());
    }

    /** Segments in flight that were sent again. */
    public long retrans() {
        return segments(info.retransmittedInFlightBytes());
    }

    /** Always 0, as with every Linux since 4.15: forward acknowledgement is not used. */
    public long fackets() {
        return 0;
    }

    /** Milliseconds since data was sent last; 0 if none was. */
    public long lastDataSent() {
        return millis(info.sinceDataSentMicros());
    }

    /** Always 0, as on Linux: it is not kept. */
    public long lastAckSent() {
        return 0;
    }

    /** Milliseconds since data was received last; 0 if none was. */
    public long lastDataRecv() {
        return millis(info.sinceDataReceivedMicros());
    }

    /** Milliseconds since an acknowledgement was received last; every segment of a connection carries one. */
    public long lastAckRecv() {
        return millis(info.sinceReceivedMicros());
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

    private long segments(long bytes) {
        int mss = info.sendMssBytes();
        return mss == 0 ? 0 : (bytes + mss - 1) / mss;
    }

    private static long millis(long micros) {
        return Math.max(micros, 0) / 1_000;
    }
}
