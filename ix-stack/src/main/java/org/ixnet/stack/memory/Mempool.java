package org.ixnet.stack.memory;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * One thread's free list over an {@link MbufStore}: allocate and free are a load and a store; once in {@link #chunkMbufs()}
 * operations at most a chunk crosses to or from the store (IX paper, 4.2). Under assertions an mbuf that is freed twice is
 * found while it is on the list. Thread rule: the owning elastic thread (see {@link org.ixnet.stack.dataplane}).
 *
 * <p>A thread that mostly sends goes through a whole chunk before it meets an mbuf again that the driver has freed: the
 * chunk is what its caches must hold. So its buffers are at most {@value #CHUNK_BYTES} bytes, a fraction of an L2 cache.
 */
public final class Mempool {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNK_MIN_MBUFS = 8;
    private static final int CHUNK_MAX_MBUFS = 64;
    private static final int CAPACITY_CHUNKS = 4;
    /** Stands in {@link Mbuf#next} of an mbuf on a free list, under assertions. */
    private static final long FREE = 0xf4ee_f4ee_f4ee_f4eeL;

    private final MbufStore store;
    private final int chunkMbufs;
    private final int capacityMbufs;
    private final long stackAddress;
    private @Nullable LargeMbufs large;
    private long largeFirst;
    private long largeBytes;
    private int free;
    private long exhausted;

    /** @param arena owns the free list */
    public Mempool(Arena arena, MbufStore store) {
        this.store = store;
        this.chunkMbufs = Math.clamp(CHUNK_BYTES / store.bufferBytes(), CHUNK_MIN_MBUFS, CHUNK_MAX_MBUFS);
        this.capacityMbufs = CAPACITY_CHUNKS * chunkMbufs;
        this.stackAddress = MemoryRanges.allocate(arena, capacityMbufs * 8L, 64);
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
            free = store.take(stackAddress, chunkMbufs);
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
        if (free == capacityMbufs) {
            free -= chunkMbufs;
            assert mark(free, chunkMbufs, 0);
            store.give(stackAddress + free * 8L, chunkMbufs);
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

    /** Mbufs that cross to or from the store at once, 8..64. */
    int chunkMbufs() {
        return chunkMbufs;
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
