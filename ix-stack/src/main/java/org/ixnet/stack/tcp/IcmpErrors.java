package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.IcmpError;

/**
 * What ICMP errors do to a connection (RFC 9293, 3.9.2.2; RFC 5461): path MTU discovery, hard errors, soft errors. The quoted
 * sequence number has been found in flight (RFC 5927). Thread rule: stateless; the elastic thread.
 */
final class IcmpErrors {
    private IcmpErrors() {}

    static boolean isHard(IcmpError.Kind kind) {
        return switch (kind) {
            case PROTOCOL_UNREACHABLE, PORT_UNREACHABLE, ADMINISTRATIVELY_PROHIBITED -> true;
            case NET_UNREACHABLE,
                    HOST_UNREACHABLE,
                    FRAGMENTATION_NEEDED,
                    SOURCE_ROUTE_FAILED,
                    TIME_EXCEEDED,
                    REASSEMBLY_TIME_EXCEEDED,
                    PARAMETER_PROBLEM -> false;
        };
    }

    static void arrives(TcpLayer layer, Tcb tcb, IcmpError error, long nowNanos) {
        if (error.kind() == IcmpError.Kind.FRAGMENTATION_NEEDED) {
            fragmentationNeeded(layer, tcb, error, nowNanos);
            return;
        }
        if (tcb.state != TcpState.SYN_SENT) {
            // RFC 5461, 2: even hard errors are soft once the connection is synchronized; retransmission goes on.
            layer.counters.increment(TcpCounter.DROPPED_ICMP);
            return;
        }
        // As Linux: an open that meets any error of the network fails at once.
        layer.die(tcb, error.kind() == IcmpError.Kind.PORT_UNREACHABLE ? DeathReason.REFUSED : DeathReason.UNREACHABLE);
    }

    /** RFC 1191, 6.4: smaller segments from now on; see {@link SegmentSize#pathChanged}. */
    private static void fragmentationNeeded(TcpLayer layer, Tcb tcb, IcmpError error, long nowNanos) {
        int mtuBytes = error.nextHopMtuBytes();
        if (mtuBytes < tcb.route.mtuBytes()) {
            layer.ip.pathMtu(tcb.route, mtuBytes, nowNanos);
            tcb.tooLarge = true;
        } else if (tcb.mtuBytes > tcb.route.mtuBytes()) {
            tcb.tooLarge = true; // another connection heard of it first, in this cycle
        } else if (mtuBytes == tcb.mtuBytes && SegmentSize.mayBeTooLarge(tcb, error.quotedSequence())) {
            SegmentSize.resend(layer, tcb); // or earlier
        } else {
            layer.counters.increment(TcpCounter.DROPPED_ICMP);
            return;
        }
        layer.markPending(tcb); // TcpOutput sees the new MTU
    }
}
