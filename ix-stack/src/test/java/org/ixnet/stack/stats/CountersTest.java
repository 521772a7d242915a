package org.ixnet.stack.stats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountersTest {
    private enum Fruit {
        APPLE,
        PEAR
    }

    @Test
    void countsEachConstantApart() {
        Counters<Fruit> counters = new Counters<>(Fruit.class);
        counters.increment(Fruit.PEAR);
        counters.add(Fruit.PEAR, 41);
        assertThat(counters.get(Fruit.PEAR)).isEqualTo(42);
        assertThat(counters.get(Fruit.APPLE)).isZero();
        assertThat(counters.snapshot()).containsEntry(Fruit.APPLE, 0L).containsEntry(Fruit.PEAR, 42L);
    }

    @Test
    void anotherThreadSeesTheCountRise() throws InterruptedException {
        Counters<Fruit> counters = new Counters<>(Fruit.class);
        Thread writer = new Thread(() -> {
            for (int i = 0; i < 100_000; i++) {
                counters.increment(Fruit.APPLE);
            }
        });
        writer.start();
        long last = 0;
        while (last < 100_000) {
            long now = counters.get(Fruit.APPLE);
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
            Thread.onSpinWait();
        }
        writer.join();
    }
}
