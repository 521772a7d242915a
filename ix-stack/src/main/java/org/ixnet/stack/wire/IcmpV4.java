package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** ICMP header and what errors quote (RFC 792). Thread rule: stateless. */
public final class IcmpV4 {
    public static final int HEADER_BYTES = 8;
    public static final int CHECKSUM_OFFSET = 2;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /** Codes of {@link #DESTINATION_UNREACHABLE}. */
    public static final int CODE_PROTOCOL = 2;

    public static final int CODE_PORT = 3;
    public static final int CODE_FRAGMENTATION_NEEDED = 4;

    /** Code of {@link #TIME_EXCEEDED}: fragment reassembly time exceeded. */
    public static final int CODE_REASSEMBLY = 1;

    private IcmpV4() {}

    public static int type(long icmp) {
        return Memory.getUnsignedByte(icmp);
    }

    public static int code(long icmp) {
        return Memory.getUnsignedByte(icmp + 1);
    }

    public static int checksum(long icmp) {
        return Memory.getUnsignedShortBe(icmp + CHECKSUM_OFFSET);
    }

    public static void checksum(long icmp, int checksum) {
        Memory.putShortBe(icmp + CHECKSUM_OFFSET, checksum);
    }

    /** Echo: the identifier. */
    public static int identifier(long icmp) {
        return Memory.getUnsignedShortBe(icmp + 4);
    }

    /** Echo: the sequence number. */
    public static int sequence(long icmp) {
        return Memory.getUnsignedShortBe(icmp + 6);
    }

    /** Fragmentation needed: MTU of the next hop (RFC 1191, 4); 0 from old routers. */
    public static int nextHopMtuBytes(long icmp) {
        return Memory.getUnsignedShortBe(icmp + 6);
    }

    /** Errors: the IP header of the packet that caused it. */
    public static long quotedPacket(long icmp) {
        return icmp + HEADER_BYTES;
    }

    /** Errors other than queries must not be answered with errors (RFC 1122, 3.2.2). */
    public static boolean isError(int type) {
        return type == DESTINATION_UNREACHABLE
                || type == SOURCE_QUENCH
                || type == REDIRECT
                || type == TIME_EXCEEDED
                || type == PARAMETER_PROBLEM;
    }

    /** Writes type, code and the second word with checksum 0. */
    public static void write(long icmp, int type, int code, int secondWord) {
        Memory.putIntBe(icmp, type << 24 | code << 16);
        Memory.putIntBe(icmp + 4, secondWord);
    }
}
