package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.ixnet.stack.memory.Memory;

/**
 * Memory that small writes are copied to, one behind the other. It counts the runs of pieces in flight itself, on one thread, since
 * the counter of a buffer costs a locked instruction each way; when none is left, the slab can be filled anew. A run that
 * leaves the loop becomes a reference to the buffer. Thread rule: the loop of the {@link SlabPool} that it comes from.
 */
final class Slab {
    private static final int BYTES = 16 * 1024;

    private final ByteBuf buffer;
    /** Asking a buffer for it may allocate. */
    private final long address;

    private int used;
    /** Runs of pieces in flight. */
    private int runs;
    /** Its holder is gone; each run has a reference to the buffer. */
    private boolean released;

    Slab() {
        buffer = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES, BYTES);
        address = buffer.hasMemoryAddress()
                ? buffer.memoryAddress()
                : MemorySegment.ofBuffer(buffer.internalNioBuffer(0, BYTES)).address();
    }

    boolean hasRoom(int lengthBytes) {
        return BYTES - used >= lengthBytes;
    }

    /**
     * Copies the readable bytes of {@code source}, for which there is room, behind what was written before.
     *
     * @return the address of the copy
     */
    long append(ByteBuf source, int lengthBytes) {
        if (source.hasMemoryAddress()) {
            Memory.copy(source.memoryAddress() + source.readerIndex(), address + used, lengthBytes);
        } else {
            buffer.setBytes(used, source, source.readerIndex(), lengthBytes);
        }
        used += lengthBytes;
        return address + used - lengthBytes;
    }

    /** Takes back the last {@code lengthBytes} of what was appended last. */
    void takeBack(int lengthBytes) {
        used -= lengthBytes;
    }

    /** A run of pieces is in flight. */
    void retainRun() {
        assert !released;
        runs++;
    }

    /** The peer has a run of pieces. */
    void releaseRun() {
        if (released) {
            buffer.release();
        } else {
            runs--;
        }
    }

    /** A run of pieces leaves the loop: the reference, to be released by any thread, replaces {@link #releaseRun}. */
    ByteBuf detachRun() {
        if (!released) {
            buffer.retain();
            runs--;
        }
        return buffer;
    }

    /** Nothing of it is in flight. */
    boolean isIdle() {
        return runs == 0 && buffer.refCnt() == 1;
    }

    Slab empty() {
        used = 0;
        return this;
    }

    /** The holder goes; those in flight keep the memory. */
    void release() {
        if (runs > 0) {
            buffer.retain(runs);
        }
        released = true;
        buffer.release();
    }
}
