package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.Route;

/**
 * How large segments are: the MSS that a SYN offers (RFC 9293, 3.7.1), what is sent (Eff.snd.MSS), and path MTU discovery
 * (RFC 1191). Thread rule: stateless; the connection's elastic thread.
 */
final class SegmentSize {
    private static final int IPV4_AND_TCP_HEADER = 40;
    private static final int IPV6_AND_TCP_HEADER = 60;
    private static final int TIMESTAMPS_BYTES = 12;
    private static final int LEAST_PAYLOAD = 64;

    private SegmentSize() {}

    private static int headerBytes(TcpFlow flow) {
        return flow.remoteHi == 0 && flow.remoteLo >>> 32 == 0xffff ? IPV4_AND_TCP_HEADER : IPV6_AND_TCP_HEADER;
    }

    /** The MSS option of our SYN. */
    static int offered(Route route, TcpFlow flow) {
        return Math.clamp(route.mtuBytes() - headerBytes(flow), LEAST_PAYLOAD, 0xffff);
    }

    /** Eff.snd.MSS less the options that every segment has: SMSS of the congestion control. */
    static int effective(Tcb tcb) {
        int most = Math.min(tcb.peerMss, tcb.route.mtuBytes() - headerBytes(tcb));
        return Math.max(most - (tcb.timestampsOk ? TIMESTAMPS_BYTES : 0), LEAST_PAYLOAD);
    }

    /**
     * The route's MTU changed. What is in flight goes out again in segments that fit (RFC 1191, 6.4), but only of the
     * connection whose segment was too large: the others to the same host may have sent small ones, and a router tells them
     * too.
     */
    static void pathChanged(TcpLayer layer, Tcb tcb) {
        tcb.mtuBytes = tcb.route.mtuBytes();
        int mss = effective(tcb);
        if (mss != tcb.window.mssBytes) {
            layer.counters.increment(TcpCounter.PATH_MTU_CHANGES);
            boolean smaller = mss < tcb.window.mssBytes;
            tcb.window.mssBytes(mss);
            if (smaller && tcb.flightBytes() > 0) {
                tcb.bytesSentAtPathChange = tcb.bytesSent;
                if (tcb.tooLarge) {
                    resend(layer, tcb);
                }
            }
        }
        tcb.tooLarge = false;
    }

    /** Whether the segment at {@code sequence}, which is in flight, left before the path became narrower. */
    static boolean mayBeTooLarge(Tcb tcb, int sequence) {
        return tcb.sndNxt - sequence > tcb.bytesSent - tcb.bytesSentAtPathChange;
    }

    static void resend(TcpLayer layer, Tcb tcb) {
        layer.recovery.resendAll(tcb);
        tcb.bytesSentAtPathChange = tcb.bytesSent - tcb.flightBytes(); // once for all that was in flight
    }
}
