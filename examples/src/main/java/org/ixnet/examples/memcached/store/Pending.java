package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way into the store: a reserved item that its connection fills as the bytes arrive, so that a network
 * buffer can be released at once and nothing is copied twice.
 *
 * <p>Owned by one connection and reused for each of its values. The request's parameters are set after
 * {@link Store#begin} and read by {@link Store#finish}.
 */
public final class Pending {
    private final Cursor cursor = new Cursor();

    @Nullable
    Shard shard;

    int item;
    int missingBytes;

    /** How to store. */
    public StoreMode mode = StoreMode.SET;
    /** With {@link StoreMode#CAS}, APPEND and PREPEND: the unique to compare, if {@link #comparesCas}. */
    public long casUnique;
    /** Whether {@link #casUnique} counts. */
    public boolean comparesCas;
    /** Whether a value older than the item's may replace it, marked as stale. */
    public boolean invalidates;
    /** The unique that the stored item got; 0 if it was not stored. */
    public long storedCas;

    /** Creates an idle one. */
    public Pending() {}

    /** Returns how many bytes of the value have not arrived yet. */
    public int missingBytes() {
        return missingBytes;
    }

    /** Tells whether an item is reserved. */
    public boolean isOpen() {
        return shard != null;
    }

    void open(Shard shard, int item, int valueBytes) {
        this.shard = shard;
        this.item = item;
        this.missingBytes = valueBytes;
        shard.seekValue(cursor, item);
        mode = StoreMode.SET;
        casUnique = 0;
        comparesCas = false;
        invalidates = false;
        storedCas = 0;
    }

    /** Takes as much of the value as {@code source} has, and moves its reader index past it. */
    public void fill(ByteBuf source) {
        Shard target = shard;
        int lengthBytes = Math.min(source.readableBytes(), missingBytes);
        if (target == null || lengthBytes == 0) {
            return;
        }
        target.lock();
        try {
            target.arena().write(cursor, source, lengthBytes);
        } finally {
            target.unlock();
        }
        missingBytes -= lengthBytes;
    }

    /** Gives the reserved item back, if there is one. */
    public void abandon() {
        Shard target = shard;
        if (target != null) {
            shard = null;
            target.lock();
            try {
                target.release(item);
            } finally {
                target.unlock();
            }
        }
    }
}
