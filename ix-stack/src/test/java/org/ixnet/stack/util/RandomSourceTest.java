package org.ixnet.stack.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RandomSourceTest {
    @Test
    void equalSeedsGiveEqualSequences() {
        RandomSource a = new RandomSource(7);
        RandomSource b = new RandomSource(7);
        RandomSource c = new RandomSource(8);
        int differences = 0;
        for (int i = 0; i < 1000; i++) {
            long value = a.nextLong();
            assertThat(b.nextLong()).isEqualTo(value);
            differences += c.nextLong() != value ? 1 : 0;
        }
        assertThat(differences).isEqualTo(1000);
    }

    @Test
    void boundedNumbersFillTheirRangeEvenly() {
        RandomSource random = new RandomSource(1);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) {
            counts[random.nextInt(10)]++;
            assertThat(random.nextLong(5)).isBetween(0L, 4L);
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_500, 10_500);
        }
    }

    @Test
    void chanceHitsAsOftenAsItSays() {
        RandomSource random = new RandomSource(2);
        int hits = 0;
        for (int i = 0; i < 100_000; i++) {
            hits += random.chance(0.01) ? 1 : 0;
            assertThat(random.chance(0)).isFalse();
            assertThat(random.chance(1)).isTrue();
        }
        assertThat(hits / 100_000.0).isCloseTo(0.01, within(0.002));
    }
}
