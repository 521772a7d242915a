package org.ixnet.stack.memory;

import java.lang.foreign.Arena;

/**
 * One thread's free list over an {@link MbufStore}: allocate and free are a load and a store; every
 * {@link #CHUNK_MBUFS} operations at most one chunk crosses to or from the store. Thread rule: the owning elastic thread
 * (see {@link org.ixnet.stack.dataplane}).
 */
public final class Mempool {
    /** Mbufs that cross to or from the store at once (IX paper, 4.2: chunks from a shared store). */
    public static final int CHUNK_MBUFS = 128;

    private static final int CAPACITY_MBUFS = 4 * CHUNK_MBUFS;

    private final MbufStore store;
    private final long stackAddress;
    private int free;
    private long exhausted;

    /** @param arena owns the free list */
    public Mempool(Arena arena, MbufStore store) {
        this.store = store;
        this.stackAddress = arena.allocate(CAPACITY_MBUFS * 8L, 64).address();
    }

    /** An mbuf for transmission or a copy, or 0 when the store has run out (counted in {@link #exhausted()}). */
    public long allocate() {
        if (free == 0) {
            free = store.take(stackAddress, CHUNK_MBUFS);
            if (free == 0) {
                exhausted++;
                return 0;
            }
        }
        return Memory.getLong(stackAddress + --free * 8L);
    }

    /** Gives {@code mbuf} back; it may come from any thread's pool over the same store. */
    public void free(long mbuf) {
        assert mbuf != 0;
        if (free == CAPACITY_MBUFS) {
            free -= CHUNK_MBUFS;
            store.give(stackAddress + free * 8L, CHUNK_MBUFS);
        }
        Memory.putLong(stackAddress + free++ * 8L, mbuf);
    }

    /** Gives everything back to the store, before the thread leaves. */
    public void drain() {
        store.give(stackAddress, free);
        free = 0;
    }

    public MbufStore store() {
        return store;
    }

    /** Mbufs on this thread's free list. */
    public int cachedMbufs() {
        return free;
    }

    /** Allocations refused because the store had run out. */
    public long exhausted() {
        return exhausted;
    }
}
