package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Numbers;
import org.ixnet.examples.memcached.store.Shard;
import org.ixnet.examples.memcached.store.StoreResult;

/**
 * Increment and decrement as all protocols share them. Options are set before {@link #apply}, which forgets them; the
 * results stay until the next. One instance a connection.
 */
final class Arithmetic {
    private final Session session;
    private final ByteBuf digits = Unpooled.buffer(Numbers.MAX_DIGITS, Numbers.MAX_DIGITS);

    private long casUnique;
    private boolean comparesCas;
    private boolean creates;
    private long initial;
    private int createdExpiresAt;
    private boolean setsExpiry;
    private int newExpiresAt;

    private long number;
    private long cas;
    private int expiresAt;

    Arithmetic(Session session) {
        this.session = session;
    }

    /** Only if the item's unique is this one. */
    void compareCas(long unique) {
        comparesCas = true;
        casUnique = unique;
    }

    /** On a miss, create the item with {@code initial}. */
    void createOnMiss(long initial, int expiresAtSeconds) {
        creates = true;
        this.initial = initial;
        createdExpiresAt = expiresAtSeconds;
    }

    /** On a hit, set the expiry. */
    void setExpiry(int expiresAtSeconds) {
        setsExpiry = true;
        newExpiresAt = expiresAtSeconds;
    }

    /** Adds {@code delta}, wrapping at 64 bits, or subtracts it, stopping at 0. */
    StoreResult apply(Key key, boolean increments, long delta) {
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, session.nowSeconds());
            return item == Shard.NONE ? miss(shard, key, increments) : hit(shard, item, increments, delta);
        } finally {
            shard.unlock();
            comparesCas = false;
            creates = false;
            setsExpiry = false;
        }
    }

    /** Returns the new number. */
    long number() {
        return number;
    }

    /** Returns the unique that the item has now. */
    long cas() {
        return cas;
    }

    /** Returns when the item expires. */
    int expiresAtSeconds() {
        return expiresAt;
    }

    private StoreResult miss(Shard shard, Key key, boolean increments) {
        shard.count(increments ? Counter.INCR_MISSES : Counter.DECR_MISSES);
        if (!creates) {
            return StoreResult.NOT_FOUND;
        }
        Ascii.writeUnsigned(digits.clear(), initial);
        int item = session.store.create(shard, key, digits, 0, createdExpiresAt, session.nowSeconds());
        if (item == Shard.NONE) {
            return StoreResult.OUT_OF_MEMORY;
        }
        remember(shard, item, initial);
        return StoreResult.STORED;
    }

    private StoreResult hit(Shard shard, int item, boolean increments, long delta) {
        if (comparesCas && shard.cas(item) != casUnique) {
            return StoreResult.EXISTS;
        }
        long old = session.numbers.parse(shard, item);
        if (!session.numbers.isValid()) {
            return StoreResult.NOT_A_NUMBER;
        }
        shard.count(increments ? Counter.INCR_HITS : Counter.DECR_HITS);
        long changed = increments ? old + delta : Long.compareUnsigned(old, delta) < 0 ? 0 : old - delta;
        int written = session.store.writeNumber(shard, item, changed, session.nowSeconds());
        if (written == Shard.NONE) {
            return StoreResult.OUT_OF_MEMORY;
        }
        if (setsExpiry) {
            shard.expiresAtSeconds(written, newExpiresAt);
        }
        remember(shard, written, changed);
        return StoreResult.STORED;
    }

    private void remember(Shard shard, int item, long changed) {
        number = changed;
        cas = shard.cas(item);
        expiresAt = shard.expiresAtSeconds(item);
    }
}
