package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The cache: what the requests of both protocols mean, over {@link Shard}s chosen by the key's hash.
 *
 * <p>Any thread may use it; each request takes the lock of one shard. Expiry is lazy: a dead item goes when somebody asks
 * for it, or when its turn to be evicted comes.
 */
public final class Store implements AutoCloseable {
    private final StoreConfig config;
    private final CacheClock clock;
    private final Arena memory;
    private final Shard[] shards;
    private final int shardShift;

    /** Takes all of its memory; throws {@link IllegalArgumentException} when the JVM has not got that much. */
    public Store(StoreConfig config, CacheClock clock) {
        this.config = config;
        this.clock = clock;
        this.memory = Arena.ofShared();
        this.shards = new Shard[config.shards(Runtime.getRuntime().availableProcessors())];
        this.shardShift = Long.SIZE - Integer.numberOfTrailingZeros(shards.length);
        long shardBytes = config.memoryBytes() / shards.length / BlockArena.BLOCK_BYTES * BlockArena.BLOCK_BYTES;
        try {
            // In one piece, so that what does not fit fails before any of it is touched.
            MemorySegment all = memory.allocate(shardBytes * shards.length, BlockArena.BLOCK_BYTES);
            for (int i = 0; i < shards.length; i++) {
                shards[i] = new Shard(all.asSlice(i * shardBytes, shardBytes), i, shards.length);
            }
        } catch (OutOfMemoryError e) {
            memory.close();
            throw new IllegalArgumentException(
                    "memory of " + (config.memoryBytes() >> 20) + " MiB does not fit: " + e.getMessage()
                            + "; lower --memory, or start the JVM with -XX:MaxDirectMemorySize and -Xmx raised",
                    e);
        }
    }

    /** Returns the bounds. */
    public StoreConfig config() {
        return config;
    }

    /** Returns the clock that expiry goes by. */
    public CacheClock clock() {
        return clock;
    }

    /** Returns the shard that holds {@code key}. */
    public Shard shard(Key key) {
        return shards[shards.length == 1 ? 0 : (int) (key.hash() >>> shardShift)];
    }

    /**
     * Reserves an item for a value of {@code valueBytes}, to be filled through {@code pending} and then
     * {@linkplain #finish finished}. Returns STORED when reserved, TOO_LARGE or OUT_OF_MEMORY when not.
     *
     * @param replacesOnFailure whether the old value must go when the new one finds no room, as a SET demands
     */
    public StoreResult begin(
            Pending pending,
            Key key,
            int valueBytes,
            int clientFlags,
            int expiresAtSeconds,
            boolean replacesOnFailure,
            int now) {
        assert !pending.isOpen();
        Shard shard = shard(key);
        boolean tooLarge = valueBytes > config.itemBytes() - Shard.HEAD_BYTES - key.lengthBytes();
        shard.lock();
        try {
            int item = tooLarge ? Shard.NONE : shard.reserve(key, valueBytes, Shard.NONE, now);
            if (item != Shard.NONE) {
                shard.clientFlags(item, clientFlags);
                shard.expiresAtSeconds(item, expiresAtSeconds);
                pending.open(shard, item, valueBytes);
                return StoreResult.STORED;
            }
            if (tooLarge) {
                shard.count(Counter.STORE_TOO_LARGE);
            }
            int old = replacesOnFailure ? shard.find(key, now) : Shard.NONE;
            if (old != Shard.NONE) {
                // The client believes the old value is gone; serving it further would be worse than a miss.
                shard.unlink(old);
            }
            return tooLarge ? StoreResult.TOO_LARGE : StoreResult.OUT_OF_MEMORY;
        } finally {
            shard.unlock();
        }
    }

    /** Stores the filled item of {@code pending}, if its condition holds, and closes {@code pending}. */
    public StoreResult finish(Pending pending, int now) {
        Shard shard = pending.shard;
        if (shard == null || pending.missingBytes != 0) {
            throw new IllegalStateException("the value is not complete");
        }
        pending.shard = null;
        int item = pending.item;
        shard.lock();
        try {
            shard.count(Counter.CMD_SET);
            int old = shard.findSameKey(item, now);
            StoreResult verdict = judge(shard, pending, old, now);
            if (verdict != StoreResult.STORED) {
                shard.release(item);
                return verdict;
            }
            if (pending.mode == StoreMode.APPEND || pending.mode == StoreMode.PREPEND) {
                int joined = join(shard, old, item, pending.mode == StoreMode.APPEND, now);
                shard.release(item);
                if (joined == Shard.NONE) {
                    return StoreResult.OUT_OF_MEMORY;
                }
                item = joined;
            }
            if (old != Shard.NONE) {
                shard.unlink(old);
            }
            shard.link(item, now);
            pending.storedCas = shard.cas(item);
            return StoreResult.STORED;
        } finally {
            shard.unlock();
        }
    }

