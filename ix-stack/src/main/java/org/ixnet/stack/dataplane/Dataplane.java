package org.ixnet.stack.dataplane;

import java.util.List;
import java.util.function.Consumer;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.flow.PortTable;

/**
 * A device, the addresses on it and the elastic threads that share it. It lives while somebody uses it or a thread is
 * attached. Thread rule: any thread.
 */
public final class Dataplane {
    private final IxConfig config;

    private Dataplane(IxConfig config) {
        this.config = config;
    }

    /**
     * The running dataplane of an equal configuration, or a new one; {@link #release} it once for each acquire.
     *
     * @throws org.ixnet.stack.device.DeviceException when the device cannot be opened; with cause and remedy
     */
    public static Dataplane acquire(IxConfig config) {
        return new Dataplane(config);
    }

    /** A dataplane of its own over a device that is open already; it closes the device in the end. Counts as acquired. */
    public static Dataplane open(IxConfig config, Device device) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Ends one use. The device closes when the last user released, all threads detached and no mbuf is held. */
    public void release() {
        throw new UnsupportedOperationException("not built yet");
    }

    public boolean isClosed() {
        throw new UnsupportedOperationException("not built yet");
    }

    public IxConfig config() {
        return config;
    }

    public Device device() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Reservations of TCP and UDP ports, for all threads. */
    public PortTable ports() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Claims a thread slot for the calling thread, which then owns the cycle.
     *
     * @param waker called, from any thread, when the thread said that it sleeps and work arrived
     * @throws IllegalStateException when {@link IxConfig#maxThreads()} are attached, or the dataplane is closed
     */
    public ElasticThread attach(Waker waker) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The attached threads, in the order of their index. */
    public List<ElasticThread> threads() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Calls {@code listener} for every attached thread and for every one that attaches later, on the elastic thread itself
     * in its next cycle; a listening socket opens its {@code Listener}s so.
     */
    public void onEachThread(Consumer<ElasticThread> listener) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Ends {@link #onEachThread} for threads that attach later. */
    public void removeOnEachThread(Consumer<ElasticThread> listener) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Gives back an mbuf that a user still held when its thread had detached. Any thread; while the thread is attached, its
     * own {@link ElasticThread#mbufReturned} is the way.
     */
    public void returnMbuf(long mbuf) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Counters of all threads, the device's statistics and all connections. Waits for each thread's next cycle; not from an elastic thread. */
    public DataplaneSnapshot snapshot() {
        throw new UnsupportedOperationException("not built yet");
    }
}
