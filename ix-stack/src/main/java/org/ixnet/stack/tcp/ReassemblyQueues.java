package org.ixnet.stack.tcp;

import org.ixnet.stack.timer.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The reassembly queues of one thread that hold something, in the order of their last change. Such data is not acknowledged
 * yet, so the peer keeps it, and it may be dropped (RFC 2018, 8): when mbufs are scarce from connections that hold more than
 * their share, and when nothing happened to a gap for a minute. Thread rule: the elastic thread.
 */
final class ReassemblyQueues {
    /** A gap that no retransmission touches for so long is not about to close. */
    static final long IDLE_NANOS = 60_000_000_000L;
    /** Queues kept for the next connection with a gap. */
    private static final int SPARES = 256;
    /** Queues that are looked at in one round of collecting: bounds its time. */
    private static final int COLLECT_QUEUES = 4;

    private final TcpLayer layer;
    private final @Nullable ReassemblyQueue[] spares = new @Nullable ReassemblyQueue[SPARES];
    private int spareCount;
    private @Nullable ReassemblyQueue oldest;
    private @Nullable ReassemblyQueue newest;
    /** Where collecting goes on. */
    private @Nullable ReassemblyQueue cursor;

    private final Timer timer = new Timer() {
        @Override
        protected void expire(long nowNanos) {
            expireIdle(nowNanos);
        }
    };

    ReassemblyQueues(TcpLayer layer) {
        this.layer = layer;
    }

    /** An empty queue for {@code tcb}; it is in the list. */
    ReassemblyQueue take(Tcb tcb) {
        ReassemblyQueue queue = spareCount > 0 ? spares[--spareCount] : null;
        if (queue == null) {
            queue = new ReassemblyQueue();
        }
        tcb.reassembly = queue;
        queue.owner = tcb;
        append(queue);
        return queue;
    }

    /** The queue of {@code tcb} is empty. */
    void give(Tcb tcb, ReassemblyQueue queue) {
        assert queue.isEmpty() && queue.owner == tcb;
        unlink(queue);
        queue.owner = null;
        tcb.reassembly = null;
        if (spareCount < SPARES) {
            spares[spareCount++] = queue;
        }
    }

    /** Something came or went. */
    void touch(ReassemblyQueue queue) {
        if (queue == newest) {
            queue.touchedNanos = layer.nowNanos();
        } else {
            unlink(queue);
            append(queue);
        }
    }

    /** A connection with a queue comes to this thread. */
    void append(ReassemblyQueue queue) {
        queue.touchedNanos = layer.nowNanos();
        queue.earlier = newest;
        if (newest == null) {
            oldest = queue;
        } else {
            newest.later = queue;
        }
        newest = queue;
        if (!timer.isArmed()) {
            layer.timers.arm(timer, queue.touchedNanos + IDLE_NANOS);
        }
    }

    /** A connection with a queue leaves this thread. */
    void unlink(ReassemblyQueue queue) {
        if (cursor == queue) {
            cursor = queue.later;
        }
        if (queue.earlier == null) {
            oldest = queue.later;
        } else {
            queue.earlier.later = queue.later;
        }
        if (queue.later == null) {
            newest = queue.earlier;
        } else {
            queue.later.earlier = queue.earlier;
        }
        queue.earlier = null;
        queue.later = null;
    }

    private void expireIdle(long nowNanos) {
        layer.enter(nowNanos);
        ReassemblyQueue queue;
        while ((queue = oldest) != null && nowNanos - queue.touchedNanos >= IDLE_NANOS) {
            discard(queue, TcpCounter.REASSEMBLY_EXPIRED);
        }
        if (queue != null) {
            layer.timers.arm(timer, queue.touchedNanos + IDLE_NANOS);
        }
    }

    /** Mbufs are scarce: looks at the next few queues, and drops those of connections above their share. */
    void collect() {
        for (int i = 0; i < COLLECT_QUEUES; i++) {
            ReassemblyQueue queue = cursor == null ? oldest : cursor;
            if (queue == null) {
                return;
            }
            cursor = queue.later;
            Tcb tcb = queue.owner;
            assert tcb != null;
            if (tcb != null && !layer.receive.hasRoom(tcb) && !layer.receive.collapse(tcb)) {
                discard(queue, TcpCounter.REASSEMBLY_DISCARDED);
            }
        }
    }

    /** Nothing but the reserve is left: drops what waits longest; false when nothing does. */
    boolean discardOldest() {
        ReassemblyQueue queue = oldest;
        if (queue != null) {
            discard(queue, TcpCounter.REASSEMBLY_DISCARDED);
        }
        return queue != null;
    }

    /** Drops what waits longest if it is more than {@code mbufs}: who gets on comes before who hoards. */
    void discardOldestAbove(int mbufs) {
        ReassemblyQueue queue = oldest;
        if (queue != null && queue.mbufs() > mbufs) {
            discard(queue, TcpCounter.REASSEMBLY_DISCARDED);
        }
    }

    private void discard(ReassemblyQueue queue, TcpCounter reason) {
        Tcb tcb = queue.owner;
        assert tcb != null;
        if (tcb != null) {
            layer.counters.increment(reason);
            layer.receive.discardReassembly(tcb);
        }
    }

    /** Before the thread leaves. */
    void stop() {
        assert oldest == null;
        layer.timers.cancel(timer);
    }
}
