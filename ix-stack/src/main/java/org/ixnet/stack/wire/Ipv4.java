package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** IPv4 header (RFC 791). Thread rule: stateless. */
public final class Ipv4 {
    /** Header without options. */
    public static final int HEADER_BYTES = 20;

    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;
    /** Of {@link #flagsAndOffset}: the offset, in units of 8 bytes. */
    public static final int OFFSET_MASK = 0x1fff;

    public static final int CHECKSUM_OFFSET = 10;

    private Ipv4() {}

    /**
     * The first eight bytes as a number: version (4 bits), header length in words (4), traffic class (8), total length (16),
     * identification (16), flags and offset (16). A read of native memory is cheap to run but costly to compile, so who
     * needs most of the fields reads them at once.
     */
    public static long first(long header) {
        return Memory.getLongBe(header);
    }

    /** The next eight bytes as a number: time to live (8 bits), protocol (8), checksum (16), source (32). */
    public static long second(long header) {
        return Memory.getLongBe(header + 8);
    }

    public static int version(long header) {
        return Memory.getUnsignedByte(header) >>> 4;
    }

    /** IHL in bytes, 0..60; a legal one is at least 20. */
    public static int headerLengthBytes(long header) {
        return (Memory.getUnsignedByte(header) & 15) << 2;
    }

    public static int trafficClass(long header) {
        return Memory.getUnsignedByte(header + 1);
    }

    /** Header and data, bytes. */
    public static int totalLengthBytes(long header) {
        return Memory.getUnsignedShortBe(header + 2);
    }

    public static int identification(long header) {
        return Memory.getUnsignedShortBe(header + 4);
    }

    public static int flagsAndOffset(long header) {
        return Memory.getUnsignedShortBe(header + 6);
    }

    /** Whether it is a part of a datagram: a first, middle or last one. */
    public static boolean isFragment(long header) {
        return (flagsAndOffset(header) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
    }

    public static int timeToLive(long header) {
        return Memory.getUnsignedByte(header + 8);
    }

    public static int protocol(long header) {
        return Memory.getUnsignedByte(header + 9);
    }

    public static int checksum(long header) {
        return Memory.getUnsignedShortBe(header + CHECKSUM_OFFSET);
    }

    public static void checksum(long header, int checksum) {
        Memory.putShortBe(header + CHECKSUM_OFFSET, checksum);
    }

    public static int source(long header) {
        return Memory.getIntBe(header + 12);
    }

    public static int destination(long header) {
        return Memory.getIntBe(header + 16);
    }

    /** Writes a header without options and with checksum 0. */
    public static void write(
            long header,
            int trafficClass,
            int totalLengthBytes,
            int identification,
            int flagsAndOffset,
            int timeToLive,
            int protocol,
            int source,
            int destination) {
        put(
                header,
                first(trafficClass, totalLengthBytes, identification, flagsAndOffset),
                second(timeToLive, protocol, source),
                destination);
    }

    /**
     * The same with its checksum, computed from registers: to read back what was just written in other pieces would wait
     * until all stores before have left the store buffer.
     */
    public static void writeWithChecksum(
            long header,
            int trafficClass,
            int totalLengthBytes,
            int identification,
            int flagsAndOffset,
            int timeToLive,
            int protocol,
            int source,
            int destination) {
        long first = first(trafficClass, totalLengthBytes, identification, flagsAndOffset);
        long second = second(timeToLive, protocol, source);
        int checksum = InternetChecksum.ofIpv4Header(first, second, destination);
        put(header, first, second | (long) checksum << 32, destination);
    }

    private static long first(int trafficClass, int totalLengthBytes, int identification, int flagsAndOffset) {
        int upper = 0x45 << 24 | trafficClass << 16 | totalLengthBytes;
        return (long) upper << 32 | (long) identification << 16 | flagsAndOffset;
    }

    private static long second(int timeToLive, int protocol, int source) {
        return (long) (timeToLive << 24 | protocol << 16) << 32 | (source & 0xffffffffL);
    }

    private static void put(long header, long first, long second, int destination) {
        Memory.putLongBe(header, first);
        Memory.putLongBe(header + 8, second);
        Memory.putIntBe(header + 16, destination);
    }

    /** Computes and writes the header checksum. */
    public static void fillChecksum(long header) {
        checksum(header, 0);
        checksum(header, InternetChecksum.of(header, headerLengthBytes(header)));
    }
}
