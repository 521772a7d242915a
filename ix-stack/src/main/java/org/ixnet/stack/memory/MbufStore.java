package org.ixnet.stack.memory;

/**
 * The shared store that every thread's {@link Mempool} draws on: a DPDK mempool, or {@code HeapMbufStore} for wires in
 * memory. Mbufs cross in chunks, so the cost of sharing is paid once a chunk. Thread rule: {@link #take} and {@link #give}
 * from any thread at once.
 */
public interface MbufStore extends AutoCloseable {

    /**
     * Takes up to {@code count} mbufs.
     *
     * @param arrayAddress where their addresses are written, 8 bytes each
     * @return how many were taken, 0..count; fewer than {@code count} only when the store runs out
     */
    int take(long arrayAddress, int count);

    /** Gives back {@code count} mbufs whose addresses stand at {@code arrayAddress}, 8 bytes each. */
    void give(long arrayAddress, int count);

    /** Mbufs in the store when nothing is taken. */
    int capacityMbufs();

    /** Mbufs that can be taken now; approximate while other threads take and give. */
    int availableMbufs();

    /** Bytes for a frame and its headroom in each mbuf. */
    int bufferBytes();

    @Override
    void close();
}
