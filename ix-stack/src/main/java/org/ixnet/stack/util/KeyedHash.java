package org.ixnet.stack.util;

import java.security.SecureRandom;

/**
 * SipHash-2-4 (Aumasson and Bernstein) over longs: for initial sequence numbers (RFC 6528), ports (RFC 6056), IP
 * identifiers and hash tables that an attacker must not be able to fill at will. The words are hashed as the byte string
 * that they form in little-endian order. Allocates nothing. Thread rule: immutable.
 */
public final class KeyedHash {
    private final long k0;
    private final long k1;

    public KeyedHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    /** A hash whose key comes from the operating system. */
    public static KeyedHash secure() {
        SecureRandom random = new SecureRandom();
        return new KeyedHash(random.nextLong(), random.nextLong());
    }

    /** A hash whose key is drawn from {@code random}; for repeatable runs. */
    public static KeyedHash of(RandomSource random) {
        return new KeyedHash(random.nextLong(), random.nextLong());
    }

    public long hash(long a) {
        return hash(1, a, 0, 0, 0, 0);
    }

    public long hash(long a, long b) {
        return hash(2, a, b, 0, 0, 0);
    }

    public long hash(long a, long b, long c) {
        return hash(3, a, b, c, 0, 0);
    }

    public long hash(long a, long b, long c, long d) {
        return hash(4, a, b, c, d, 0);
    }

    public long hash(long a, long b, long c, long d, long e) {
        return hash(5, a, b, c, d, e);
    }

    private long hash(int words, long a, long b, long c, long d, long e) {
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        // One loop for all double rounds, so that it is compiled once: the words, the length, then the finalisation's
        // two.
        for (int i = 0; i < words + 3; i++) {
            long m = i < words ? (i == 0 ? a : i == 1 ? b : i == 2 ? c : i == 3 ? d : e) : 0;
            if (i == words) {
                m = (long) words << 59; // the message's length in bytes modulo 256, in the top byte
            } else if (i == words + 1) {
                v2 ^= 0xff;
            }
            v3 ^= m;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
