package org.ixnet.stack.dataplane;

import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.UserCalls;

/** One elastic thread's share of the dataplane: a step, not a thread. Thread rule: the thread that calls {@link #pollOnce}. */
public final class ElasticThread {
    ElasticThread() {}

    /** Slot in the dataplane, 0..maxThreads-1. */
    public int index() {
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

    public UserCalls tcp() {
        throw new UnsupportedOperationException("not built yet");
    }

    public Mempool mempool() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Gives a connection of this thread to another one of the same dataplane; packets that still arrive here follow it.
     * Upcalls then come on {@code target}.
     */
    public void moveConnection(Tcb tcb, ElasticThread target) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Aborts what is left and gives all memory back; the slot is free again. Called by the owner as its last step. */
    public void detach() {
        throw new UnsupportedOperationException("not built yet");
    }
}
