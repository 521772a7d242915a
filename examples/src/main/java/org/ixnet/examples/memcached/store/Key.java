package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The key of a request with its hash: a range of an array, where comparing is cheap; one that lies in a buffer is copied.
 *
 * <p>One instance an event loop, wrapped anew for every request.
 */
public final class Key {
    /** The longest key of the protocol, in bytes. */
    public static final int MAX_BYTES = 250;

    static final VarHandle LONG_LE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] copy = new byte[MAX_BYTES];
    private byte[] bytes = copy;
    private int offset;
    private int lengthBytes;
    private long hash;

    /** Creates an empty key. */
    public Key() {}

    /** Lets this key be {@code lengthBytes} bytes of {@code buffer} from {@code index}; {@code seed} keys the hash. */
    public Key copy(ByteBuf buffer, int index, int lengthBytes, long seed) {
        buffer.getBytes(index, copy, 0, lengthBytes);
        return wrap(copy, 0, lengthBytes, seed);
    }

    /** Lets this key mean {@code lengthBytes} of {@code bytes} from {@code offset}, as long as they do not change. */
    public Key wrap(byte[] bytes, int offset, int lengthBytes, long seed) {
        assert lengthBytes >= 0 && lengthBytes <= MAX_BYTES : lengthBytes;
        this.bytes = bytes;
        this.offset = offset;
        this.lengthBytes = lengthBytes;
        this.hash = hash(bytes, offset, lengthBytes, seed);
        return this;
    }

    /** Returns the array that holds the key. */
    byte[] bytes() {
        return bytes;
    }

    /** Returns where in {@link #bytes()} the key starts. */
    int offset() {
        return offset;
    }

    /** Returns the length in bytes. */
    public int lengthBytes() {
        return lengthBytes;
    }

    long hash() {
        return hash;
    }

    /** A keyed multiply-and-fold hash; the seed is random per process, so that a client cannot aim at one bucket. */
    private static long hash(byte[] bytes, int offset, int lengthBytes, long seed) {
        long hash = seed ^ lengthBytes;
        long rest = 0;
        if (lengthBytes >= Long.BYTES) {
            int last = offset + lengthBytes - Long.BYTES;
            for (int i = offset; i < last; i += Long.BYTES) {
                hash = fold(hash ^ (long) LONG_LE.get(bytes, i));
            }
            // Some of its bytes again, unless the length is a multiple of eight.
            rest = (long) LONG_LE.get(bytes, last);
        } else {
            for (int i = offset; i < offset + lengthBytes; i++) {
                rest = (rest << 8) | (bytes[i] & 0xff);
            }
        }
        return fold(fold(hash ^ rest) ^ seed);
    }

    private static long fold(long value) {
        long multiplier = 0x9e3779b97f4a7c15L;
        return Math.unsignedMultiplyHigh(value, multiplier) ^ (value * multiplier) ^ Long.rotateRight(value, 23);
    }
}
