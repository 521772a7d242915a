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
        if (lengthBytes < 8) {
            return sumShort(address, lengthBytes);
        }
        // 32-bit halves leave no carries to catch: 2^32 of them fit a long.
        long sum = 0;
        int last = lengthBytes & ~7;
        for (int at = 0; at < last; at += 8) {
            long word = Memory.getLong(address + at);
            sum += (word & LOW) + (word >>> 32);
        }
        int left = lengthBytes - last;
        if (left > 0) {
            // The last eight bytes, of which the first were summed already.
            long word = Memory.getLong(address + lengthBytes - 8);
            int known = 64 - 8 * left;
            long rest = LITTLE_ENDIAN ? word >>> known : word << known;
            sum += (rest & LOW) + (rest >>> 32);
        }
        return sum;
    }

    private static long sumShort(long address, int lengthBytes) {
        long bytes = 0;
        for (int i = 0; i < lengthBytes; i++) {
            long value = Memory.getUnsignedByte(address + i);
            bytes |= value << (LITTLE_ENDIAN ? 8 * i : 56 - 8 * i);
        }
        return (bytes & LOW) + (bytes >>> 32);
    }

    /**
     * Partial sum of the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1): for IPv4 when both addresses are mapped ones.
     *
     * @param lengthBytes transport header and data
     */
    public static long pseudoHeader(
            long sourceHi, long sourceLo, long destinationHi, long destinationLo, int protocol, int lengthBytes) {
        long sum = word(protocol) + word(lengthBytes);
        if (sourceHi == 0 && sourceLo >>> 32 == 0xffff) {
            return sum + word((int) sourceLo) + word((int) destinationLo);
        }
        return sum + words(sourceHi) + words(sourceLo) + words(destinationHi) + words(destinationLo);
    }

    private static long words(long value) {
        return word((int) (value >>> 32)) + word((int) value);
    }

    /** What a read in machine order would give where {@code value} stands in network order. */
    private static long word(int value) {
        return (LITTLE_ENDIAN ? Integer.reverseBytes(value) : value) & LOW;
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

    /**
     * Checksum of an IPv4 header without options, given as its two longs and its last int in network order; 0 when its own
     * checksum in it is right.
     */
    public static int ofIpv4Header(long first, long second, int destination) {
        long sum = (first >>> 32) + (first & LOW) + (second >>> 32) + (second & LOW) + (destination & LOW);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~(int) ((sum & 0xffff) + (sum >>> 16)) & 0xffff;
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
        // 33 bits, 18 bits, then at most 0x10002.
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /** From network to machine order, or back. */
    private static int swap(int word) {
        return LITTLE_ENDIAN ? (word & 0xff) << 8 | word >>> 8 : word;
    }
}
