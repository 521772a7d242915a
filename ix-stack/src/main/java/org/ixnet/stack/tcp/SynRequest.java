package org.ixnet.stack.tcp;

import java.util.Objects;
import org.ixnet.stack.ip.Route;
import org.jspecify.annotations.Nullable;

/**
 * A half-open connection of a listener, between SYN and ACK: a small record instead of a {@link Tcb}, so that a SYN flood
 * takes little and bounded memory (RFC 4987, 3.2). Records are reused. Thread rule: the elastic thread.
 */
final class SynRequest extends TcpFlow {
    final TcpLayer layer;

    @Nullable
    Listener listener;

    @Nullable
    Route route;

    int iss;
    int irs;
    int peerMss;
    /** Snd.Wind.Shift; -1: the peer does not scale. */
    int sndWindShift;

    int rcvWindShift;
    int windowField;
    boolean sackOk;
    boolean timestampsOk;
    int tsRecent;
    int tsOffset;
    int trafficClass;
    int retransmits;
    long sentNanos;
    long lastChallengeNanos;

    /** Neighbours in the listener's list; {@code next} also links the free records. */
    @Nullable
    SynRequest previous;

    @Nullable
    SynRequest next;

    SynRequest(TcpLayer layer) {
        this.layer = layer;
    }

    /** The listener of a record in use. */
    Listener listener() {
        return Objects.requireNonNull(listener);
    }

    Route route() {
        return Objects.requireNonNull(route);
    }

    /** Sends the SYN,ACK again, or gives up. */
    @Override
    protected void expire(long nowNanos) {
        layer.handshake.requestTimeout(this, nowNanos);
    }
}
