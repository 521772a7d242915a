package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** UDP header (RFC 768). Thread rule: stateless. */
public final class Udp {
    public static final int HEADER_BYTES = 8;
    public static final int CHECKSUM_OFFSET = 6;

    private Udp() {}

    public static int sourcePort(long header) {
        return Memory.getUnsignedShortBe(header);
    }

    public static int destinationPort(long header) {
        return Memory.getUnsignedShortBe(header + 2);
    }

    /** Header and data, bytes. */
    public static int lengthBytes(long header) {
        return Memory.getUnsignedShortBe(header + 4);
    }

    /** 0: the sender computed none. */
    public static int checksum(long header) {
        return Memory.getUnsignedShortBe(header + CHECKSUM_OFFSET);
    }

    public static void checksum(long header, int checksum) {
        Memory.putShortBe(header + CHECKSUM_OFFSET, checksum);
    }

    /** Writes the header with checksum 0. */
    public static void write(long header, int sourcePort, int destinationPort, int lengthBytes) {
        Memory.putIntBe(header, sourcePort << 16 | destinationPort);
        Memory.putIntBe(header + 4, lengthBytes << 16);
    }
}
