package org.ixnet.examples.memcached.store;

/**
 * The bounds of a store.
 *
 * @param memoryBytes off-heap memory for items, with their headers and keys; 1 MiB or more. The tables over it take about
 *     an eighth on top
 * @param itemBytes the largest item: header, key and value together; 1 KiB to 128 MiB, at most half of the memory
 * @param hashSeed keys the hash of the keys
 */
public record StoreConfig(long memoryBytes, int itemBytes, long hashSeed) {
    /** The item limit of memcached, 1 MiB. */
    public static final int DEFAULT_ITEM_BYTES = 1 << 20;

    private static final int MAX_SHARDS = 1024;
    private static final int MIN_ITEM_BYTES = 1 << 10;
    private static final int MAX_ITEM_BYTES = 128 << 20;
    private static final long MIN_MEMORY_BYTES = 1 << 20;
    private static final long MAX_SHARD_BYTES = 1 << 30;

    /** Checks the bounds. */
    public StoreConfig {
        if (itemBytes < MIN_ITEM_BYTES || itemBytes > MAX_ITEM_BYTES) {
            throw new IllegalArgumentException(
                    "item size limit is " + itemBytes + " bytes; must be 1 KiB to 128 MiB (--max-item-size)");
        }
        if (memoryBytes < MIN_MEMORY_BYTES || memoryBytes > MAX_SHARDS * MAX_SHARD_BYTES) {
            throw new IllegalArgumentException(
                    "memory is " + memoryBytes + " bytes; must be 1 MiB to 1 TiB (--memory, in MiB)");
        }
        if (memoryBytes < 2L * itemBytes) {
            throw new IllegalArgumentException("memory is " + memoryBytes + " bytes; must hold two items of "
                    + itemBytes + " bytes: raise --memory or lower --max-item-size");
        }
    }

    /**
     * Returns how many shards share the memory: enough that {@code cores} seldom meet in one, and no more, since each wants
     * its place in the cache; each large enough for several of the largest items.
     */
    int shards(int cores) {
        long byItem = Math.max(1, memoryBytes / (4L * itemBytes));
        long atLeast = (memoryBytes + MAX_SHARD_BYTES - 1) / MAX_SHARD_BYTES;
        long wanted = Math.max(atLeast, Math.min(4L * cores, byItem));
        int power = Integer.highestOneBit((int) wanted);
        return power < atLeast ? power << 1 : power;
    }
}
