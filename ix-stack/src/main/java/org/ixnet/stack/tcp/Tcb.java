package org.ixnet.stack.tcp;

import org.jspecify.annotations.Nullable;

/** Transmission control block: one connection (RFC 9293, 3.3.1). Thread rule: the owning elastic thread. */
public final class Tcb {
    /** For the user to find its own object again, for example the Netty channel. */
    public @Nullable Object userHandle;

    Tcb() {}

    public TcpState state() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long localHi() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long localLo() {
        throw new UnsupportedOperationException("not built yet");
    }

    public int localPort() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long remoteHi() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long remoteLo() {
        throw new UnsupportedOperationException("not built yet");
    }

    public int remotePort() {
        throw new UnsupportedOperationException("not built yet");
    }

    public TcbOptions options() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** True once {@link ConnectionUser#dead} was or would be called. */
    public boolean isDead() {
        throw new UnsupportedOperationException("not built yet");
    }
}
