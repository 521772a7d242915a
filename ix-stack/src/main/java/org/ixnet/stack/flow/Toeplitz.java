package org.ixnet.stack.flow;

import java.util.HexFormat;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.IcmpV4;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Ipv6;

/**
 * The hash that NICs steer packets by (Microsoft, "RSS hashing functions"). Source and destination are those of the
 * received packet: the source is the remote end. A table of each input byte's contribution makes an IPv4 4-tuple cost
 * twelve loads. Thread rule: immutable.
 */
public final class Toeplitz {
    /** Shortest key that covers an IPv6 4-tuple. */
    public static final int KEY_BYTES = 40;

    private static final String STANDARD_KEY =
            "6d5a56da255b0ec24167253d43a38fb0" + "d0ca2bcbae7b30b477cb2da38030f20c" + "6a42b73bbeac01fa";

    private static final int INPUT_BYTES = 36;
    private static final int PROTOCOL_TCP = 6;
    private static final int PROTOCOL_UDP = 17;
    private static final int PROTOCOL_ICMP = 1;

    /** Contribution of byte value v at input position p, at {@code p << 8 | v}. */
    private final int[] table = new int[INPUT_BYTES << 8];

    /** @param key 40 bytes or more; those beyond are not used */
    public Toeplitz(byte[] key) {
        if (key.length < KEY_BYTES) {
            throw new IllegalArgumentException("RSS key has " + key.length + " bytes; must have at least " + KEY_BYTES);
        }
        for (int position = 0; position < INPUT_BYTES; position++) {
            for (int bit = 0; bit < 8; bit++) {
                int window = window(key, position * 8 + bit);
                int mask = 0x80 >> bit;
                for (int value = 0; value < 256; value++) {
                    if ((value & mask) != 0) {
                        table[position << 8 | value] ^= window;
                    }
                }
            }
        }
    }

    /** The 32 bits of the key that begin at {@code bit}. */
    private static int window(byte[] key, int bit) {
        long bits = 0;
        for (int i = 0; i < 5; i++) {
            bits = bits << 8 | (key[(bit >> 3) + i] & 0xff);
        }
        return (int) (bits >>> (8 - (bit & 7)));
    }

    /** The key of Microsoft's verification suite, which most drivers use too; a copy. */
    public static byte[] standardKey() {
        return HexFormat.of().parseHex(STANDARD_KEY);
    }

    /** Hash of a TCP or UDP packet's addresses and ports; of two IPv4 addresses when both are mapped. */
    public int hash(
            long sourceHi, long sourceLo, long destinationHi, long destinationLo, int sourcePort, int destinationPort) {
        int ports = sourcePort << 16 | destinationPort;
        if (isIpv4(sourceHi, sourceLo)) {
            return word(0, (int) sourceLo) ^ word(4, (int) destinationLo) ^ word(8, ports);
        }
        return hash(sourceHi, sourceLo, destinationHi, destinationLo) ^ word(32, ports);
    }

    /** Hash of the addresses alone: fragments, and protocols without ports. */
    public int hash(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        if (isIpv4(sourceHi, sourceLo)) {
            return word(0, (int) sourceLo) ^ word(4, (int) destinationLo);
        }
        return word(0, (int) (sourceHi >>> 32))
                ^ word(4, (int) sourceHi)
                ^ word(8, (int) (sourceLo >>> 32))
                ^ word(12, (int) sourceLo)
                ^ word(16, (int) (destinationHi >>> 32))
                ^ word(20, (int) destinationHi)
                ^ word(24, (int) (destinationLo >>> 32))
                ^ word(28, (int) destinationLo);
    }

    /**
     * Hash of a received Ethernet frame: as a NIC computes it for TCP and UDP (with ports) and for other IP packets and
     * fragments (without). Beyond that, an ICMP error hashes like the packets of the connection that it quotes, so that it
     * reaches that connection's owner. 0 for what is not IP or is cut short.
     */
    public int hashFrame(long frameAddress, int frameLengthBytes) {
        long header = frameAddress + Ethernet.HEADER_BYTES;
        int left = frameLengthBytes - Ethernet.HEADER_BYTES;
        if (left < Ipv4.HEADER_BYTES) {
            return 0;
        }
        int type = Ethernet.type(frameAddress);
        if (type == Ethernet.TYPE_IPV4) {
            return hashIpv4(header, left);
        }
        return type == Ethernet.TYPE_IPV6 && left >= Ipv6.HEADER_BYTES ? hashIpv6(header, left) : 0;
    }

    private int hashIpv4(long header, int lengthBytes) {
        int addresses = word(0, Ipv4.source(header)) ^ word(4, Ipv4.destination(header));
        int headerBytes = Ipv4.headerLengthBytes(header);
        int protocol = Ipv4.protocol(header);
        if (Ipv4.isFragment(header) || lengthBytes < headerBytes + 4) {
            return addresses;
        }
        if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP) {
            return addresses ^ word(8, Memory.getIntBe(header + headerBytes));
        }
        if (protocol == PROTOCOL_ICMP && IcmpV4.isError(IcmpV4.type(header + headerBytes))) {
            return hashQuoted(header + headerBytes, lengthBytes - headerBytes, addresses);
        }
        return addresses;
    }

    /** The quoted packet went out from here: what comes back has its ends the other way round. */
    private int hashQuoted(long icmp, int lengthBytes, int addresses) {
        long quoted = IcmpV4.quotedPacket(icmp);
        int left = lengthBytes - IcmpV4.HEADER_BYTES;
        if (left < Ipv4.HEADER_BYTES || left < Ipv4.headerLengthBytes(quoted) + 4 || !hasPorts(quoted)) {
            return addresses;
        }
        int ports = Memory.getIntBe(quoted + Ipv4.headerLengthBytes(quoted));
        return word(0, Ipv4.destination(quoted))
                ^ word(4, Ipv4.source(quoted))
                ^ word(8, Integer.rotateLeft(ports, 16));
    }

    private static boolean hasPorts(long header) {
        int protocol = Ipv4.protocol(header);
        return (protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP)
                && (Ipv4.flagsAndOffset(header) & Ipv4.OFFSET_MASK) == 0;
    }

    private int hashIpv6(long header, int lengthBytes) {
        int hash = hash(
                Ipv6.sourceHi(header), Ipv6.sourceLo(header), Ipv6.destinationHi(header), Ipv6.destinationLo(header));
        int next = Ipv6.nextHeader(header);
        boolean ports = (next == PROTOCOL_TCP || next == PROTOCOL_UDP) && lengthBytes >= Ipv6.HEADER_BYTES + 4;
        return ports ? hash ^ word(32, Memory.getIntBe(header + Ipv6.HEADER_BYTES)) : hash;
    }

    private static boolean isIpv4(long hi, long lo) {
        return hi == 0 && lo >>> 32 == 0xffff;
    }

    private int word(int position, int word) {
        int base = position << 8;
        return table[base | word >>> 24]
                ^ table[base + 256 | (word >>> 16 & 0xff)]
                ^ table[base + 512 | (word >>> 8 & 0xff)]
                ^ table[base + 768 | (word & 0xff)];
    }
}
