package org.ixnet.stack.util;

/**
 * Arithmetic on 32-bit sequence numbers, modulo 2^32 (RFC 9293, 3.4). Two numbers compare by the shorter way round the
 * circle, so operands must lie less than 2^31 apart. Thread rule: stateless.
 */
public final class Seq {
    private Seq() {}

    /** a &lt; b. */
    public static boolean lt(int a, int b) {
        return a - b < 0;
    }

    /** a =&lt; b. */
    public static boolean le(int a, int b) {
        return a - b <= 0;
    }

    /** a &gt; b. */
    public static boolean gt(int a, int b) {
        return a - b > 0;
    }

    /** a &gt;= b. */
    public static boolean ge(int a, int b) {
        return a - b >= 0;
    }

    public static int max(int a, int b) {
        return a - b >= 0 ? a : b;
    }

    public static int min(int a, int b) {
        return a - b <= 0 ? a : b;
    }

    /** a - b: how far a is ahead of b; negative when it is behind. */
    public static int diff(int a, int b) {
        return a - b;
    }

    /** left =&lt; seq &lt; left + lengthBytes, with {@code lengthBytes} 0..2^31-1: whether seq lies in a window. */
    public static boolean inWindow(int seq, int left, int lengthBytes) {
        return Integer.compareUnsigned(seq - left, lengthBytes) < 0;
    }
}
