package org.ixnet.examples.memcached.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StoreTest {
    private static final int NOW = 10;

    private int now = NOW;
    private final Pending pending = new Pending();
    private final Key key = new Key();

    @Test
    void keepsWithinItsMemoryAndEvictsTheLeastRecentlyUsed() {
        try (Store store = store(1 << 20, 256 << 10)) {
            assertThat(store.config().shards(64)).isEqualTo(1);
            set(store, "kept", "x".repeat(100));
            for (int i = 0; i < 20_000; i++) {
                set(store, "key" + i, "x".repeat(100));
                // Asked for again and again, it must never be the oldest.
                assertThat(get(store, "kept")).isNotNull();
            }
            StoreStats stats = store.stats(NOW);
            assertThat(stats.usedBytes()).isLessThanOrEqualTo(1 << 20);
            assertThat(stats.usedBytes()).isGreaterThan((1L << 20) * 9 / 10);
            assertThat(stats.counted(Counter.EVICTIONS)).isEqualTo(20_001 - stats.items());
            // What is left are the newest, without a gap.
            int left = (int) stats.items() - 1;
            for (int i = 0; i < 20_000; i++) {
                assertThat(get(store, "key" + i) != null).as("key" + i).isEqualTo(i >= 20_000 - left);
            }
        }
    }

    @Test
    void evictsAsManyAsALargeItemNeeds() {
        try (Store store = store(1 << 20, 512 << 10)) {
            for (int i = 0; i < 7000; i++) {
                set(store, "key" + i, "small");
            }
            String large = "L".repeat(500 << 10);
            set(store, "large", large);
            assertThat(get(store, "large")).isEqualTo(large);
            assertThat(get(store, "key6999")).isEqualTo("small");
            assertThat(get(store, "key0")).isNull();
        }
    }

    @Test
    void keepsLeastRecentlyUsedOrderToAQuarterOfTheList() {
        try (Store store = store(1 << 20, 256 << 10)) {
            int capacity = (1 << 20) / BlockArena.BLOCK_BYTES - 1;
            now = 100;
            for (int i = 0; i < capacity; i++) {
                set(store, "key" + i, "v");
            }
            // A quarter is in use all the time; the rest was, for a while.
            for (now = 101; now < 180; now++) {
                for (int i = 0; i < capacity; i += now < 140 ? 1 : 4) {
                    get(store, "key" + i);
                }
            }
            for (int i = 0; i < capacity / 2; i++) {
                set(store, "new" + i, "v");
            }
            for (int i = 0; i < capacity; i += 4) {
                assertThat(get(store, "key" + i)).as("key" + i).isEqualTo("v");
            }
            for (int i = 0; i < capacity / 2; i++) {
                assertThat(get(store, "new" + i)).as("new" + i).isEqualTo("v");
            }
        }
    }

    @Test
    void aFetchSavesWhatHasGoneAQuarterOfTheWay() {
        try (Store store = store(1 << 20, 256 << 10)) {
            int capacity = (1 << 20) / BlockArena.BLOCK_BYTES - 1;
            for (int i = 0; i < capacity; i++) {
                set(store, "key" + i, "v");
            }
            // Three eighths of the list came after it.
            int fetched = capacity * 25 / 40 + 1;
            get(store, "key" + fetched);
            for (int i = 0; i < capacity * 3 / 4; i++) {
                set(store, "new" + i, "v");
            }
            assertThat(get(store, "key" + (fetched + 1))).isNull();
            assertThat(get(store, "key" + fetched)).isEqualTo("v");
        }
    }

    @Test
    void keepsExactOrderOfAFewLargeItems() {
        try (Store store = store(1 << 20, 256 << 10)) {
            String large = "x".repeat(200 << 10);
            set(store, "kept", large);
            for (int i = 0; i < 20; i++) {
                set(store, "key" + i, large);
                assertThat(get(store, "kept")).as("after %d", i).isNotNull();
            }
        }
    }

    /** The load of memaslap: a window of keys, each fetched often, and now and then one of them replaced by another for good. */
    @Test
    void neverEvictsAWorkingSetThatMovesOn() {
        try (Store store = store(1 << 20, 256 << 10)) {
            String[] window = new String[(1 << 20) / BlockArena.BLOCK_BYTES / 4];
            SplittableRandom random = new SplittableRandom(1);
            int sets = 0;
            for (; sets < window.length; sets++) {
                window[sets] = "key" + sets;
                set(store, window[sets], "v");
            }
            for (now = 100; now < 130; now++) {
                for (int i = 0; i < window.length / 2; i++) {
                    int replaced = random.nextInt(window.length);
                    window[replaced] = "key" + sets++;
                    set(store, window[replaced], "v");
                    for (int j = 0; j < 9; j++) {
                        String wanted = window[random.nextInt(window.length)];
                        assertThat(get(store, wanted)).as(wanted).isEqualTo("v");
                    }
                }
            }
            assertThat(store.stats(now).counted(Counter.EVICTIONS)).isGreaterThan(2L * window.length);
        }
    }

    @Test
    void evictsEvenIfEverythingWasFetched() {
        try (Store store = store(1 << 20, 256 << 10)) {
            int capacity = (1 << 20) / BlockArena.BLOCK_BYTES - 1;
            for (int i = 0; i < 3 * capacity; i++) {
                set(store, "key" + i, "v");
                get(store, "key" + i);
            }
            StoreStats stats = store.stats(NOW);
            assertThat(stats.items()).isEqualTo(capacity);
            assertThat(stats.counted(Counter.EVICTIONS)).isEqualTo(2L * capacity);
            // The newest is never the victim.
            assertThat(get(store, "key" + (3 * capacity - 1))).isEqualTo("v");
        }
    }

    @Test
    void findsEverythingWhileItsTableGrowsAndAfterMuchIsGone() {
        try (Store store = store(1 << 20, 256 << 10)) {
            int items = 5000;
            for (int i = 0; i < items; i++) {
                set(store, "key" + i, "v" + i);
                assertThat(get(store, "key" + i / 2)).isEqualTo("v" + i / 2);
            }
            for (int i = 0; i < items; i += 3) {
                delete(store, "key" + i);
            }
            for (int i = 0; i < items; i++) {
                assertThat(get(store, "key" + i)).isEqualTo(i % 3 == 0 ? null : "v" + i);
            }
            assertThat(store.stats(NOW).items()).isEqualTo(items - (items + 2) / 3);
        }
    }

    @Test
    void refusesWhatIsTooLargeAndDropsTheOldValue() {
        try (Store store = store(1 << 20, 64 << 10)) {
            set(store, "k", "old");
            assertThat(begin(store, "k", 64 << 10, true)).isEqualTo(StoreResult.TOO_LARGE);
            assertThat(get(store, "k")).isNull();
            int largest = (64 << 10) - Shard.HEAD_BYTES - 1;
            assertThat(begin(store, "k", largest + 1, true)).isEqualTo(StoreResult.TOO_LARGE);
            assertThat(begin(store, "k", largest, true)).isEqualTo(StoreResult.STORED);
            pending.abandon();
        }
    }

    @Test
    void refusesWhenReservedItemsHoldAllMemory() {
        try (Store store = store(1 << 20, 256 << 10)) {
            List<Pending> open = new ArrayList<>();
            StoreResult last = StoreResult.STORED;
            while (last == StoreResult.STORED) {
                Pending next = new Pending();
                last = store.begin(next, wrap(store, "k"), 200 << 10, 0, 0, true, NOW);
                open.add(next);
            }
            assertThat(last).isEqualTo(StoreResult.OUT_OF_MEMORY);
            assertThat(open).hasSize(6);
            open.forEach(Pending::abandon);
            store.clear();
            assertThat(store.stats(NOW).usedBlocks()).isZero();
            set(store, "k", "v");
            assertThat(get(store, "k")).isEqualTo("v");
        }
    }

    @Test
    void joinsValuesUnderMemoryPressureWithoutLosingTheOldOne() {
        try (Store store = store(1 << 20, 512 << 10)) {
            String half = "h".repeat(200 << 10);
            set(store, "k", half);
            set(store, "other", "o".repeat(300 << 10));
            assertThat(begin(store, "k", 200 << 10, false)).isEqualTo(StoreResult.STORED);
            pending.mode = StoreMode.APPEND;
            pending.fill(Unpooled.copiedBuffer("t".repeat(200 << 10), StandardCharsets.US_ASCII));
            assertThat(store.finish(pending, NOW)).isEqualTo(StoreResult.STORED);
            assertThat(get(store, "k")).isEqualTo(half + "t".repeat(200 << 10));
            assertThat(get(store, "other")).isNull();
        }
    }

    @Test
    void holdsValuesOfEveryLengthInFragmentedMemory() {
        try (Store store = store(1 << 20, 128 << 10)) {
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < 3000; i++) {
                String name = "key" + random.nextInt(60);
                int length = random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(700);
                String value = Character.toString('a' + random.nextInt(26)).repeat(length) + i;
                set(store, name, value);
                assertThat(get(store, name)).isEqualTo(value);
            }
            store.clear();
            assertThat(store.stats(NOW).usedBlocks()).isZero();
        }
    }

    @Test
    void flushTakesEverythingButWhatComesAfter() {
        try (Store store = store(1 << 20, 64 << 10)) {
            for (int i = 0; i < 100; i++) {
                set(store, "key" + i, "v");
            }
            store.flush(NOW, NOW);
            set(store, "key7", "new");
            for (int i = 0; i < 100; i++) {
                assertThat(get(store, "key" + i)).isEqualTo(i == 7 ? "new" : null);
            }
        }
    }

    @Test
    @Timeout(60)
    void staysWholeUnderConcurrentUse() throws InterruptedException {
        try (Store store = store(4 << 20, 64 << 10)) {
            AtomicInteger wrong = new AtomicInteger();
            AtomicInteger hits = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                long seed = 100L + t;
                threads.add(new Thread(() -> {
                    StoreTest client = new StoreTest();
                    SplittableRandom random = new SplittableRandom(seed);
                    for (int i = 0; i < 20_000; i++) {
                        String name = "key" + random.nextInt(6000);
                        if (random.nextInt(3) == 0) {
                            client.set(store, name, (name + ":").repeat(1 + random.nextInt(300)));
                        } else {
                            String value = client.get(store, name);
                            if (value != null) {
                                hits.incrementAndGet();
                                if (!value.replace(name + ":", "").isEmpty()) {
                                    wrong.incrementAndGet();
                                }
                            }
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).hasValue(0);
            assertThat(hits).hasPositiveValue();
            assertThat(store.stats(NOW).counted(Counter.EVICTIONS)).isPositive();
            store.clear();
            assertThat(store.stats(NOW).usedBlocks()).isZero();
        }
    }

    @Test
    void saysWhichBoundIsBroken() {
        assertThatThrownBy(() -> new StoreConfig(1 << 20, 1 << 20, 0)).hasMessageContaining("--memory");
        assertThatThrownBy(() -> new StoreConfig(1 << 30, 100, 0)).hasMessageContaining("--max-item-size");
        assertThatThrownBy(() -> new StoreConfig(1 << 10, 1 << 10, 0)).hasMessageContaining("--memory");
        assertThat(new StoreConfig(64L << 30, 1 << 20, 0).shards(1)).isGreaterThanOrEqualTo(64);
    }

    private static Store store(long memoryBytes, int itemBytes) {
        return new Store(new StoreConfig(memoryBytes, itemBytes, 99), new CacheClock(() -> NOW - 2L));
    }

    private Key wrap(Store store, String name) {
        ByteBuf bytes = Unpooled.copiedBuffer(name, StandardCharsets.US_ASCII);
        return key.copy(bytes, 0, bytes.readableBytes(), store.config().hashSeed());
    }

    private StoreResult begin(Store store, String name, int lengthBytes, boolean replaces) {
        return store.begin(pending, wrap(store, name), lengthBytes, 0, 0, replaces, NOW);
    }

    private void set(Store store, String name, String value) {
        assertThat(begin(store, name, value.length(), true)).isEqualTo(StoreResult.STORED);
        pending.fill(Unpooled.copiedBuffer(value, StandardCharsets.US_ASCII));
        assertThat(store.finish(pending, now)).isEqualTo(StoreResult.STORED);
    }

    private void delete(Store store, String name) {
        Key wanted = wrap(store, name);
        Shard shard = store.shard(wanted);
        shard.lock();
        try {
            shard.unlink(shard.find(wanted, now));
        } finally {
            shard.unlock();
        }
    }

    private String get(Store store, String name) {
        Key wanted = wrap(store, name);
        Shard shard = store.shard(wanted);
        shard.lock();
        try {
            int item = shard.find(wanted, now);
            if (item == Shard.NONE) {
                return null;
            }
            ByteBuf value = Unpooled.buffer(shard.valueBytes(item));
            shard.readValue(item, value);
            shard.touchLru(item, now);
            return value.toString(StandardCharsets.US_ASCII);
        } finally {
            shard.unlock();
        }
    }
}
