package org.ixnet.stack.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The one place that reads and writes raw memory. An address is a machine address in a {@code long}; multi-byte accessors
 * whose name ends in {@code Be} use network byte order, the others the machine's.
 *
 * <p>A static final segment over all memory costs 0.65 ns a read, as {@code Unsafe} does, while a segment in an instance
 * field costs three times that. The price is that the segment has no bounds: lengths are validated once, where a frame is
 * parsed.
 *
 * <p>Cheap to run, an access is dear to compile: C2 inlines some 30 methods for it, and makes nodes for each of them, more of them
 * the more fields and arrays the compilation has written before: on the hot path 700 to 1,300. From 18,000 on it inlines no more,
 * so that about 20 accesses fit one compilation and what follows is called. The hot path therefore reads and writes whole longs,
 * and heap arrays where it can. Look for {@code NodeCountInliningCutoff} in the output of {@code -XX:+PrintInlining}; the tags
 * {@code parse_done} of {@code -XX:+LogCompilation} count the nodes.
 *
 * <p>Thread rule: stateless; who owns the memory decides.
 */
public final class Memory {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final MemorySegment EVERYTHING = MemoryAccess.everything();

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT_BE = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE = LONG.withOrder(ByteOrder.BIG_ENDIAN);

    /** Up to here a loop of longs is faster than the call of the copying stub. */
    private static final int INLINE_COPY_BYTES = 128;

    private Memory() {}

    /** A bounded view of {@code lengthBytes} bytes at {@code address}; allocates, so not for the hot path. */
    public static MemorySegment segment(long address, long lengthBytes) {
        return EVERYTHING.asSlice(address, lengthBytes);
    }

    public static byte getByte(long address) {
        assert MemoryRanges.check(address, 1);
        return EVERYTHING.get(ValueLayout.JAVA_BYTE, address);
    }

    /** An unsigned byte, 0..255. */
    public static int getUnsignedByte(long address) {
        assert MemoryRanges.check(address, 1);
        return EVERYTHING.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    public static void putByte(long address, int value) {
        assert MemoryRanges.check(address, 1);
        EVERYTHING.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    /** An unsigned 16-bit value in machine order, 0..65535. */
    public static int getUnsignedShort(long address) {
        assert MemoryRanges.check(address, 2);
        return EVERYTHING.get(SHORT, address) & 0xffff;
    }

    public static void putShort(long address, int value) {
        assert MemoryRanges.check(address, 2);
        EVERYTHING.set(SHORT, address, (short) value);
    }

    /** An unsigned 16-bit value in network order, 0..65535. */
    public static int getUnsignedShortBe(long address) {
        assert MemoryRanges.check(address, 2);
        return EVERYTHING.get(SHORT_BE, address) & 0xffff;
    }

    public static void putShortBe(long address, int value) {
        assert MemoryRanges.check(address, 2);
        EVERYTHING.set(SHORT_BE, address, (short) value);
    }

    public static int getInt(long address) {
        assert MemoryRanges.check(address, 4);
        return EVERYTHING.get(INT, address);
    }

    public static void putInt(long address, int value) {
        assert MemoryRanges.check(address, 4);
        EVERYTHING.set(INT, address, value);
    }

    public static int getIntBe(long address) {
        assert MemoryRanges.check(address, 4);
        return EVERYTHING.get(INT_BE, address);
    }

    public static void putIntBe(long address, int value) {
        assert MemoryRanges.check(address, 4);
        EVERYTHING.set(INT_BE, address, value);
    }

    public static long getLong(long address) {
        assert MemoryRanges.check(address, 8);
        return EVERYTHING.get(LONG, address);
    }

    public static void putLong(long address, long value) {
        assert MemoryRanges.check(address, 8);
        EVERYTHING.set(LONG, address, value);
    }

    /** Two ints, one behind the other, in machine order, with one store. */
    public static void putInts(long address, int first, int second) {
        long low = LITTLE_ENDIAN ? first : second;
        long high = LITTLE_ENDIAN ? second : first;
        putLong(address, high << 32 | (low & 0xffffffffL));
    }

    public static long getLongBe(long address) {
        assert MemoryRanges.check(address, 8);
        return EVERYTHING.get(LONG_BE, address);
    }

    public static void putLongBe(long address, long value) {
        assert MemoryRanges.check(address, 8);
        EVERYTHING.set(LONG_BE, address, value);
    }

    /** Copies {@code lengthBytes} bytes; the ranges may overlap. */
    public static void copy(long fromAddress, long toAddress, long lengthBytes) {
        MemorySegment.copy(EVERYTHING, fromAddress, EVERYTHING, toAddress, lengthBytes);
    }

    /** Copies {@code lengthBytes} bytes between ranges that do not overlap; a few of them faster than {@link #copy}. */
    public static void copyDisjoint(long fromAddress, long toAddress, int lengthBytes) {
        if (lengthBytes < 8 || lengthBytes > INLINE_COPY_BYTES) {
            copy(fromAddress, toAddress, lengthBytes);
            return;
        }
        // The last eight bytes may overlap those before. Like copy it reads what users own, which is not registered.
        int last = lengthBytes - 8;
        for (int at = 0; at < last + 8; at += 8) {
            int offset = Math.min(at, last);
            EVERYTHING.set(LONG, toAddress + offset, EVERYTHING.get(LONG, fromAddress + offset));
        }
    }

    public static void copyFromArray(byte[] from, int offset, long toAddress, int lengthBytes) {
        MemorySegment.copy(from, offset, EVERYTHING, ValueLayout.JAVA_BYTE, toAddress, lengthBytes);
    }

    public static void copyToArray(long fromAddress, byte[] to, int offset, int lengthBytes) {
        MemorySegment.copy(EVERYTHING, ValueLayout.JAVA_BYTE, fromAddress, to, offset, lengthBytes);
    }

    public static void fill(long address, long lengthBytes, byte value) {
        assert MemoryRanges.check(address, lengthBytes);
        EVERYTHING.asSlice(address, lengthBytes).fill(value);
    }
}
