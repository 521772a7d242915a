package org.ixnet.stack.util;

import java.security.SecureRandom;

/**
 * A seeded generator (xoshiro256**, Blackman and Vigna) that allocates nothing. Equal seeds give equal sequences, so that a
 * simulation can be repeated. It is not cryptographic: what an attacker must not guess comes from {@link KeyedHash} with a
 * key of {@link #secure()}. Thread rule: one owner.
 */
public final class RandomSource {
    private static final double DOUBLE_UNIT = 0x1.0p-53;

    private long s0;
    private long s1;
    private long s2;
    private long s3;

    public RandomSource(long seed) {
        long state = seed;
        s0 = mix(state += 0x9e3779b97f4a7c15L);
        s1 = mix(state += 0x9e3779b97f4a7c15L);
        s2 = mix(state += 0x9e3779b97f4a7c15L);
        s3 = mix(state + 0x9e3779b97f4a7c15L);
    }

    /** A source whose seed comes from the operating system. */
    public static RandomSource secure() {
        return new RandomSource(new SecureRandom().nextLong());
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    public long nextLong() {
        long result = Long.rotateLeft(s1 * 5, 7) * 9;
        long t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);
        return result;
    }

    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /** Uniform in 0..bound-1. */
    public int nextInt(int bound) {
        assert bound > 0 : bound;
        // Multiply and shift: the bias is below bound / 2^32, which no use of this class can notice.
        return (int) (((nextInt() & 0xffffffffL) * bound) >>> 32);
    }

    /** Uniform in 0..bound-1. */
    public long nextLong(long bound) {
        assert bound > 0 : bound;
        return Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return (nextLong() >>> 11) * DOUBLE_UNIT;
    }

    /** True with the given probability, 0..1. A probability of 0 draws nothing from the sequence. */
    public boolean chance(double probability) {
        return probability > 0 && nextDouble() < probability;
    }
}
