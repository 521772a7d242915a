package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A fixed piece of off-heap memory cut into blocks of {@value #BLOCK_BYTES} bytes, handed out as chains.
 *
 * <p>One block size means no fragmentation and no slab classes to rebalance: whatever is freed can be used for anything.
 * The links lie outside the blocks, so that neighbouring blocks of one chain are copied in one go, and a chain is made of
 * neighbours where there are any ({@link FreeRuns}). Block 0 is never handed out and means "none". Used under the lock of
 * its shard.
 */
final class BlockArena {
    static final int NONE = 0;
    static final int BLOCK_BYTES = 128;
    private static final int BLOCK_SHIFT = 7;
    private static final int BULK_BYTES = 32;

    /** Buffers are served through an array of this size, since handing them a view of the memory costs an object. */
    private static final int SCRATCH_BYTES = 4096;

    private final ByteBuffer memory;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    /** The block after each one in its chain; of a free block what {@link FreeRuns} has there. */
    private final int[] next;

    private final FreeRuns free;
    private int freeBlocks;

    /** Takes {@code segment}, at most 1 GiB, as its memory. */
    BlockArena(MemorySegment segment) {
        memory = segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        next = new int[memory.capacity() >>> BLOCK_SHIFT];
        free = new FreeRuns(memory, next);
        freeBlocks = Math.max(0, next.length - 1);
        if (freeBlocks > 0) {
            free.give(1, freeBlocks);
        }
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

    /**
     * Takes a chain of {@code count} blocks, neighbours if there are so many; the caller has checked {@link #freeBlocks()}.
     */
    int allocate(int count) {
        assert count > 0 && count <= freeBlocks : count;
        freeBlocks -= count;
        int first = free.take(count);
        int last = lastOfRun(first);
        for (int taken = last - first + 1; taken < count; ) {
            int run = free.take(count - taken);
            next[last] = run;
            last = lastOfRun(run);
            taken += last - run + 1;
        }
        return first;
    }

    /** Gives the chain that starts with {@code first} back. */
    void free(int first) {
        int run = first;
        do {
            int last = lastOfRun(run);
            int following = next[last];
            free.give(run, last - run + 1);
            freeBlocks += last - run + 1;
            run = following;
        } while (run != NONE);
    }

    /** Returns the last block of the neighbours that begin with {@code first} in its chain. */
    private int lastOfRun(int first) {
        int last = first;
        while (next[last] == last + 1) {
            last++;
        }
        return last;
    }

    int getInt(int block, int offset) {
        return memory.getInt(address(block, offset));
    }

    void putInt(int block, int offset, int value) {
        memory.putInt(address(block, offset), value);
    }

    long getLong(int block, int offset) {
        return memory.getLong(address(block, offset));
    }

    void putLong(int block, int offset, long value) {
        memory.putLong(address(block, offset), value);
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

    /** Moves {@code lengthBytes} from {@code source} to the cursor, and both on. */
    void write(Cursor cursor, ByteBuf source, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int part = Math.min(lengthBytes - done, SCRATCH_BYTES);
            source.readBytes(scratch, 0, part);
            write(cursor, scratch, 0, part);
            done += part;
        }
    }

    /** Copies {@code lengthBytes} of {@code source} from {@code offset} to the cursor, and moves it on. */
    void write(Cursor cursor, byte[] source, int offset, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int run = passRun(cursor, lengthBytes - done);
            memory.put(addressOf(cursor) - run, source, offset + done, run);
            done += run;
        }
    }

    /** Copies {@code lengthBytes} from the cursor to the end of {@code target}, and moves it on. */
    void read(Cursor cursor, ByteBuf target, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int part = Math.min(lengthBytes - done, SCRATCH_BYTES);
            read(cursor, scratch, 0, part);
            target.writeBytes(scratch, 0, part);
            done += part;
        }
    }

    /** Copies {@code lengthBytes} from the cursor into {@code target} from {@code offset}, and moves it on. */
    void read(Cursor cursor, byte[] target, int offset, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            int run = passRun(cursor, lengthBytes - done);
            copyOut(addressOf(cursor) - run, target, offset + done, run);
            done += run;
        }
    }

    /** A bulk copy has a price of its own; a value of a few bytes is cheaper to move by hand. */
    private void copyOut(int address, byte[] target, int offset, int lengthBytes) {
        if (lengthBytes >= BULK_BYTES) {
            memory.get(address, target, offset, lengthBytes);
            return;
        }
        int i = 0;
        for (; i <= lengthBytes - Long.BYTES; i += Long.BYTES) {
            Key.LONG_LE.set(target, offset + i, memory.getLong(address + i));
        }
        for (; i < lengthBytes; i++) {
            target[offset + i] = memory.get(address + i);
        }
    }

    /** Copies {@code lengthBytes} from one cursor to another within this arena, and moves both on. */
    void copy(Cursor from, Cursor to, int lengthBytes) {
        int left = lengthBytes;
        while (left > 0) {
            int run = passSharedRun(from, to, left);
            memory.put(addressOf(to) - run, memory, addressOf(from) - run, run);
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
    boolean matches(Cursor cursor, byte[] other, int offset, int lengthBytes) {
        int done = 0;
        while (done < lengthBytes) {
            enterBlock(cursor);
            int run = Math.min(lengthBytes - done, BLOCK_BYTES - cursor.offsetInBlock);
            if (!matches(addressOf(cursor), other, offset + done, run)) {
                return false;
            }
            cursor.offsetInBlock += run;
            done += run;
        }
        return true;
    }

    private boolean matches(int address, byte[] other, int offset, int lengthBytes) {
        int last = lengthBytes - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            if (memory.getLong(address + i) != (long) Key.LONG_LE.get(other, offset + i)) {
                return false;
            }
        }
        if (last >= 0) {
            // Some of its bytes again, unless the length is a multiple of eight.
            return memory.getLong(address + last) == (long) Key.LONG_LE.get(other, offset + last);
        }
        for (int i = 0; i < lengthBytes; i++) {
            if (memory.get(address + i) != other[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether the bytes from both cursors on are the same; the cursors are left anywhere. */
    boolean matches(Cursor one, Cursor other, int lengthBytes) {
        int left = lengthBytes;
        while (left > 0) {
            int run = passSharedRun(one, other, left);
            int address = addressOf(one) - run;
            int otherAddress = addressOf(other) - run;
            int i = 0;
            for (; i <= run - Long.BYTES; i += Long.BYTES) {
                if (memory.getLong(address + i) != memory.getLong(otherAddress + i)) {
                    return false;
                }
            }
            for (; i < run; i++) {
                if (memory.get(address + i) != memory.get(otherAddress + i)) {
                    return false;
                }
            }
            left -= run;
        }
        return true;
    }

    /** Moves both cursors past the bytes that are contiguous at either, at most {@code wantedBytes}; returns how many. */
    private int passSharedRun(Cursor one, Cursor other, int wantedBytes) {
        enterBlock(one);
        enterBlock(other);
        int run = Math.min(wantedBytes, BLOCK_BYTES - Math.max(one.offsetInBlock, other.offsetInBlock));
        one.offsetInBlock += run;
        other.offsetInBlock += run;
        return run;
    }

    /** Moves the cursor past the contiguous bytes at it, at most {@code wantedBytes}; returns how many they are. */
    private int passRun(Cursor cursor, int wantedBytes) {
        enterBlock(cursor);
        int run = BLOCK_BYTES - cursor.offsetInBlock;
        int block = cursor.block;
        while (run < wantedBytes && next[block] == block + 1) {
            block++;
            run += BLOCK_BYTES;
        }
        int surplus = Math.max(0, run - wantedBytes);
        cursor.set(block, BLOCK_BYTES - surplus);
        return run - surplus;
    }

    /** A cursor rests behind the last byte it passed; the step into the next block is taken when a byte is wanted. */
    private void enterBlock(Cursor cursor) {
        if (cursor.offsetInBlock == BLOCK_BYTES) {
            cursor.set(next[cursor.block], 0);
        }
        assert cursor.block != NONE;
    }

    /** Where byte {@code offset} of {@code block} is in the memory. */
    static int address(int block, int offset) {
        return (block << BLOCK_SHIFT) + offset;
    }

    private static int addressOf(Cursor cursor) {
        return address(cursor.block, cursor.offsetInBlock);
    }
}
