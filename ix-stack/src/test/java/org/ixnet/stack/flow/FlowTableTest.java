package org.ixnet.stack.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTableTest {
    private final KeyedHash hash = new KeyedHash(1, 2);

    private static FlowKey.Tuple tuple(int n) {
        return new FlowKey.Tuple(0, 0xffff_0a00_0001L, 80, n & 1, 0xffff_0a00_0000L + n % 7, 1024 + n);
    }

    private static FlowKey.Tuple find(FlowTable<FlowKey.Tuple> table, FlowKey.Tuple t) {
        return table.get(t.localHi(), t.localLo(), t.localPort(), t.remoteHi(), t.remoteLo(), t.remotePort());
    }

    @Test
    void everyPartOfTheTupleCounts() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 8);
        FlowKey.Tuple t = new FlowKey.Tuple(1, 2, 3, 4, 5, 6);
        assertThat(table.put(t)).isTrue();
        assertThat(table.get(1, 2, 3, 4, 5, 6)).isSameAs(t);
        assertThat(table.get(0, 2, 3, 4, 5, 6)).isNull();
        assertThat(table.get(1, 0, 3, 4, 5, 6)).isNull();
        assertThat(table.get(1, 2, 0, 4, 5, 6)).isNull();
        assertThat(table.get(1, 2, 3, 0, 5, 6)).isNull();
        assertThat(table.get(1, 2, 3, 4, 0, 6)).isNull();
        assertThat(table.get(1, 2, 3, 4, 5, 0)).isNull();
    }

    @Test
    void aHintFindsWhatTheSearchFindsAndNothingElse() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 1 << 12);
        for (int n = 0; n < 4_000; n++) {
            if (n % 2 == 0) {
                table.put(tuple(n));
            }
        }
        for (int n = 0; n < 4_000; n++) {
            FlowKey.Tuple t = tuple(n);
            int fingerprint = table.fingerprint(
                    t.localHi(), t.localLo(), t.localPort(), t.remoteHi(), t.remoteLo(), t.remotePort());
            assertThat(fingerprint).isNotZero();
            assertThat(table.likely(fingerprint)).isSameAs(find(table, t));
        }
    }

    @Test
    void aHintMayReadTheFirstPrintOfAnyFingerprint() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 8);
        assertThat(table.firstPrint(-1)).isZero();
        table.put(tuple(1));
        FlowKey.Tuple t = tuple(1);
        int fingerprint =
                table.fingerprint(t.localHi(), t.localLo(), t.localPort(), t.remoteHi(), t.remoteLo(), t.remotePort());
        assertThat(table.firstPrint(fingerprint)).isEqualTo(fingerprint);
    }

    @Test
    void anEqualKeyIsRefusedAndOnlyTheVeryConnectionIsRemoved() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 8);
        FlowKey.Tuple first = tuple(1);
        FlowKey.Tuple twin = tuple(1);
        assertThat(table.put(first)).isTrue();
        assertThat(table.put(twin)).isFalse();
        assertThat(table.remove(twin)).isFalse();
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.remove(first)).isTrue();
        assertThat(find(table, first)).isNull();
    }

    @Test
    void replacesTheVeryConnectionAndNoTwin() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 8);
        FlowKey.Tuple first = tuple(1);
        FlowKey.Tuple twin = tuple(1);
        assertThat(table.replace(first, twin)).isFalse();
        table.put(first);
        assertThat(table.replace(twin, twin)).isFalse();
        assertThat(table.replace(first, twin)).isTrue();
        assertThat(find(table, first)).isSameAs(twin);
        assertThat(table.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithAHashMapOverARandomHistory(long seed) {
        RandomSource random = new RandomSource(seed);
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(KeyedHash.of(random), 1);
        Map<FlowKey.Tuple, FlowKey.Tuple> model = new HashMap<>();
        for (int step = 0; step < 200_000; step++) {
            // Grows at first, then shrinks, so that entries are removed while the table is being moved.
            boolean grow = random.nextInt(10) < (step < 120_000 ? 6 : 3);
            FlowKey.Tuple key = tuple(random.nextInt(30_000));
            if (random.nextInt(10) == 0) {
                FlowKey.Tuple there = model.replace(key, key);
                assertThat(there != null && table.replace(there, key)).isEqualTo(there != null);
            } else if (grow) {
                assertThat(table.put(key)).isEqualTo(model.putIfAbsent(key, key) == null);
            } else {
                FlowKey.Tuple there = model.remove(key);
                assertThat(find(table, key)).isSameAs(there);
                if (there != null) {
                    assertThat(table.remove(there)).isTrue();
                }
            }
        }
        assertThat(table.size()).isEqualTo(model.size()).isPositive();
        Set<FlowKey.Tuple> visited = new HashSet<>();
        table.forEach(visited::add);
        assertThat(visited).isEqualTo(model.keySet());
        for (FlowKey.Tuple key : model.keySet()) {
            assertThat(find(table, key)).isSameAs(model.get(key));
        }
    }

    @Test
    void findsWhatHasNotBeenMovedYetWhileItGrows() {
        FlowTable<FlowKey.Tuple> table = new FlowTable<>(hash, 1);
        List<FlowKey.Tuple> all = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            FlowKey.Tuple key = tuple(i);
            all.add(key);
            table.put(key);
            // Entries that have not been moved yet are found too.
            assertThat(find(table, all.get(i / 2))).isSameAs(all.get(i / 2));
        }
        assertThat(table.size()).isEqualTo(60_000);
    }
}
