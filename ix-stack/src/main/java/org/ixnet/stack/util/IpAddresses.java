package org.ixnet.stack.util;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * IP addresses as two longs (hi, lo) in network order; IPv4 in the mapped form {@code ::ffff:a.b.c.d}, so hi is 0 and lo is
 * {@code 0x0000ffff_aabbccdd}. (0, 0) is the unspecified address and stands for "any" or "choose". Conversions allocate;
 * the predicates do not. Thread rule: stateless.
 */
public final class IpAddresses {
    /** What lo of an IPv4 address has above its 32 bits. */
    public static final long IPV4_PREFIX = 0x0000_ffff_0000_0000L;
    /** Upper half of every IPv4 address. */
    public static final long IPV4_HI = 0;

    private IpAddresses() {}

    /** Lower half of the address {@code ipv4}, for example 0x7f000001. */
    public static long ipv4(int ipv4) {
        return IPV4_PREFIX | (ipv4 & 0xffffffffL);
    }

    /** Lower half of {@code a.b.c.d}. */
    public static long ipv4(int a, int b, int c, int d) {
        return ipv4(a << 24 | (b & 0xff) << 16 | (c & 0xff) << 8 | (d & 0xff));
    }

    /** The 32 bits of an IPv4 address. */
    public static int toIpv4(long lo) {
        return (int) lo;
    }

    public static boolean isIpv4(long hi, long lo) {
        return hi == 0 && lo >>> 32 == 0xffff;
    }

    /** Whether it is ::, or 0.0.0.0. */
    public static boolean isUnspecified(long hi, long lo) {
        return hi == 0 && (lo == 0 || lo == IPV4_PREFIX);
    }

    /** Whether it is in 127.0.0.0/8, or ::1. */
    public static boolean isLoopback(long hi, long lo) {
        return hi == 0 && (lo == 1 || lo >>> 24 == 0xffff7f);
    }

    /** Whether it is in 224.0.0.0/4, or ff00::/8. */
    public static boolean isMulticast(long hi, long lo) {
        return hi >>> 56 == 0xff || (hi == 0 && lo >>> 28 == 0xffffe);
    }

    /** Whether it is 255.255.255.255. */
    public static boolean isLimitedBroadcast(long hi, long lo) {
        return hi == 0 && lo == 0xffff_ffff_ffffL;
    }

    public static long hi(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? IPV4_HI : word(bytes, 0);
    }

    /** Lower half; the wildcard address of either family gives 0. */
    public static long lo(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return 0;
        }
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? ipv4(bytes[0], bytes[1], bytes[2], bytes[3]) : word(bytes, 8);
    }

    private static long word(byte[] bytes, int at) {
        long word = 0;
        for (int i = 0; i < 8; i++) {
            word = word << 8 | (bytes[at + i] & 0xff);
        }
        return word;
    }

    /** The address as an {@code Inet4Address} or {@code Inet6Address}; (0, 0) gives 0.0.0.0. */
    public static InetAddress toInetAddress(long hi, long lo) {
        byte[] bytes;
        if (isIpv4(hi, lo) || (hi == 0 && lo == 0)) {
            int ipv4 = toIpv4(lo);
            bytes = new byte[] {(byte) (ipv4 >> 24), (byte) (ipv4 >> 16), (byte) (ipv4 >> 8), (byte) ipv4};
        } else {
            bytes = new byte[16];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (hi >> (56 - 8 * i));
                bytes[8 + i] = (byte) (lo >> (56 - 8 * i));
            }
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    /**
     * Lower half of an IPv4 address in text.
     *
     * @throws IllegalArgumentException when it is not four decimal numbers 0..255 with dots between
     */
    public static long parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        int ipv4 = 0;
        boolean valid = parts.length == 4;
        for (int i = 0; valid && i < 4; i++) {
            valid = parts[i].matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(parts[i]) <= 255;
            if (valid) {
                ipv4 = ipv4 << 8 | Integer.parseInt(parts[i]);
            }
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no IPv4 address; must be four numbers 0..255 with dots between");
        }
        return ipv4(ipv4);
    }

    /** Text of the address; (0, 0) gives {@code *}. */
    public static String toString(long hi, long lo) {
        return hi == 0 && lo == 0 ? "*" : toInetAddress(hi, lo).getHostAddress();
    }
}
