package org.ixnet.stack.device;

import org.ixnet.stack.memory.Memory;

/**
 * The receive-side scaling of a {@link VirtualLink}'s device, as hardware does it: bit by bit over the packet's bytes,
 * independent of the stack's own {@code flow.Toeplitz}, so that each checks the other. Thread rule: under the link's lock.
 */
final class VirtualRss {
    private static final int ETHERNET_BYTES = 14;

    private final byte[] key;
    private final int[] reta;

    VirtualRss(byte[] key, int[] reta) {
        this.key = key.clone();
        this.reta = reta.clone();
    }

    byte[] key() {
        return key.clone();
    }

    int[] reta() {
        return reta.clone();
    }

    int queue(int hash) {
        return reta[hash & (reta.length - 1)];
    }

    /** The hash of an IPv4 or IPv6 frame with or without ports; 0 for other frames. */
    int hash(long frame, int lengthBytes) {
        if (lengthBytes < ETHERNET_BYTES + 20) {
            return 0;
        }
        long ip = frame + ETHERNET_BYTES;
        int type = Memory.getUnsignedShortBe(frame + 12);
        if (type == 0x0800) {
            int headerBytes = (Memory.getUnsignedByte(ip) & 15) * 4;
            boolean fragment = (Memory.getUnsignedShortBe(ip + 6) & 0x3fff) != 0;
            boolean ports = !fragment
                    && hasPorts(Memory.getUnsignedByte(ip + 9))
                    && lengthBytes >= ETHERNET_BYTES + headerBytes + 4;
            int hash = bits(0, ip + 12, 8, 0);
            return ports ? bits(hash, ip + headerBytes, 4, 64) : hash;
        }
        if (type == 0x86dd && lengthBytes >= ETHERNET_BYTES + 40) {
            int hash = bits(0, ip + 8, 32, 0);
            boolean ports = hasPorts(Memory.getUnsignedByte(ip + 6)) && lengthBytes >= ETHERNET_BYTES + 44;
            return ports ? bits(hash, ip + 40, 4, 256) : hash;
        }
        return 0;
    }

    private static boolean hasPorts(int protocol) {
        return protocol == 6 || protocol == 17;
    }

    private int bits(int hash, long address, int bytes, int keyBit) {
        int result = hash;
        for (int i = 0; i < bytes * 8; i++) {
            if ((Memory.getUnsignedByte(address + (i >> 3)) & 0x80 >> (i & 7)) != 0) {
                result ^= window(keyBit + i);
            }
        }
        return result;
    }

    private int window(int bit) {
        int window = 0;
        for (int i = 0; i < 32; i++) {
            int at = bit + i;
            window = window << 1 | (key[at >> 3] >> (7 - (at & 7)) & 1);
        }
        return window;
    }
}
