package org.ixnet.stack.tcp;

/** A listening port on one elastic thread, with its SYN queue and accept queue. Thread rule: the owning elastic thread. */
public final class Listener {
    Listener() {}

    public int localPort() {
        throw new UnsupportedOperationException("not built yet");
    }
}
