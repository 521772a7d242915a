package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** IPv6 fixed header (RFC 8200, 3). Thread rule: stateless. */
public final class Ipv6 {
    public static final int HEADER_BYTES = 40;

    private Ipv6() {}

    public static int version(long header) {
        return Memory.getUnsignedByte(header) >>> 4;
    }

    public static int trafficClass(long header) {
        return Memory.getIntBe(header) >>> 20 & 0xff;
    }

    public static int flowLabel(long header) {
        return Memory.getIntBe(header) & 0xfffff;
    }

    /** What follows this header, extension headers included, bytes. */
    public static int payloadLengthBytes(long header) {
        return Memory.getUnsignedShortBe(header + 4);
    }

    public static int nextHeader(long header) {
        return Memory.getUnsignedByte(header + 6);
    }

    public static int hopLimit(long header) {
        return Memory.getUnsignedByte(header + 7);
    }

    public static long sourceHi(long header) {
        return Memory.getLongBe(header + 8);
    }

    public static long sourceLo(long header) {
        return Memory.getLongBe(header + 16);
    }

    public static long destinationHi(long header) {
        return Memory.getLongBe(header + 24);
    }

    public static long destinationLo(long header) {
        return Memory.getLongBe(header + 32);
    }

    public static void write(
            long header,
            int trafficClass,
            int flowLabel,
            int payloadLengthBytes,
            int nextHeader,
            int hopLimit,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo) {
        Memory.putIntBe(header, 6 << 28 | trafficClass << 20 | flowLabel);
        Memory.putIntBe(header + 4, payloadLengthBytes << 16 | nextHeader << 8 | hopLimit);
        Memory.putLongBe(header + 8, sourceHi);
        Memory.putLongBe(header + 16, sourceLo);
        Memory.putLongBe(header + 24, destinationHi);
        Memory.putLongBe(header + 32, destinationLo);
    }
}
