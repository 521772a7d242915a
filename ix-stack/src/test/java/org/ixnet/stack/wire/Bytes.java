package org.ixnet.stack.wire;

import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;

/** Native memory from and to hexadecimal text, for tests. Spaces in the text do not count. */
public final class Bytes {
    private Bytes() {}

    /** Memory that lives as long as {@code arena} with these bytes in it. */
    public static long of(Arena arena, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        long address = MemoryRanges.allocate(arena, Math.max(1, bytes.length), 64);
        Memory.copyFromArray(bytes, 0, address, bytes.length);
        return address;
    }

    public static String hex(long address, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        Memory.copyToArray(address, bytes, 0, lengthBytes);
        return HexFormat.of().formatHex(bytes);
    }

    public static String normal(String hex) {
        return hex.replaceAll("\\s", "");
    }
}
