package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** ARP for IPv4 over Ethernet (RFC 826). Addresses are 48-bit MACs and IPv4 addresses as ints. Thread rule: stateless. */
public final class Arp {
    public static final int PACKET_BYTES = 28;
    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** Hardware type 1 (Ethernet), protocol 0x0800, lengths 6 and 4. */
    private static final long FIXED = 0x0001_0800_0604L;

    private Arp() {}

    /** Whether it is ARP for IPv4 over Ethernet at all. */
    public static boolean isIpv4OverEthernet(long arp) {
        return Memory.getLongBe(arp) >>> 16 == FIXED;
    }

    public static int operation(long arp) {
        return Memory.getUnsignedShortBe(arp + 6);
    }

    public static long senderMac(long arp) {
        return Ethernet.mac(arp + 8);
    }

    public static int senderIpv4(long arp) {
        return Memory.getIntBe(arp + 14);
    }

    public static long targetMac(long arp) {
        return Ethernet.mac(arp + 18);
    }

    public static int targetIpv4(long arp) {
        return Memory.getIntBe(arp + 24);
    }

    public static void write(long arp, int operation, long senderMac, int senderIpv4, long targetMac, int targetIpv4) {
        Memory.putLongBe(arp, FIXED << 16 | operation);
        Ethernet.mac(arp + 8, senderMac);
        Memory.putIntBe(arp + 14, senderIpv4);
        Ethernet.mac(arp + 18, targetMac);
        Memory.putIntBe(arp + 24, targetIpv4);
    }
}
