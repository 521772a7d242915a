package org.ixnet.examples.memcached.store;

/** A snapshot of what a store holds and has done. */
public final class StoreStats {
    private final long[] counters = new long[Counter.COUNT];
    private long items;
    private long usedBlocks;
    private long totalBlocks;
    private long oldestAgeSeconds;

    private StoreStats() {}

    static StoreStats of(Shard[] shards, int nowSeconds) {
        StoreStats stats = new StoreStats();
        for (Shard shard : shards) {
            shard.lock();
            try {
                stats.add(shard, nowSeconds);
            } finally {
                shard.unlock();
            }
        }
        return stats;
    }

    private void add(Shard shard, int nowSeconds) {
        for (Counter counter : Counter.values()) {
            counters[counter.ordinal()] += shard.counted(counter);
        }
        items += shard.items();
        totalBlocks += shard.arena().blocks();
        usedBlocks += shard.arena().blocks() - shard.arena().freeBlocks();
        oldestAgeSeconds = Math.max(oldestAgeSeconds, shard.oldestAgeSeconds(nowSeconds));
    }

    /** Returns the sum of {@code counter} over the shards. */
    public long counted(Counter counter) {
        return counters[counter.ordinal()];
    }

    /** Returns how many items are linked, dead ones that nobody asked for included. */
    public long items() {
        return items;
    }

    /** Returns the bytes of all blocks in use, reserved ones included. */
    public long usedBytes() {
        return usedBlocks * BlockArena.BLOCK_BYTES;
    }

    /** Returns the blocks in use. */
    public long usedBlocks() {
        return usedBlocks;
    }

    /** Returns all blocks. */
    public long totalBlocks() {
        return totalBlocks;
    }

    /** Returns the size of a block. */
    public int blockBytes() {
        return BlockArena.BLOCK_BYTES;
    }

    /** Returns how long ago the oldest item was last accessed. */
    public long oldestAgeSeconds() {
        return oldestAgeSeconds;
    }
}
