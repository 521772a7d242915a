package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** TCP header (RFC 9293, 3.1). Thread rule: stateless. */
public final class Tcp {
    /** Header without options. */
    public static final int HEADER_BYTES = 20;

    public static final int CHECKSUM_OFFSET = 16;

    private static final long LOW = 0xffffffffL;

    public static final int FIN = 1;
    public static final int SYN = 1 << 1;
    public static final int RST = 1 << 2;
    public static final int PSH = 1 << 3;
    public static final int ACK = 1 << 4;
    public static final int URG = 1 << 5;
    /** ECN echo (RFC 3168). */
    public static final int ECE = 1 << 6;
    /** Congestion window reduced (RFC 3168). */
    public static final int CWR = 1 << 7;

    private Tcp() {}

    /** The first eight bytes as a number: source port (16 bits), destination port (16), SEG.SEQ (32); see Ipv4.first. */
    public static long first(long header) {
        return Memory.getLongBe(header);
    }

    /** The next eight bytes as a number: SEG.ACK (32 bits), data offset in words (4), 0 (4), control bits (8), window (16). */
    public static long second(long header) {
        return Memory.getLongBe(header + 8);
    }

    public static int sourcePort(long header) {
        return Memory.getUnsignedShortBe(header);
    }

    public static int destinationPort(long header) {
        return Memory.getUnsignedShortBe(header + 2);
    }

    /** SEG.SEQ. */
    public static int sequence(long header) {
        return Memory.getIntBe(header + 4);
    }

    /** SEG.ACK. */
    public static int acknowledgment(long header) {
        return Memory.getIntBe(header + 8);
    }

    /** Data offset in bytes, 0..60; a legal one is at least 20. */
    public static int headerLengthBytes(long header) {
        return Memory.getUnsignedByte(header + 12) >>> 4 << 2;
    }

    /** The eight control bits, {@link #FIN} to {@link #CWR}. */
    public static int flags(long header) {
        return Memory.getUnsignedByte(header + 13);
    }

    /** SEG.WND as it stands there, unscaled, 0..65535. */
    public static int window(long header) {
        return Memory.getUnsignedShortBe(header + 14);
    }

    public static int checksum(long header) {
        return Memory.getUnsignedShortBe(header + CHECKSUM_OFFSET);
    }

    public static void checksum(long header, int checksum) {
        Memory.putShortBe(header + CHECKSUM_OFFSET, checksum);
    }

    /** SEG.UP. */
    public static int urgentPointer(long header) {
        return Memory.getUnsignedShortBe(header + 18);
    }

    /** First option byte. */
    public static long options(long header) {
        return header + HEADER_BYTES;
    }

    /** Writes the fixed header with checksum and urgent pointer 0. */
    public static void write(
            long header,
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgment,
            int headerLengthBytes,
            int flags,
            int window) {
        int offsetFlagsWindow = headerLengthBytes >>> 2 << 28 | flags << 16 | window;
        Memory.putLongBe(header, pair(sourcePort << 16 | destinationPort, sequence));
        Memory.putLongBe(header + 8, pair(acknowledgment, offsetFlagsWindow));
        Memory.putIntBe(header + 16, 0);
    }

    /**
     * Writes the usual options, two NOPs and timestamps, right behind the fixed header; after {@link #write}, whose checksum
     * and urgent pointer it repeats. The header then consists of whole longs, as the checksum reads it: a load that spans
     * several young stores waits until they have left the store buffer.
     */
    public static void writeTimestamps(long header, int value, int echo) {
        Memory.putLongBe(header + 16, pair(0, TcpOptions.ALIGNED_TIMESTAMPS));
        Memory.putLongBe(header + 24, pair(value, echo));
    }

    private static long pair(int upper, int lower) {
        return (long) upper << 32 | (lower & LOW);
    }

    /** Text of the control bits, for example {@code SA}. */
    public static String flagsToString(int flags) {
        StringBuilder text = new StringBuilder(8);
        String names = "FSRPAUEC";
        for (int bit = 0; bit < 8; bit++) {
            if ((flags & 1 << bit) != 0) {
                text.append(names.charAt(bit));
            }
        }
        return text.toString();
    }
}
