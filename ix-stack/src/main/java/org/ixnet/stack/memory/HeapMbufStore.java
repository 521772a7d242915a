package org.ixnet.stack.memory;

import java.lang.foreign.Arena;

/**
 * An {@link MbufStore} in the process's own memory, for wires in memory. Its mbufs have DPDK's layout as far as
 * {@link Mbuf} documents it. Under assertions it finds an mbuf that is given back twice or that is not its own. Thread
 * rule: any thread.
 */
public final class HeapMbufStore implements MbufStore {
    private final Arena arena = Arena.ofShared();
    private final long firstAddress;
    private final int strideBytes;
    private final int bufferBytes;
    private final long[] stack;
    private int available;
    /** A bit for each mbuf that is in the store. */
    private final long[] home;

    private boolean closed;

    /**
     * @param capacityMbufs at least 1
     * @param bufferBytes bytes for a frame and its headroom in each, {@link Mbuf#HEADROOM_BYTES} + 64..65535
     */
    public HeapMbufStore(int capacityMbufs, int bufferBytes) {
        if (capacityMbufs < 1) {
            throw new IllegalArgumentException("capacityMbufs is " + capacityMbufs + "; must be at least 1");
        }
        if (bufferBytes < Mbuf.HEADROOM_BYTES + 64 || bufferBytes > 65535) {
            throw new IllegalArgumentException(
                    "bufferBytes is " + bufferBytes + "; must be " + (Mbuf.HEADROOM_BYTES + 64) + "..65535");
        }
        this.bufferBytes = bufferBytes;
        this.strideBytes = (Mbuf.HEADER_BYTES + Mbuf.PRIVATE_BYTES + bufferBytes + 63) & ~63;
        this.stack = new long[capacityMbufs];
        this.home = new long[(capacityMbufs + 63) >> 6];
        this.firstAddress = MemoryRanges.allocate(arena, (long) capacityMbufs * strideBytes, 64);
        // The last one first, so that they are taken in ascending order.
        for (int i = capacityMbufs - 1; i >= 0; i--) {
            long mbuf = firstAddress + (long) i * strideBytes;
            Memory.putLong(mbuf + Mbuf.BUFFER_ADDRESS_OFFSET, mbuf + Mbuf.HEADER_BYTES + Mbuf.PRIVATE_BYTES);
            Memory.putShort(mbuf + Mbuf.BUFFER_LENGTH_OFFSET, bufferBytes);
            push(mbuf);
        }
    }

    @Override
    public synchronized int take(long arrayAddress, int count) {
        int taken = Math.min(count, available);
        for (int i = 0; i < taken; i++) {
            Memory.putLong(arrayAddress + i * 8L, pop());
        }
        return taken;
    }

    @Override
    public synchronized void give(long arrayAddress, int count) {
        for (int i = 0; i < count; i++) {
            push(Memory.getLong(arrayAddress + i * 8L));
        }
    }

    /** Takes one mbuf, or 0. */
    public synchronized long takeOne() {
        return available == 0 ? 0 : pop();
    }

    public synchronized void giveOne(long mbuf) {
        push(mbuf);
    }

    private long pop() {
        long mbuf = stack[--available];
        int index = (int) ((mbuf - firstAddress) / strideBytes);
        home[index >> 6] &= ~(1L << index);
        return mbuf;
    }

    private void push(long mbuf) {
        long offset = mbuf - firstAddress;
        int index = (int) (offset / strideBytes);
        assert offset >= 0 && offset % strideBytes == 0 && index < stack.length
                : "0x" + Long.toHexString(mbuf) + " is no mbuf of this store";
        assert (home[index >> 6] & 1L << index) == 0 : "mbuf " + index + " given back twice";
        home[index >> 6] |= 1L << index;
        stack[available++] = mbuf;
    }

    @Override
    public int capacityMbufs() {
        return stack.length;
    }

    @Override
    public synchronized int availableMbufs() {
        return available;
    }

    @Override
    public int bufferBytes() {
        return bufferBytes;
    }

    /** Address of the first mbuf; all lie within {@link #spanBytes} from it. */
    long firstAddress() {
        return firstAddress;
    }

    long spanBytes() {
        return (long) stack.length * strideBytes;
    }

    /** Frees the memory, mbufs that are out included: nobody may hold one. The second time does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            available = 0;
            MemoryRanges.unregister(firstAddress);
            arena.close();
        }
    }
}
