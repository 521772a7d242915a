package org.ixnet.stack.tcp;

import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.timer.Timer;

/**
 * What a thread's flow table holds for a 4-tuple: a {@link Tcb}, a {@link SynRequest} before it or a {@link TimeWait} after
 * it, so that one look-up finds any of them. It is its own timer, in the cache lines that the look-up touches. Thread rule: the elastic thread that owns the flow.
 */
abstract class TcpFlow extends Timer implements FlowKey {
    long localHi;
    long localLo;
    long remoteHi;
    long remoteLo;
    int localPort;
    int remotePort;

    TcpFlow() {}

    /** Names the flow; it must not be in a table. */
    final void name(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        this.localHi = localHi;
        this.localLo = localLo;
        this.localPort = localPort;
        this.remoteHi = remoteHi;
        this.remoteLo = remoteLo;
        this.remotePort = remotePort;
    }

    @Override
    public final long localHi() {
        return localHi;
    }

    @Override
    public final long localLo() {
        return localLo;
    }

    @Override
    public final int localPort() {
        return localPort;
    }

    @Override
    public final long remoteHi() {
        return remoteHi;
    }

    @Override
    public final long remoteLo() {
        return remoteLo;
    }

    @Override
    public final int remotePort() {
        return remotePort;
    }

    @Override
    public final boolean matches(
            long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return this.remotePort == remotePort
                && this.localPort == localPort
                && this.remoteLo == remoteLo
                && this.localLo == localLo
                && this.remoteHi == remoteHi
                && this.localHi == localHi;
    }

    @Override
    public String toString() {
        return Tuple.of(this).toString();
    }
}
