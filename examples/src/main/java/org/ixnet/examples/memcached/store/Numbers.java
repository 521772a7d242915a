package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;

/** Values that spell unsigned 64-bit numbers, read and written in place; used under the lock of the shard. */
public final class Numbers {
    /** The digits of 2^64 - 1. */
    public static final int MAX_DIGITS = 20;

    private static final long MAX_BEFORE_NEXT_DIGIT = Long.divideUnsigned(-1L, 10);

    private boolean valid;
    private final Cursor cursor = new Cursor();

    /** Creates a reader; one per connection. */
    public Numbers() {}

    /** Returns the number that the item's value spells, if {@link #isValid()} says so afterwards. */
    public long parse(Shard shard, int item) {
        int lengthBytes = shard.valueBytes(item);
        valid = lengthBytes > 0 && lengthBytes <= MAX_DIGITS;
        if (!valid) {
            return 0;
        }
        shard.seekValue(cursor, item);
        long number = 0;
        for (int i = 0; i < lengthBytes; i++) {
            byte digit = shard.arena().readByte(cursor);
            if (digit == ' ' && i > 0) {
                return number;
            }
            int value = digit - '0';
            if (value < 0 || value > 9 || Long.compareUnsigned(number, MAX_BEFORE_NEXT_DIGIT) > 0) {
                valid = false;
                return 0;
            }
            long next = number * 10 + value;
            if (Long.compareUnsigned(next, value) < 0) {
                valid = false;
                return 0;
            }
            number = next;
        }
        return number;
    }

    /** Tells whether the last value parsed was a number. */
    public boolean isValid() {
        return valid;
    }

    /** Returns how many digits {@code number}, unsigned, has. */
    public static int digits(long number) {
        int digits = 1;
        long left = number;
        while (Long.compareUnsigned(left, 10) >= 0) {
            left = Long.divideUnsigned(left, 10);
            digits++;
        }
        return digits;
    }

    /** Writes {@code number} over the item's value, followed by blanks. */
    static void write(Shard shard, int item, long number) {
        BlockArena arena = shard.arena();
        Cursor to = shard.writeCursor();
        shard.seekValue(to, item);
        long power = 1;
        int digits = digits(number);
        for (int i = 1; i < digits; i++) {
            power *= 10;
        }
        for (; power != 0; power = Long.divideUnsigned(power, 10)) {
            long digit = Long.remainderUnsigned(Long.divideUnsigned(number, power), 10);
            arena.writeByte(to, (byte) ('0' + digit));
        }
        for (int i = digits; i < shard.valueBytes(item); i++) {
            arena.writeByte(to, (byte) ' ');
        }
    }

    /** Moves what {@code value} has over the item's value. */
    static void move(Shard shard, int item, ByteBuf value) {
        Cursor to = shard.writeCursor();
        shard.seekValue(to, item);
        shard.arena().write(to, value, value.readableBytes());
    }
}
