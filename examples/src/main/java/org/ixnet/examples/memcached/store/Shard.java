package org.ixnet.examples.memcached.store;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One part of the store: a hash table and an LRU list over the items of one arena.
 *
 * <p>The list keeps LRU order to a quarter of its length: a fetch moves its item to the new end, which touches three other
 * items, only if so many others were put there since that the item may have gone a quarter of the way to the old end. The
 * way is counted in epochs, a thirty-second of the list each.
 *
 * <p>An item is the number of its first block; {@link #NONE} is no item. Everything but the lock itself is used between
 * {@link #lock()} and {@link #unlock()}, and an item number means nothing after unlocking, except that of a reserved
 * item, which belongs to its connection until it is linked or released. The lock is held for one request on one key.
 *
 * <pre>
 *    reserve ──> filled by its connection ──> link ──> found by others ──> unlink (delete, replace, expire, evict)
 *       └────────────── release (connection lost, condition not met)
 * </pre>
 */
public final class Shard {
    /** No item. */
    public static final int NONE = BlockArena.NONE;

    /** Somebody fetched the item. */
    public static final int FETCHED = 1;
    /** A meta command marked the item stale. */
    public static final int STALE = 2;
    /** A client was told that it has won the right to recache the item. */
    public static final int WIN_SENT = 4;

    private static final int MIN_BUCKETS = 16;

    // The layout of an item's head; key and value follow it. All that a fetch of a small item wants is one cache line.
    private static final int CAS = 0;
    private static final int HASH = 8;
    private static final int HASH_NEXT = 12;
    private static final int CLIENT_FLAGS = 16;
    private static final int EXPIRES_AT = 20;
    private static final int ACCESSED_AT = 24;
    private static final int STORED_AT = 28;
    private static final int VALUE_BYTES = 32;
    /** From the lowest bit: 8 bits of key length, 8 of marks, 16 of the epoch in which the item became the newest. */
    private static final int LENGTH_MARKS_EPOCH = 36;

    static final int HEAD_BYTES = 40;
    private static final int MARKS_SHIFT = 8;
    private static final int EPOCH_SHIFT = 16;

    private static final int EPOCHS_A_LIST = 32;
    private static final int EPOCHS_A_QUARTER = EPOCHS_A_LIST / 4;
    /** In a shorter list the order is exact. */
    private static final int MIN_LIST = 2 * EPOCHS_A_LIST;

    private final BriefLock lock = new BriefLock();
    private final BlockArena arena;
    /** Grows bucket by bucket as items come ("linear hashing"): a table no larger than its items stays in the cache. */
    private final int[] buckets;

    private final long[] counters = new long[Counter.COUNT];
    private final Cursor scratch = new Cursor();
    private final Cursor otherScratch = new Cursor();
    private final Cursor writeCursor = new Cursor();
    private final int index;
    private final int casStep;

    /** The LRU list: each item's neighbours. */
    private final int[] newer;

    private final int[] older;

    /** How many buckets are in use, and the smallest power of two that is not less. */
    private int usedBuckets = MIN_BUCKETS;

    private int bucketsPower = MIN_BUCKETS;

    private int newest;
    private int oldest;
    private int epoch;
    /** Until the next epoch. */
    private int pushesLeft;

    private int items;
    private long lastCas;
    private long flushedCas;
    /** Items stored before this second are gone. */
    private int flushedBefore;
    /** A delayed flush: from this second on, items stored before it are gone; 0 = none. */
    private int flushAt;

    Shard(MemorySegment segment, int index, int shards) {
        this.index = index;
        this.casStep = shards;
        arena = new BlockArena(segment);
        newer = new int[arena.blocks() + 1];
        older = new int[arena.blocks() + 1];
        buckets = new int[Math.max(MIN_BUCKETS, arena.blocks())];
    }

    /** Takes the lock; pair it with {@link #unlock()} in a finally. */
    public void lock() {
        lock.lock();
    }

    /** Gives the lock back. */
    public void unlock() {
        lock.unlock();
    }

    /** Returns the live item of {@code key}, or {@link #NONE}; an item found dead is removed. */
    public int find(Key key, int nowSeconds) {
        int hash = (int) key.hash();
        int item = buckets[bucket(hash)];
        while (item != NONE) {
            if (arena.getInt(item, HASH) == hash && keyBytes(item) == key.lengthBytes() && matches(item, key)) {
                return aliveOrNone(item, nowSeconds);
            }
            item = arena.getInt(item, HASH_NEXT);
        }
        return NONE;
    }

    /** Returns the live item that has the same key as {@code other}, or {@link #NONE}. */
    int findSameKey(int other, int nowSeconds) {
        int hash = arena.getInt(other, HASH);
        int item = buckets[bucket(hash)];
        while (item != NONE) {
            if (arena.getInt(item, HASH) == hash && keyBytes(item) == keyBytes(other)) {
                arena.seek(scratch, item, HEAD_BYTES);
                arena.seek(otherScratch, other, HEAD_BYTES);
                if (arena.matches(scratch, otherScratch, keyBytes(item))) {
                    return aliveOrNone(item, nowSeconds);
                }
            }
            item = arena.getInt(item, HASH_NEXT);
        }
        return NONE;
    }

    /**
     * Takes memory for an item and writes its head and key; evicts from the old end of the list as needed, but never
     * {@code keep}. Returns {@link #NONE} when that does not suffice.
     */
    int reserve(Key key, int valueBytes, int keep, int nowSeconds) {
        int item = allocate(HEAD_BYTES + key.lengthBytes() + valueBytes, keep, nowSeconds);
        if (item != NONE) {
            writeHead(item, (int) key.hash(), key.lengthBytes(), valueBytes, nowSeconds);
            arena.seek(scratch, item, HEAD_BYTES);
            arena.write(scratch, key.bytes(), key.offset(), key.lengthBytes());
        }
        return item;
    }

    /** As {@link #reserve(Key, int, int, int)}, with key, flags and expiry of {@code model}, which is kept. */
    int reserveLike(int model, int valueBytes, int nowSeconds) {
        int keyBytes = keyBytes(model);
        int item = allocate(HEAD_BYTES + keyBytes + valueBytes, model, nowSeconds);
        if (item != NONE) {
            writeHead(item, arena.getInt(model, HASH), keyBytes, valueBytes, nowSeconds);
            arena.putInt(item, CLIENT_FLAGS, clientFlags(model));
            arena.putInt(item, EXPIRES_AT, expiresAtSeconds(model));
            arena.seek(scratch, model, HEAD_BYTES);
            arena.seek(otherScratch, item, HEAD_BYTES);
            arena.copy(scratch, otherScratch, keyBytes);
        }
        return item;
    }

    /** Frees a reserved item that was never linked. */
    void release(int item) {
        arena.free(item);
    }

    /** Makes a reserved item findable under a fresh unique, as the newest. The caller has unlinked another of its key. */
    void link(int item, int nowSeconds) {
        renewCas(item);
        arena.putInt(item, STORED_AT, nowSeconds);
        arena.putInt(item, ACCESSED_AT, nowSeconds);
        int bucket = bucket(arena.getInt(item, HASH));
        arena.putInt(item, HASH_NEXT, buckets[bucket]);
        buckets[bucket] = item;
        pushNewest(item);
        items++;
        count(Counter.TOTAL_ITEMS);
        if (items > usedBuckets && usedBuckets < buckets.length) {
            splitBucket();
        }
    }

    /** Removes a linked item and frees its memory. */
    public void unlink(int item) {
        int bucket = bucket(arena.getInt(item, HASH));
        int following = arena.getInt(item, HASH_NEXT);
        int previous = buckets[bucket];
        if (previous == item) {
            buckets[bucket] = following;
        } else {
            int next = arena.getInt(previous, HASH_NEXT);
            while (next != item) {
                previous = next;
                next = arena.getInt(previous, HASH_NEXT);
            }
            arena.putInt(previous, HASH_NEXT, following);
        }
        takeFromList(item);
        items--;
        arena.free(item);
    }

    /** Notes a fetch: the item will be kept for longer, and counts as fetched. */
    public void touchLru(int item, int nowSeconds) {
        // What does not change is not written: a line that stays clean need not go back to memory.
        if (accessedAtSeconds(item) != nowSeconds) {
            arena.putInt(item, ACCESSED_AT, nowSeconds);
        }
        if (!isMarked(item, FETCHED)) {
            mark(item, FETCHED);
        }
        if (items < MIN_LIST || epochsSincePushed(item) >= EPOCHS_A_QUARTER) {
            moveToNewEnd(item);
        }
    }

    /** Makes the item the newest without counting as a fetch. */
    void bump(int item, int nowSeconds) {
        arena.putInt(item, ACCESSED_AT, nowSeconds);
        moveToNewEnd(item);
    }

    /** Gives the item a fresh unique. */
    public void renewCas(int item) {
        lastCas += casStep;
        arena.putLong(item, CAS, lastCas + index + 1);
    }

    /** Returns the item's unique; never 0. */
    public long cas(int item) {
        return arena.getLong(item, CAS);
    }

    /** Returns the opaque flags of the client. */
    public int clientFlags(int item) {
        return arena.getInt(item, CLIENT_FLAGS);
    }

    void clientFlags(int item, int flags) {
        arena.putInt(item, CLIENT_FLAGS, flags);
    }

    /** Returns the second of {@link CacheClock} at which the item dies; 0 = never. */
    public int expiresAtSeconds(int item) {
        return arena.getInt(item, EXPIRES_AT);
    }

    /** Sets the second at which the item dies; 0 = never. */
    public void expiresAtSeconds(int item, int seconds) {
        arena.putInt(item, EXPIRES_AT, seconds);
    }

    /** Returns the second of the last access. */
    public int accessedAtSeconds(int item) {
        return arena.getInt(item, ACCESSED_AT);
    }

    /** Returns the length of the value in bytes. */
    public int valueBytes(int item) {
        return arena.getInt(item, VALUE_BYTES);
    }

    /** Returns the bytes that head, key and value take, without the rest of the last block. */
    public int itemBytes(int item) {
        return HEAD_BYTES + keyBytes(item) + valueBytes(item);
    }

    /** Tells whether a mark ({@link #FETCHED}, {@link #STALE}, {@link #WIN_SENT}) is set. */
    public boolean isMarked(int item, int mark) {
        return (arena.getInt(item, LENGTH_MARKS_EPOCH) & (mark << MARKS_SHIFT)) != 0;
    }

    /** Sets a mark. */
    public void mark(int item, int mark) {
        arena.putInt(item, LENGTH_MARKS_EPOCH, arena.getInt(item, LENGTH_MARKS_EPOCH) | (mark << MARKS_SHIFT));
    }

    /** Takes a mark away. */
    public void unmark(int item, int mark) {
        arena.putInt(item, LENGTH_MARKS_EPOCH, arena.getInt(item, LENGTH_MARKS_EPOCH) & ~(mark << MARKS_SHIFT));
    }

    /** Appends the value to {@code target}. */
    public void readValue(int item, ByteBuf target) {
        seekValue(scratch, item);
        arena.read(scratch, target, valueBytes(item));
    }

    /** Copies the value into {@code target} from {@code offset}. */
    public void readValue(int item, byte[] target, int offset) {
        seekValue(scratch, item);
        arena.read(scratch, target, offset, valueBytes(item));
    }

    /** Writes the values of {@code first} and {@code second} into {@code target}, one behind the other. */
    void joinValues(int target, int first, int second) {
        seekValue(writeCursor, target);
        seekValue(scratch, first);
        arena.copy(scratch, writeCursor, valueBytes(first));
        seekValue(scratch, second);
        arena.copy(scratch, writeCursor, valueBytes(second));
    }

    void seekValue(Cursor cursor, int item) {
        arena.seek(cursor, item, HEAD_BYTES + keyBytes(item));
    }

    /** A cursor for whoever writes into an item under the lock. */
    Cursor writeCursor() {
        return writeCursor;
    }

    BlockArena arena() {
        return arena;
    }

    /** Adds one to {@code counter}. */
    public void count(Counter counter) {
        counters[counter.ordinal()]++;
    }

    long counted(Counter counter) {
        return counters[counter.ordinal()];
    }

    void resetCounters() {
        Arrays.fill(counters, 0);
    }

    int items() {
        return items;
    }

    /** Returns how long ago the oldest item was last accessed, in seconds. */
    int oldestAgeSeconds(int nowSeconds) {
        return oldest == NONE ? 0 : nowSeconds - accessedAtSeconds(oldest);
    }

    /** Makes every item vanish that is stored now ({@code atSeconds <= nowSeconds}), or will be stored before then. */
    void flush(int atSeconds, int nowSeconds) {
        if (flushAt != 0 && flushAt <= nowSeconds) {
            // An earlier delayed flush has struck; what it took must not come back when its date is overwritten.
            flushedBefore = Math.max(flushedBefore, flushAt);
        }
        if (atSeconds <= nowSeconds) {
            flushAt = 0;
            flushedCas = lastCas + index + 1;
        } else {
            flushAt = atSeconds;
        }
    }

    /** Removes every linked item. */
    void clear() {
        while (oldest != NONE) {
            unlink(oldest);
        }
    }

    private int aliveOrNone(int item, int nowSeconds) {
        if (isExpired(item, nowSeconds)) {
            count(Counter.GET_EXPIRED);
        } else if (isFlushed(item, nowSeconds)) {
            count(Counter.GET_FLUSHED);
        } else {
            return item;
        }
        unlink(item);
        return NONE;
    }

    private boolean isExpired(int item, int nowSeconds) {
        int expiresAt = expiresAtSeconds(item);
        return expiresAt != 0 && expiresAt <= nowSeconds;
    }

    private boolean isFlushed(int item, int nowSeconds) {
        if (cas(item) <= flushedCas) {
            return true;
        }
        int storedAt = arena.getInt(item, STORED_AT);
        return storedAt < flushedBefore || (flushAt != 0 && flushAt <= nowSeconds && storedAt < flushAt);
    }

    private boolean matches(int item, Key key) {
        scratch.set(item, HEAD_BYTES);
        return arena.matches(scratch, key.bytes(), key.offset(), key.lengthBytes());
    }

    private int allocate(int lengthBytes, int keep, int nowSeconds) {
        int blocks = BlockArena.blocksFor(lengthBytes);
        if (blocks > arena.blocks()) {
            return NONE;
        }
        while (arena.freeBlocks() < blocks) {
            int victim = oldest == keep ? newer[keep] : oldest;
            if (victim == NONE) {
                count(Counter.STORE_NO_MEMORY);
                return NONE;
            }
            evict(victim, nowSeconds);
        }
        return arena.allocate(blocks);
    }

    private void evict(int item, int nowSeconds) {
        if (isExpired(item, nowSeconds) || isFlushed(item, nowSeconds)) {
            count(Counter.RECLAIMED);
        } else {
            count(Counter.EVICTIONS);
            if (!isMarked(item, FETCHED)) {
                count(Counter.EVICTED_UNFETCHED);
            }
        }
        unlink(item);
    }

    private void writeHead(int item, int hash, int keyBytes, int valueBytes, int nowSeconds) {
        arena.putLong(item, CAS, 0);
        arena.putInt(item, HASH, hash);
        arena.putInt(item, HASH_NEXT, NONE);
        arena.putInt(item, CLIENT_FLAGS, 0);
        arena.putInt(item, EXPIRES_AT, 0);
        arena.putInt(item, ACCESSED_AT, nowSeconds);
        arena.putInt(item, STORED_AT, nowSeconds);
        arena.putInt(item, VALUE_BYTES, valueBytes);
        arena.putInt(item, LENGTH_MARKS_EPOCH, keyBytes);
    }

    private int keyBytes(int item) {
        return arena.getInt(item, LENGTH_MARKS_EPOCH) & 0xff;
    }

    private int bucket(int hash) {
        int bucket = hash & (bucketsPower - 1);
        return bucket < usedBuckets ? bucket : bucket & ((bucketsPower >>> 1) - 1);
    }

    /** Takes one more bucket into use: shares out the items of the one that has stood in for it. */
    private void splitBucket() {
        if (usedBuckets == bucketsPower) {
            bucketsPower <<= 1;
        }
        int added = usedBuckets++;
        int split = added - (bucketsPower >>> 1);
        int item = buckets[split];
        buckets[split] = NONE;
        while (item != NONE) {
            int following = arena.getInt(item, HASH_NEXT);
            int bucket = bucket(arena.getInt(item, HASH));
            assert bucket == split || bucket == added;
            arena.putInt(item, HASH_NEXT, buckets[bucket]);
            buckets[bucket] = item;
            item = following;
        }
    }

    /** Modulo 65,536: an item that was not pushed for that many may be taken for a young one, and moved by a later fetch. */
    private int epochsSincePushed(int item) {
        return (epoch - (arena.getInt(item, LENGTH_MARKS_EPOCH) >>> EPOCH_SHIFT)) & 0xffff;
    }

    private void moveToNewEnd(int item) {
        if (item != newest) {
            takeFromList(item);
            pushNewest(item);
        }
    }

    private void pushNewest(int item) {
        if (--pushesLeft <= 0) {
            epoch++;
            pushesLeft = items / EPOCHS_A_LIST;
        }
        int lengthAndMarks = arena.getInt(item, LENGTH_MARKS_EPOCH) & 0xffff;
        arena.putInt(item, LENGTH_MARKS_EPOCH, lengthAndMarks | (epoch << EPOCH_SHIFT));
        newer[item] = NONE;
        older[item] = newest;
        if (newest == NONE) {
            oldest = item;
        } else {
            newer[newest] = item;
        }
        newest = item;
    }

    private void takeFromList(int item) {
        int itsNewer = newer[item];
        int itsOlder = older[item];
        if (itsNewer == NONE) {
            newest = itsOlder;
        } else {
            older[itsNewer] = itsOlder;
        }
        if (itsOlder == NONE) {
            oldest = itsNewer;
        } else {
            newer[itsOlder] = itsNewer;
        }
    }
}