    /**
     * Lets the item's value spell {@code number}, padded with blanks if it was longer. The shard is locked; returns the item
     * that holds the result (it may have moved), or NONE when no memory is left.
     */
    public int writeNumber(Shard shard, int item, long number, int nowSeconds) {
        int digits = Numbers.digits(number);
        int target = item;
        if (digits > shard.valueBytes(item)) {
            target = shard.reserveLike(item, digits, nowSeconds);
            if (target == Shard.NONE) {
                return Shard.NONE;
            }
        }
        Numbers.write(shard, target, number);
        if (target == item) {
            shard.renewCas(item);
            shard.bump(item, nowSeconds);
        } else {
            shard.unlink(item);
            shard.link(target, nowSeconds);
        }
        return target;
    }

    /** Links a new item with this value, replacing any of its key; returns it or NONE. The shard is locked. */
    public int create(Shard shard, Key key, ByteBuf value, int clientFlags, int expiresAtSeconds, int nowSeconds) {
        int item = shard.reserve(key, value.readableBytes(), Shard.NONE, nowSeconds);
        if (item == Shard.NONE) {
            return Shard.NONE;
        }
        Numbers.move(shard, item, value);
        shard.clientFlags(item, clientFlags);
        shard.expiresAtSeconds(item, expiresAtSeconds);
        int old = shard.findSameKey(item, nowSeconds);
        if (old != Shard.NONE) {
            shard.unlink(old);
        }
        shard.link(item, nowSeconds);
        return item;
    }

    /** Makes all items vanish at {@code atSeconds}; at or before now: at once. */
    public void flush(int atSeconds, int now) {
        for (Shard shard : shards) {
            shard.lock();
            try {
                shard.flush(atSeconds, now);
            } finally {
                shard.unlock();
            }
        }
    }

    /** Returns a snapshot of the counters and sizes, one shard after the other. */
    public StoreStats stats(int nowSeconds) {
        return StoreStats.of(shards, nowSeconds);
    }

    /** Removes all items and frees their memory, at a cost that grows with their number; {@link #flush} is what users get. */
    public void clear() {
        for (Shard shard : shards) {
            shard.lock();
            try {
                shard.clear();
            } finally {
                shard.unlock();
            }
        }
    }

    /** Sets the counters to zero. */
    public void resetCounters() {
        for (Shard shard : shards) {
            shard.lock();
            try {
                shard.resetCounters();
            } finally {
                shard.unlock();
            }
        }
    }

    /** Frees the memory; nothing may use the store any more. */
    @Override
    public void close() {
        memory.close();
    }

    private StoreResult judge(Shard shard, Pending pending, int old, int now) {
        if (old == Shard.NONE) {
            if (pending.mode == StoreMode.CAS) {
                shard.count(Counter.CAS_MISSES);
                return StoreResult.NOT_FOUND;
            }
            boolean stores = pending.mode == StoreMode.SET || pending.mode == StoreMode.ADD;
            return stores ? StoreResult.STORED : StoreResult.NOT_STORED;
        }
        boolean matches = pending.casUnique == shard.cas(old);
        return switch (pending.mode) {
            case SET, REPLACE -> StoreResult.STORED;
            case ADD -> {
                shard.bump(old, now);
                yield StoreResult.NOT_STORED;
            }
            case APPEND, PREPEND -> {
                if (pending.comparesCas && !matches) {
                    yield StoreResult.EXISTS;
                }
                boolean fits = shard.itemBytes(old) + (long) shard.valueBytes(pending.item) <= config.itemBytes();
                yield fits ? StoreResult.STORED : StoreResult.TOO_LARGE;
            }
            case CAS -> compare(shard, pending, old, matches);
        };
    }

    private static StoreResult compare(Shard shard, Pending pending, int old, boolean matches) {
        if (matches) {
            shard.count(Counter.CAS_HITS);
            return StoreResult.STORED;
        }
        if (pending.invalidates && Long.compareUnsigned(pending.casUnique, shard.cas(old)) < 0) {
            // The value is replaced, but whoever has won the right to recache keeps it, and the time to do it stays.
            shard.mark(pending.item, Shard.STALE);
            shard.expiresAtSeconds(pending.item, shard.expiresAtSeconds(old));
            if (shard.isMarked(old, Shard.WIN_SENT)) {
                shard.mark(pending.item, Shard.WIN_SENT);
            }
            return StoreResult.STORED;
        }
        shard.count(Counter.CAS_BADVAL);
        return StoreResult.EXISTS;
    }

    private static int join(Shard shard, int old, int added, boolean behind, int now) {
        // The old item must outlive the evictions for the new one.
        shard.bump(old, now);
        int joined = shard.reserveLike(old, shard.valueBytes(old) + shard.valueBytes(added), now);
        if (joined != Shard.NONE) {
            shard.joinValues(joined, behind ? old : added, behind ? added : old);
        }
        return joined;
    }
}
