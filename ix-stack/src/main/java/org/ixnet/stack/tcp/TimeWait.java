package org.ixnet.stack.tcp;

import org.jspecify.annotations.Nullable;

/** A connection in TIME-WAIT: what 2 MSL of answers need of its {@link Tcb}. Thread rule: the elastic thread. */
final class TimeWait extends TcpFlow {
    int sndNxt;
    int rcvNxt;
    int rcvWnd;
    int windowField;
    boolean timestampsOk;
    int tsRecent;
    int tsOffset;
    int trafficClass;
    long enteredNanos;
    long expiresNanos;
    long lastAnswerNanos;

    @Nullable
    TimeWait previous;

    @Nullable
    TimeWait next;

    TimeWait() {}

    @Override
    protected void expire(long nowNanos) {
        throw new AssertionError("the table has one timer for all");
    }
}
