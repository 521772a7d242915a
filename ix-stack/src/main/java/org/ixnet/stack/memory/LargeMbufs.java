package org.ixnet.stack.memory;

/**
 * A few mbufs that hold a whole datagram of 64 KB, for reassembly; the device never sees them. They go back through
 * {@link Mempool#free} as any other. Thread rule: any thread.
 */
public final class LargeMbufs implements AutoCloseable {
    /** Bytes for a frame and headroom: all that an mbuf's 16-bit length can say. */
    public static final int BUFFER_BYTES = 65535;

    private final HeapMbufStore store;

    /** @param count how many datagrams may be held at once, reassembled or in parts, at least 1 */
    public LargeMbufs(int count) {
        store = new HeapMbufStore(count, BUFFER_BYTES);
    }

    /** A large mbuf, or 0 when all are out. */
    public long allocate() {
        return store.takeOne();
    }

    public void free(long mbuf) {
        store.giveOne(mbuf);
    }

    public int available() {
        return store.availableMbufs();
    }

    public int count() {
        return store.capacityMbufs();
    }

    long firstAddress() {
        return store.firstAddress();
    }

    long spanBytes() {
        return store.spanBytes();
    }

    /** Frees the memory; nobody may hold one of the mbufs. */
    @Override
    public void close() {
        store.close();
    }
}
