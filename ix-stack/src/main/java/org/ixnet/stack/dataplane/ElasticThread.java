package org.ixnet.stack.dataplane;

import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.UserCalls;
import org.ixnet.stack.udp.UdpLayer;
import org.jspecify.annotations.Nullable;

/**
 * One elastic thread's share of the dataplane: a step, not a thread. Thread rule: the thread that attached it, which alone
 * calls {@link #pollOnce}; methods that say so may be called by any thread.
 */
public final class ElasticThread {
    /** For the user to find its own object again, for example the event loop; set before others can see it. */
    public volatile @Nullable Object userHandle;

    ElasticThread() {}

    /** Slot in the dataplane, 0..maxThreads-1. Any thread. */
    public int index() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Any thread. */
    public Dataplane dataplane() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Whether the caller is the owner. Any thread. */
    public boolean inThread() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** False once {@link #detach} was called. Any thread. */
    public boolean isAttached() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** One cycle: receive, process, dispatch, output, timers, transmit. Returns the work done; 0: idle. */
    public int pollOnce(long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** When the next timer is due, on the clock of {@link #pollOnce}; Long.MAX_VALUE without one. */
    public long nextDeadlineNanos() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * What to do when {@link #pollOnce} returned 0: returns at once, pauses or sleeps, as the {@link IdlePolicy} says, at
     * most until the next timer and for {@code maxNanos}. A {@link #wakeup}, also one before the call, ends it.
     *
     * @param nowNanos the time of the last cycle
     * @param maxNanos bound of the caller, for example his next scheduled task
     * @return nanoseconds that it meant to sleep; 0 when it did not
     */
    public long idle(long nowNanos, long maxNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Ends {@link #idle}, or keeps the next one from sleeping. Any thread. */
    public void wakeup() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Runs {@code task} on this thread at the start of its next cycle, and wakes it. Any thread. False once detached. */
    public boolean execute(Runnable task) {
        throw new UnsupportedOperationException("not built yet");
    }

    public UserCalls tcp() {
        throw new UnsupportedOperationException("not built yet");
    }

    public UdpLayer udp() {
        throw new UnsupportedOperationException("not built yet");
    }

    public IpLayer ip() {
        throw new UnsupportedOperationException("not built yet");
    }

    public Mempool mempool() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Counts an mbuf of this thread that a user keeps beyond the upcall. */
    public void mbufTaken() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Frees an mbuf that {@link #mbufTaken} counted. */
    public void mbufReturned(long mbuf) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Received mbufs that users hold. Any thread. */
    public long heldMbufs() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Whether mbufs are scarce: hand data up as copies and give the mbuf back at once. */
    public boolean underPressure() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Whether flows may hash to this thread; true at first. A group that only accepts (boss) says false, and its flow groups
     * go to other threads; while no thread owns flows, all do. Connections stay where they are. Any thread.
     */
    public void ownsFlows(boolean ownsFlows) {
        throw new UnsupportedOperationException("not built yet");
    }

    public boolean ownsFlows() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Gives a connection of this thread to another one of the same dataplane; packets that still arrive here follow it.
     * Upcalls then come on {@code target}, to whom the caller must leave the tcb from now on: its own calls there wait for
     * {@code moved}, which runs on {@code target} once the connection has arrived.
     */
    public void moveConnection(Tcb tcb, ElasticThread target, Runnable moved) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Aborts what is left and gives all memory back; the slot is free again. Called by the owner as its last step. */
    public void detach() {
        throw new UnsupportedOperationException("not built yet");
    }
}
