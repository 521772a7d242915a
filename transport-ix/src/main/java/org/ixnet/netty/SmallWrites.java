package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.ixnet.stack.memory.Memory;
import org.jspecify.annotations.Nullable;

/**
 * Gathers small writes of a connection in one place: copying up to {@link #MAX_BYTES} costs less than keeping a buffer until
 * its acknowledgement, the writer gets its buffer back at once, and TCP sees one region instead of many. Thread rule: the
 * connection's loop.
 */
final class SmallWrites {
    /** Longest write that is copied. */
    static final int MAX_BYTES = 1024;

    private static final int SLAB_BYTES = 16 * 1024;

    private @Nullable ByteBuf slab;
    /** Where {@link #slab} begins: asking a buffer for it may allocate. */
    private long slabAddress;

    SmallWrites() {}

    /**
     * Copies the readable bytes of {@code buffer}, at most {@link #MAX_BYTES}, behind what was written before.
     *
     * @return the address of the copy
     */
    long append(ByteBuf buffer, int lengthBytes, Spares spares) {
        assert lengthBytes <= MAX_BYTES;
        ByteBuf slab = this.slab;
        if (slab == null || slab.writableBytes() < lengthBytes) {
            if (slab != null) {
                // Those who are in flight keep it.
                slab.release();
            }
            this.slab = slab = spares.take();
            slabAddress = spares.takenAddress;
        }
        int at = slab.writerIndex();
        if (buffer.hasMemoryAddress()) {
            Memory.copy(buffer.memoryAddress() + buffer.readerIndex(), slabAddress + at, lengthBytes);
            slab.writerIndex(at + lengthBytes);
        } else {
            slab.writeBytes(buffer, buffer.readerIndex(), lengthBytes);
        }
        return slabAddress + at;
    }

    /** The buffer that holds what {@link #append} wrote last; of that, only {@code acceptedBytes} are kept. */
    ByteBuf accepted(int lengthBytes, int acceptedBytes) {
        ByteBuf slab = requireNonNull(this.slab, "nothing was appended");
        return slab.writerIndex(slab.writerIndex() - lengthBytes + acceptedBytes);
    }

    /** Nothing is in flight any more: the memory can serve another connection. */
    void idle(Spares spares) {
        ByteBuf slab = this.slab;
        if (slab != null) {
            this.slab = null;
            spares.give(slab, slabAddress);
        }
    }

    /** The connection is gone. */
    void end() {
        ByteBuf slab = this.slab;
        if (slab != null) {
            this.slab = null;
            slab.release();
        }
    }

    private static long addressOf(ByteBuf buffer) {
        return buffer.hasMemoryAddress()
                ? buffer.memoryAddress()
                : MemorySegment.ofBuffer(buffer.internalNioBuffer(0, buffer.capacity()))
                        .address();
    }

    /** Memory that no connection of a loop uses now. Thread rule: the loop. */
    static final class Spares {
        private static final int MOST = 64;

        private final @Nullable ByteBuf[] slabs = new ByteBuf[MOST];
        private final long[] addresses = new long[MOST];
        private int count;
        /** Where the slab that {@link #take} gave last begins. */
        private long takenAddress;

        Spares() {}

        private ByteBuf take() {
            if (count > 0) {
                ByteBuf slab = slabs[--count];
                slabs[count] = null;
                if (slab != null) {
                    takenAddress = addresses[count];
                    return slab.clear();
                }
            }
            ByteBuf slab = PooledByteBufAllocator.DEFAULT.directBuffer(SLAB_BYTES, SLAB_BYTES);
            takenAddress = addressOf(slab);
            return slab;
        }

        private void give(ByteBuf slab, long address) {
            if (count < MOST && slab.refCnt() == 1) {
                addresses[count] = address;
                slabs[count++] = slab;
            } else {
                slab.release();
            }
        }

        /** The loop ends. */
        void end() {
            while (count > 0) {
                ByteBuf slab = slabs[--count];
                slabs[count] = null;
                if (slab != null) {
                    slab.release();
                }
            }
        }
    }
}
