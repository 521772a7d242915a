package org.ixnet.stack.tcp;

import org.ixnet.stack.memory.MbufStore;
import org.ixnet.stack.memory.Mempool;

/**
 * How many mbufs a connection may fill with text that its user has not taken: a fixed share of those that are free (the
 * dynamic threshold of Choudhury and Hahne, 1998). What hoarders take makes everybody's share smaller, so that they end at
 * an equilibrium with mbufs to spare, and a connection whose user reads hardly notices. The last mbufs are nobody's: they
 * are kept for sending, so that ACKs and retransmissions never wait for received text.
 *
 * <pre>
 *   0          reserve              low                                capacity
 *   |- sending -|- 4 a connection ... 1/8 of what is free for each -------|
 *               |- collect from those -|   above their share
 * </pre>
 *
 * Thread rule: the elastic thread; the store is shared, so all threads see one level.
 */
final class ReceiveBudget {
    /** A connection may hold this share of the free mbufs: 1/8. */
    private static final int SHARE_SHIFT = 3;
    /** Even a very small share lets a connection go on. */
    private static final int LEAST_MBUFS = 4;

    private final Mempool mempool;
    private final MbufStore store;
    private final int reserveMbufs;
    private final int lowMbufs;
    /** Text that an mbuf holds at least on average once a queue is collapsed: two neighbours do not fit one buffer. */
    private final int bytesPerMbuf;

    /** Mbufs that a connection may hold now. */
    int limitMbufs;

    private boolean low;

    ReceiveBudget(Mempool mempool) {
        this.mempool = mempool;
        this.store = mempool.store();
        int capacity = store.capacityMbufs();
        this.reserveMbufs = Math.max(capacity / 16, Math.min(64, capacity / 8));
        this.lowMbufs = capacity / 4;
        this.bytesPerMbuf = store.bufferBytes() / 2;
        sample();
    }

    /** Looks at the store: not for each segment. */
    void sample() {
        int free = store.availableMbufs() + mempool.cachedMbufs() - reserveMbufs;
        low = free < lowMbufs;
        limitMbufs = free <= 0 ? 0 : Math.max(free >> SHARE_SHIFT, LEAST_MBUFS);
    }

    /** Mbufs are scarce: who holds more than the share has to give. */
    boolean isLow() {
        return low;
    }

    /** Nothing but the reserve is left. */
    boolean isExhausted() {
        return limitMbufs == 0;
    }

    /** What a connection that holds {@code mbufs} in order may be offered. */
    int windowBytes(int mbufs) {
        return (int) Math.min((long) Math.max(limitMbufs - mbufs, 0) * bytesPerMbuf, Integer.MAX_VALUE);
    }
}
