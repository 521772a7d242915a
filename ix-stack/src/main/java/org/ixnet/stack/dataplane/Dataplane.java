package org.ixnet.stack.dataplane;

/** A device, the addresses on it and the elastic threads that share it. Thread rule: any thread. */
public final class Dataplane {
    private Dataplane() {}

    /** The running dataplane of an equal configuration, or a new one; {@link #release} it once for each acquire. */
    public static Dataplane acquire(IxConfig config) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The last release closes the device. */
    public void release() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Claims a thread slot. The caller then owns the cycle. */
    public ElasticThread attach(Waker waker) {
        throw new UnsupportedOperationException("not built yet");
    }
}
