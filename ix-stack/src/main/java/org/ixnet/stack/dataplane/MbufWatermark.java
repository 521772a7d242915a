package org.ixnet.stack.dataplane;

import java.util.concurrent.atomic.AtomicLong;
import org.ixnet.stack.memory.MbufStore;
import org.ixnet.stack.memory.Mempool;

/**
 * Counts the received mbufs that users of one thread hold, and says when mbufs are scarce. A connection that moves takes its
 * mbufs along, so that one thread may count below zero; the sum over all threads is right. Thread rule: the elastic thread;
 * {@link #heldMbufs} from any thread.
 */
final class MbufWatermark {
    /** Free share of the store, in eighths, below which received data is copied. */
    private static final int LOW_EIGHTHS = 2;

    private final Mempool mempool;
    private final int lowMbufs;
    /** Opaque: one writer while the thread is attached. */
    private final AtomicLong held = new AtomicLong();

    private long exhaustedBefore;
    private boolean low;

    MbufWatermark(Mempool mempool) {
        MbufStore store = mempool.store();
        this.mempool = mempool;
        this.lowMbufs = Math.max(1, store.capacityMbufs() / 8 * LOW_EIGHTHS);
    }

    void taken() {
        held.setOpaque(held.getPlain() + 1);
    }

    void returned() {
        held.setOpaque(held.getPlain() - 1);
    }

    long heldMbufs() {
        return held.getOpaque();
    }

    /** Looks at the store; cheap, but not so cheap as to do it for each packet. */
    void sample() {
        long exhausted = mempool.exhausted();
        low = exhausted != exhaustedBefore || mempool.store().availableMbufs() + mempool.cachedMbufs() < lowMbufs;
        exhaustedBefore = exhausted;
    }

    boolean isLow() {
        return low;
    }
}
