package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/**
 * Ethernet II header (IEEE 802.3). A MAC address is 48 bits in a long, the first byte highest. Thread rule: stateless.
 */
public final class Ethernet {
    public static final int HEADER_BYTES = 14;
    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_IPV6 = 0x86dd;
    public static final int TYPE_VLAN = 0x8100;
    public static final long BROADCAST = 0xffff_ffff_ffffL;
    /** Shortest frame, without FCS; shorter ones are padded. */
    public static final int MIN_FRAME_BYTES = 60;

    private static final long MAC_MASK = 0xffff_ffff_ffffL;
    private static final long GROUP_BIT = 0x0100_0000_0000L;

    private Ethernet() {}

    public static long destination(long frame) {
        return Memory.getLongBe(frame) >>> 16;
    }

    public static long source(long frame) {
        return Memory.getLongBe(frame + 6) >>> 16;
    }

    public static int type(long frame) {
        return Memory.getUnsignedShortBe(frame + 12);
    }

    /** Writes the header; touches no byte outside it. */
    public static void write(long frame, long destination, long source, int type) {
        Memory.putLongBe(frame, destination << 16);
        Memory.putLongBe(frame + 6, source << 16 | type);
    }

    /** Whether a MAC address is a group address: multicast or broadcast. */
    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** Reads a MAC address anywhere; touches its 6 bytes only. */
    static long mac(long address) {
        return (long) Memory.getUnsignedShortBe(address) << 32 | (Memory.getIntBe(address + 2) & 0xffffffffL);
    }

    static void mac(long address, long mac) {
        assert (mac & ~MAC_MASK) == 0 : Long.toHexString(mac);
        Memory.putShortBe(address, (int) (mac >>> 32));
        Memory.putIntBe(address + 2, (int) mac);
    }

    /** The MAC address of an IPv4 multicast group (RFC 1112, 6.4). */
    public static long multicast(int ipv4) {
        return 0x0100_5e00_0000L | (ipv4 & 0x7fffff);
    }

    /** Text of a MAC address, for example {@code 02:00:00:00:00:01}. */
    public static String toString(long mac) {
        StringBuilder text = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            text.append(Character.forDigit((int) (mac >>> (shift + 4)) & 15, 16));
            text.append(Character.forDigit((int) (mac >>> shift) & 15, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }
}
