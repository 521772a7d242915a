package org.ixnet.stack.memory;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * One thread's free list over an {@link MbufStore}: allocate and free are a load and a store; every
 * {@link #CHUNK_MBUFS} operations at most one chunk crosses to or from the store. Under assertions an mbuf that is freed
 * twice is found while it is on the list. Thread rule: the owning elastic thread (see
 * {@link org.ixnet.stack.dataplane}).
 */
public final class Mempool {
    /** Mbufs that cross to or from the store at once (IX paper, 4.2: chunks from a shared store). */
    public static final int CHUNK_MBUFS = 128;

    private static final int CAPACITY_MBUFS = 4 * CHUNK_MBUFS;
    /** Stands in {@link Mbuf#next} of an mbuf on a free list, under assertions. */
    private static final long FREE = 0xf4ee_f4ee_f4ee_f4eeL;

    private final MbufStore store;
    private final long stackAddress;
    private @Nullable LargeMbufs large;
    private long largeFirst;
    private long largeBytes;
    private int free;
    private long exhausted;

    /** @param arena owns the free list */
    public Mempool(Arena arena, MbufStore store) {
        this.store = store;
        this.stackAddress = MemoryRanges.allocate(arena, CAPACITY_MBUFS * 8L, 64);
    }

    /** From now on {@link #free} also takes mbufs of {@code mbufs}; all pools over one store must be told. */
    public void large(LargeMbufs mbufs) {
        large = mbufs;
        largeFirst = mbufs.firstAddress();
        largeBytes = mbufs.spanBytes();
    }

    /** An mbuf for transmission or a copy, or 0 when the store has run out (counted in {@link #exhausted()}). */
    public long allocate() {
        if (free == 0) {
            free = store.take(stackAddress, CHUNK_MBUFS);
            if (free == 0) {
                exhausted++;
                return 0;
            }
            assert mark(0, free, FREE);
        }
        long mbuf = Memory.getLong(stackAddress + --free * 8L);
        assert unmark(mbuf);
        return mbuf;
    }

    /** Gives {@code mbuf} back; it may come from any thread's pool over the same store. */
    public void free(long mbuf) {
        assert mbuf != 0;
        if (Long.compareUnsigned(mbuf - largeFirst, largeBytes) < 0) {
            freeLarge(mbuf);
            return;
        }
        if (free == CAPACITY_MBUFS) {
            free -= CHUNK_MBUFS;
            assert mark(free, CHUNK_MBUFS, 0);
            store.give(stackAddress + free * 8L, CHUNK_MBUFS);
        }
        assert Mbuf.next(mbuf) != FREE : "mbuf 0x" + Long.toHexString(mbuf) + " freed twice";
        Memory.putLong(stackAddress + free++ * 8L, mbuf);
        assert mark(free - 1, 1, FREE);
    }

    private void freeLarge(long mbuf) {
        LargeMbufs to = large;
        assert to != null;
        if (to != null) {
            to.free(mbuf);
        }
    }

    /** Gives everything back to the store, before the thread leaves. */
    public void drain() {
        assert mark(0, free, 0);
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

    /** For assertions: marks {@code count} entries of the list from {@code first}. The store never sees the mark. */
    private boolean mark(int first, int count, long mark) {
        for (int i = first; i < first + count; i++) {
            Mbuf.next(Memory.getLong(stackAddress + i * 8L), mark);
        }
        return true;
    }

    private static boolean unmark(long mbuf) {
        assert Mbuf.next(mbuf) == FREE : "mbuf 0x" + Long.toHexString(mbuf) + " written after it was freed";
        Mbuf.next(mbuf, 0);
        return true;
    }
}
