package org.ixnet.dpdk;

import java.util.HexFormat;

/** MAC addresses as 48 bits in a {@code long}, first byte highest. Thread rule: stateless. */
final class MacAddress {
    private static final long LOCALLY_ADMINISTERED = 0x02_00_00_00_00_00L;

    private MacAddress() {}

    static long fromBytes(byte[] bytes) {
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = (mac << 8) | (bytes[i] & 0xff);
        }
        return mac;
    }

    static byte[] toBytes(long mac) {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (mac >>> (8 * (5 - i)));
        }
        return bytes;
    }

    static String toString(long mac) {
        return HexFormat.ofDelimiter(":").formatHex(toBytes(mac));
    }

    /** A locally administered unicast address that the same name always gets. */
    static long derivedFrom(String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return LOCALLY_ADMINISTERED | ((hash ^ (hash >>> 40)) & 0x00_ff_ff_ff_ff_ffL);
    }
}
