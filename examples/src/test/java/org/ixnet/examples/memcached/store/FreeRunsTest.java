package org.ixnet.examples.memcached.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs of neighbouring blocks, taken and given back. */
class FreeRunsTest {
    private static final int BLOCKS = 500;
    private static final int STEPS = 20_000;

    private final int[] links = new int[BLOCKS + 1];
    private final FreeRuns runs = new FreeRuns(ByteBuffer.allocateDirect((BLOCKS + 1) * BlockArena.BLOCK_BYTES), links);
    private final Random random = new Random(1);

    private record Run(int first, int length) {}

    private Run take(int wanted) {
        int first = runs.take(wanted);
        int length = 1;
        while (links[first + length - 1] != BlockArena.NONE) {
            assertThat(links[first + length - 1]).as("link of a run").isEqualTo(first + length);
            length++;
        }
        return new Run(first, length);
    }

    private void give(Run run) {
        runs.give(run.first, run.length);
    }

    @Test
    void noBlockIsTakenTwiceAndAllBecomeOneRunAgain() {
        runs.give(1, BLOCKS);
        List<Run> taken = new ArrayList<>();
        BitSet used = new BitSet();
        for (int step = 0; step < STEPS; step++) {
            if (used.cardinality() < BLOCKS && random.nextInt(100) < 52) {
                int wanted = 1 + (random.nextBoolean() ? random.nextInt(8) : random.nextInt(100));
                Run run = take(wanted);
                assertThat(run.length).isBetween(1, wanted);
                assertThat(run.first).isPositive();
                assertThat(used.get(run.first, run.first + run.length).isEmpty())
                        .as("%s is free", run)
                        .isTrue();
                used.set(run.first, run.first + run.length);
                taken.add(run);
            } else if (!taken.isEmpty()) {
                Run run = taken.remove(random.nextInt(taken.size()));
                used.clear(run.first, run.first + run.length);
                give(run);
            }
        }
        taken.forEach(this::give);
        assertThat(take(BLOCKS)).isEqualTo(new Run(1, BLOCKS));
    }

    @Test
    void theRunThatFitsIsTakenBeforeALongerOne() {
        runs.give(1, 3);
        runs.give(10, 2);
        runs.give(20, 40);
        assertThat(take(2)).isEqualTo(new Run(10, 2));
        assertThat(take(3)).isEqualTo(new Run(1, 3));
        assertThat(take(33)).isEqualTo(new Run(20, 33));
        assertThat(take(7)).isEqualTo(new Run(53, 7));
    }

    @Test
    void whereNoRunIsLongEnoughALongOneIsTakenWhole() {
        runs.give(1, 3);
        runs.give(10, 2);
        assertThat(take(5)).isEqualTo(new Run(1, 3));
        assertThat(take(2)).isEqualTo(new Run(10, 2));
    }
}
