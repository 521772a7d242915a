package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A key as it lies in a request: a flyweight over a range of a buffer, with its hash.
 *
 * <p>One instance a connection, wrapped anew for every request; valid only while that buffer is.
 */
public final class Key {
    /** The longest key of the protocol, in bytes. */
    public static final int MAX_BYTES = 250;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int index;
    private int lengthBytes;
    private long hash;

    /** Creates a flyweight over nothing. */
    public Key() {}

    /** Lets this key mean {@code lengthBytes} bytes of {@code buffer} from {@code index}; {@code seed} keys the hash. */
    public Key wrap(ByteBuf buffer, int index, int lengthBytes, long seed) {
        assert lengthBytes >= 0 && lengthBytes <= MAX_BYTES : lengthBytes;
        this.buffer = buffer;
        this.index = index;
        this.lengthBytes = lengthBytes;
        this.hash = hash(buffer, index, lengthBytes, seed);
        return this;
    }

    /** Returns the buffer that holds the key. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** Returns where in {@link #buffer()} the key starts. */
    public int index() {
        return index;
    }

    /** Returns the length in bytes. */
    public int lengthBytes() {
        return lengthBytes;
    }

    long hash() {
        return hash;
    }

    /** A keyed multiply-and-fold hash; the seed is random per process, so that a client cannot aim at one bucket. */
    private static long hash(ByteBuf buffer, int index, int lengthBytes, long seed) {
        long hash = seed ^ lengthBytes;
        int i = index;
        int end = index + lengthBytes;
        for (; end - i >= Long.BYTES; i += Long.BYTES) {
            hash = fold(hash ^ buffer.getLongLE(i));
        }
        long rest = 0;
        for (; i < end; i++) {
            rest = (rest << 8) | (buffer.getByte(i) & 0xff);
        }
        return fold(fold(hash ^ rest) ^ seed);
    }

    private static long fold(long value) {
        long multiplier = 0x9e3779b97f4a7c15L;
        return Math.unsignedMultiplyHigh(value, multiplier) ^ (value * multiplier) ^ Long.rotateRight(value, 23);
    }
}
