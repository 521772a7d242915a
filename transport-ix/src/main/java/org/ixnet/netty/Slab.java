package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.ixnet.stack.memory.Memory;

/**
 * Memory that small writes are copied to, one behind the other. Its buffer has one reference of its holder's and one for
 * each run of pieces in flight; when only the first is left, the slab can be filled anew. Thread rule: the loop of the
 * {@link SlabPool} that it comes from.
 */
final class Slab {
    private static final int BYTES = 16 * 1024;

    private final ByteBuf buffer;
    /** Asking a buffer for it may allocate. */
    private final long address;

    private int used;

    Slab() {
        buffer = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES, BYTES);
        address = buffer.hasMemoryAddress()
                ? buffer.memoryAddress()
                : MemorySegment.ofBuffer(buffer.internalNioBuffer(0, BYTES)).address();
    }

    /** What keeps the memory; retained and released, not read or written. */
    ByteBuf buffer() {
        return buffer;
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

    /** Nothing of it is in flight. */
    boolean isIdle() {
        return buffer.refCnt() == 1;
    }

    Slab empty() {
        used = 0;
        return this;
    }

    /** The holder goes; those in flight keep it. */
    void release() {
        buffer.release();
    }
}
