package org.ixnet.stack.memory;

import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * The checked mode of {@link Memory}: with assertions enabled and {@code -Dix.memory.checked=true}, an access outside every
 * registered range is an {@code AssertionError} instead of a crash or a silent overwrite. Without both it costs nothing.
 * Pools register their memory; {@link #allocate} registers what it allocates. {@link Memory#copy}, {@code copyFromArray}
 * and {@code copyToArray} are not checked, because they also touch memory of the user. Thread rule: any thread.
 */
public final class MemoryRanges {
    /** Whether accesses are checked. */
    public static final boolean CHECKED =
            MemoryRanges.class.desiredAssertionStatus() && Boolean.getBoolean("ix.memory.checked");

    /**
     * First and last-plus-one address of each range, ascending. Static because addresses are process-wide; volatile so that
     * readers take one whole array, which writers replace under the class's lock.
     */
    private static volatile long[] bounds = {};

    private MemoryRanges() {}

    /** Makes {@code lengthBytes} bytes at {@code address} legal to access. */
    public static synchronized void register(long address, long lengthBytes) {
        if (!CHECKED) {
            return;
        }
        long[] old = bounds;
        long[] next = new long[old.length + 2];
        int size = 0;
        boolean placed = false;
        for (int i = 0; i < old.length; i += 2) {
            if (!placed && old[i] >= address + lengthBytes) {
                next[size++] = address;
                next[size++] = address + lengthBytes;
                placed = true;
            }
            // Memory that is handed out again was freed by an arena, which tells nobody.
            if (old[i + 1] <= address || old[i] >= address + lengthBytes) {
                next[size++] = old[i];
                next[size++] = old[i + 1];
            }
        }
        if (!placed) {
            next[size++] = address;
            next[size++] = address + lengthBytes;
        }
        bounds = Arrays.copyOf(next, size);
    }

    /** Ends what {@link #register} of this address began. */
    public static synchronized void unregister(long address) {
        long[] old = bounds;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] == address) {
                long[] shrunk = new long[old.length - 2];
                System.arraycopy(old, 0, shrunk, 0, i);
                System.arraycopy(old, i + 2, shrunk, i, shrunk.length - i);
                bounds = shrunk;
                return;
            }
        }
    }

    /**
     * Allocates zeroed memory that is legal to access from now on. It stays registered after the arena has been closed,
     * because an arena tells nobody; {@link #unregister} it where that matters.
     *
     * @return its address
     */
    public static long allocate(Arena arena, long lengthBytes, long alignmentBytes) {
        long address = arena.allocate(lengthBytes, alignmentBytes).address();
        register(address, lengthBytes);
        return address;
    }

    /** For assertions: true, or an AssertionError that names the access. */
    static boolean check(long address, long lengthBytes) {
        if (!CHECKED) {
            return true;
        }
        long[] now = bounds;
        int at = Arrays.binarySearch(now, address);
        int index = at < 0 ? -at - 2 : at;
        // An address on a bound may be the end of one range and the start of the next.
        if (at >= 0 && (index & 1) == 1) {
            index++;
        }
        boolean inside = index >= 0
                && index < now.length
                && (index & 1) == 0
                && address >= now[index]
                && address + lengthBytes <= now[index + 1];
        if (!inside) {
            throw new AssertionError("access to " + lengthBytes + " bytes at 0x" + Long.toHexString(address)
                    + ", outside all registered memory");
        }
        return true;
    }
}
