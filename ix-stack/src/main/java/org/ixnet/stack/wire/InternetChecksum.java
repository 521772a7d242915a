package org.ixnet.stack.wire;

import java.nio.ByteOrder;
import org.ixnet.stack.memory.Memory;

/**
 * The internet checksum (RFC 1071). Partial sums are longs in machine order that may simply be added, as long as each but
 * the last covers an even number of bytes; checksums are 16-bit values as {@code Memory.putShortBe} writes them. Thread
 * rule: stateless.
 */
public final class InternetChecksum {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffffffffL;

    private InternetChecksum() {}

    /** Partial sum of {@code lengthBytes} bytes, 0..2^31-1; an odd last byte is padded with zero. */
    public static long sum(long address, int lengthBytes) {
        long at = address;
        int left = lengthBytes;
        // Two sums of 32-bit halves: no carries to catch, and the additions of both run side by side.
        long even = 0;
        long odd = 0;
        while (left >= 32) {
            long a = Memory.getLong(at);
            long b = Memory.getLong(at + 8);
            long c = Memory.getLong(at + 16);
            long d = Memory.getLong(at + 24);
            even += (a & LOW) + (b & LOW) + (c & LOW) + (d & LOW);
            odd += (a >>> 32) + (b >>> 32) + (c >>> 32) + (d >>> 32);
            at += 32;
            left -= 32;
        }
        while (left >= 8) {
            long a = Memory.getLong(at);
            even += a & LOW;
            odd += a >>> 32;
            at += 8;
            left -= 8;
        }
        return even + odd + tail(at, left);
    }

    private static long tail(long address, int lengthBytes) {
        long at = address;
        int left = lengthBytes;
        long sum = 0;
        if (left >= 4) {
            sum += Memory.getInt(at) & LOW;
            at += 4;
            left -= 4;
        }
        if (left >= 2) {
            sum += Memory.getUnsignedShort(at);
            at += 2;
            left -= 2;
        }
        if (left == 1) {
            int last = Memory.getUnsignedByte(at);
            sum += LITTLE_ENDIAN ? last : last << 8;
        }
        return sum;
    }

    /**
     * Partial sum of the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1): for IPv4 when both addresses are mapped ones.
     *
     * @param lengthBytes transport header and data
     */
    public static long pseudoHeader(
            long sourceHi, long sourceLo, long destinationHi, long destinationLo, int protocol, int lengthBytes) {
        long sum = (long) protocol + (lengthBytes >>> 16) + (lengthBytes & 0xffff);
        if (sourceHi == 0 && sourceLo >>> 32 == 0xffff) {
            sum += halves((int) sourceLo) + halves((int) destinationLo);
        } else {
            sum += words(sourceHi) + words(sourceLo) + words(destinationHi) + words(destinationLo);
        }
        return swap(foldOnes(sum));
    }

    private static long halves(int word) {
        return (word >>> 16) + (long) (word & 0xffff);
    }

    private static long words(long word) {
        return halves((int) (word >>> 32)) + halves((int) word);
    }

    /** The checksum of a partial sum: folded and complemented, 0..65535. */
    public static int finish(long sum) {
        return ~swap(foldOnes(sum)) & 0xffff;
    }

    /** A partial sum folded to 16 bits but not complemented: what checksum engines want in the field. */
    public static int fold(long sum) {
        return swap(foldOnes(sum));
    }

    /** Whether data that contains its own checksum is intact. */
    public static boolean isValid(long sum) {
        return foldOnes(sum) == 0xffff;
    }

    /** Checksum of {@code lengthBytes} bytes. */
    public static int of(long address, int lengthBytes) {
        return finish(sum(address, lengthBytes));
    }

    /** The checksum after a 16-bit word that it covers changed (RFC 1624, equation 3). */
    public static int update(int checksum, int oldWord, int newWord) {
        int sum = (~checksum & 0xffff) + (~oldWord & 0xffff) + (newWord & 0xffff);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }

    private static int foldOnes(long sum) {
        long folded = (sum & LOW) + (sum >>> 32);
        folded = (folded & LOW) + (folded >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /** From network to machine order, or back. */
    private static int swap(int word) {
        return LITTLE_ENDIAN ? (word & 0xff) << 8 | word >>> 8 : word;
    }
}
