package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A fixed piece of off-heap memory cut into blocks of {@value #BLOCK_BYTES} bytes, handed out as chains.
 *
 * <p>One block size means no fragmentation and no slab classes to rebalance: whatever is freed can be used for anything.
 * The links lie outside the blocks, so that neighbouring blocks of one chain are copied in one go. Block 0 is never
 * handed out and means "none". Used under the lock of its shard.
 */
final class BlockArena {
    static final int NONE = 0;
    static final int BLOCK_BYTES = 128;
    private static final int BLOCK_SHIFT = 7;

    private final ByteBuffer memory;
    /** A second view of the same memory, whose position and limit the bulk copies move. */
    private final ByteBuffer window;

    private final int[] next;
    private int freeHead;
    private int freeBlocks;

    /** Takes {@code segment}, at most 1 GiB, as its memory. */
    BlockArena(MemorySegment segment) {
        memory = segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        window = segment.asByteBuffer();
        int blocks = memory.capacity() >>> BLOCK_SHIFT;
        next = new int[blocks];
        for (int block = 1; block < blocks - 1; block++) {
            next[block] = block + 1;
        }
        freeHead = blocks > 1 ? 1 : NONE;
        freeBlocks = blocks - 1;
    }

    static int blocksFor(int lengthBytes) {
        return (lengthBytes + BLOCK_BYTES - 1) >>> BLOCK_SHIFT;
    }

    int blocks() {
        return next.length - 1;
    }

    int freeBlocks() {
        return freeBlocks;
    }

    /** Takes a chain of {@code count} blocks; the caller has checked {@link #freeBlocks()}. */
    int allocate(int count) {
        assert count > 0 && count <= freeBlocks : count;
        int first = freeHead;
        int last = first;
        for (int i = 1; i < count; i++) {
            last = next[last];
        }
        freeHead = next[last];
        next[last] = NONE;
        freeBlocks -= count;
        return first;
    }

    /** Gives the chain that starts with {@code first} back. */
    void free(int first) {
        int count = 1;
        int last = first;
        while (next[last] != NONE) {
            last = next[last];
            count++;
        }
        next[last] = freeHead;
        freeHead = first;
        freeBlocks += count;
    }

    int getInt(int block, int offset) {
        return memory.getInt((block << BLOCK_SHIFT) + offset);
    }

    void putInt(int block, int offset, int value) {
        memory.putInt((block << BLOCK_SHIFT) + offset, value);
    }

    long getLong(int block, int offset) {
        return memory.getLong((block << BLOCK_SHIFT) + offset);
    }

    void putLong(int block, int offset, long value) {
        memory.putLong((block << BLOCK_SHIFT) + offset, value);
    }

    /** Points {@code cursor} at byte {@code offset} of the chain {@code first}. */
    void seek(Cursor cursor, int first, int offset) {
        int block = first;
        int left = offset;
        while (left > BLOCK_BYTES) {
            block = next[block];
            left -= BLOCK_BYTES;
        }
        cursor.set(block, left);
    }

    /** Copies {@code lengthBytes} of {@code source} from {@code index} to the cursor, and moves it on. */
    void write(Cursor cursor, ByteBuf source, int index, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int run = openWindow(cursor, lengthBytes - done);
            source.getBytes(index + done, window);
            done += run;
        }
    }

    /** Copies {@code lengthBytes} from the cursor to the end of {@code target}, and moves it on. */
    void read(Cursor cursor, ByteBuf target, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int run = openWindow(cursor, lengthBytes - done);
            target.writeBytes(window);
            done += run;
        }
    }

    /** Copies {@code lengthBytes} from one cursor to another within this arena, and moves both on. */
    void copy(Cursor from, Cursor to, int lengthBytes) {
        int left = lengthBytes;
        while (left > 0) {
            enterBlock(from);
            enterBlock(to);
            int run = Math.min(left, BLOCK_BYTES - Math.max(from.offsetInBlock, to.offsetInBlock));
            memory.put(addressOf(to), memory, addressOf(from), run);
            from.offsetInBlock += run;
            to.offsetInBlock += run;
            left -= run;
        }
    }

    byte readByte(Cursor cursor) {
        enterBlock(cursor);
        byte value = memory.get(addressOf(cursor));
        cursor.offsetInBlock++;
        return value;
    }

    void writeByte(Cursor cursor, byte value) {
        enterBlock(cursor);
        memory.put(addressOf(cursor), value);
        cursor.offsetInBlock++;
    }

    /** Tells whether the bytes from the cursor on are those of {@code other}; the cursor is left anywhere. */
    boolean matches(Cursor cursor, ByteBuf other, int index, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            enterBlock(cursor);
            int run = Math.min(lengthBytes - done, BLOCK_BYTES - cursor.offsetInBlock);
            int address = addressOf(cursor);
            int i = 0;
            for (; i <= run - Long.BYTES; i += Long.BYTES) {
                if (memory.getLong(address + i) != other.getLongLE(index + done + i)) {
                    return false;
                }
            }
            for (; i < run; i++) {
                if (memory.get(address + i) != other.getByte(index + done + i)) {
                    return false;
                }
            }
            cursor.offsetInBlock += run;
            done += run;
        }
        return true;
    }

    /** Tells whether the bytes from both cursors on are the same; the cursors are left anywhere. */
    boolean matches(Cursor one, Cursor other, int lengthBytes) {
        for (int i = 0; i < lengthBytes; i++) {
            if (readByte(one) != readByte(other)) {
                return false;
            }
        }
        return true;
    }

    /** Opens the window over the contiguous bytes at the cursor, at most {@code wantedBytes}, and moves the cursor past. */
    private int openWindow(Cursor cursor, int wantedBytes) {
        enterBlock(cursor);
        int start = addressOf(cursor);
        int run = BLOCK_BYTES - cursor.offsetInBlock;
        int block = cursor.block;
        while (run < wantedBytes && next[block] == block + 1) {
            block++;
            run += BLOCK_BYTES;
        }
        int surplus = Math.max(0, run - wantedBytes);
        cursor.set(block, BLOCK_BYTES - surplus);
        run -= surplus;
        window.limit(start + run).position(start);
        return run;
    }

    /** A cursor rests behind the last byte it passed; the step into the next block is taken when a byte is wanted. */
    private void enterBlock(Cursor cursor) {
        if (cursor.offsetInBlock == BLOCK_BYTES) {
            cursor.set(next[cursor.block], 0);
        }
        assert cursor.block != NONE;
    }

    private static int addressOf(Cursor cursor) {
        return (cursor.block << BLOCK_SHIFT) + cursor.offsetInBlock;
    }
}
