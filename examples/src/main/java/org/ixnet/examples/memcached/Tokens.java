package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** The words of a command line: positions in its buffer, valid until that moves on. One instance a connection. */
final class Tokens {
    /** More words than this make a line too long. */
    static final int MAX = 24;

    private final int[] starts = new int[MAX];
    private final int[] ends = new int[MAX];
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int count;
    private boolean overflowing;
    private long number;

    /** Finds the words between {@code from} and {@code to}. */
    void split(ByteBuf line, int from, int to) {
        buffer = line;
        count = 0;
        overflowing = false;
        int i = from;
        while (true) {
            while (i < to && line.getByte(i) == ' ') {
                i++;
            }
            if (i == to) {
                return;
            }
            if (count == MAX) {
                overflowing = true;
                return;
            }
            starts[count] = i;
            while (i < to && line.getByte(i) != ' ') {
                i++;
            }
            ends[count++] = i;
        }
    }

    ByteBuf buffer() {
        return buffer;
    }

    int count() {
        return count;
    }

    /** Tells whether there were more words than fit. */
    boolean isOverflowing() {
        return overflowing;
    }

    int start(int token) {
        return starts[token];
    }

    int length(int token) {
        return ends[token] - starts[token];
    }

    byte byteAt(int token, int offset) {
        return buffer.getByte(starts[token] + offset);
    }

    /** Tells whether the token is {@code word}. */
    boolean is(int token, byte[] word) {
        if (length(token) != word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (byteAt(token, i) != word[i]) {
                return false;
            }
        }
        return true;
    }

    /** Parses the rest of a token from {@code offset} as an unsigned 64-bit number into {@link #number()}. */
    boolean parseUnsigned(int token, int offset) {
        int end = ends[token];
        int i = starts[token] + offset;
        if (i >= end) {
            return false;
        }
        long value = 0;
        for (; i < end; i++) {
            int digit = buffer.getByte(i) - '0';
            if (digit < 0 || digit > 9 || Long.compareUnsigned(value, Long.divideUnsigned(-1L, 10)) > 0) {
                return false;
            }
            long next = value * 10 + digit;
            if (Long.compareUnsigned(next, digit) < 0) {
                return false;
            }
            value = next;
        }
        number = value;
        return true;
    }

    /** Parses the rest of a token as a signed number of at most 64 bits into {@link #number()}. */
    boolean parseSigned(int token, int offset) {
        boolean negative = offset < length(token) && byteAt(token, offset) == '-';
        if (!parseUnsigned(token, negative ? offset + 1 : offset) || number < 0) {
            return false;
        }
        number = negative ? -number : number;
        return true;
    }

    /** Parses the rest of a token as an unsigned 32-bit number into {@link #number()}. */
    boolean parseUnsigned32(int token, int offset) {
        return parseUnsigned(token, offset) && number >>> Integer.SIZE == 0;
    }

    /** Returns what was parsed last. */
    long number() {
        return number;
    }
}
