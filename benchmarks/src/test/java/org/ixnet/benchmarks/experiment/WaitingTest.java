package org.ixnet.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private static final long EACH_MEBIBYTES = 4096;

    private final List<String> ended = new ArrayList<>();
    private long available = 3 * EACH_MEBIBYTES;
    private final Waiting<Integer, String> waiting = new Waiting<>(() -> available, session -> {
        ended.add(session);
        available += EACH_MEBIBYTES;
    });

    private void start(int pair, String session) {
        waiting.makeRoom(EACH_MEBIBYTES);
        available -= EACH_MEBIBYTES;
        waiting.add(pair, session);
    }

    @Test
    void theLastToComeMakesRoomForTheNextAndSomeMemoryIsSpared() {
        start(1, "a");
        start(2, "b");
        assertThat(ended).isEmpty();
        start(3, "c"); // There are 4,096 MiB left, but then nothing for all others.
        assertThat(ended).containsExactly("b");
        assertThat(waiting.take(2)).isNull();
        assertThat(waiting.take(1)).isEqualTo("a");
        assertThat(waiting.take(1)).isNull();
    }

    @Test
    void whatIsTooLargeForTheMachineEndsAllAndIsTriedAllTheSame() {
        start(1, "a");
        start(2, "b");
        waiting.makeRoom(100 * EACH_MEBIBYTES);
        assertThat(ended).containsExactly("b", "a");
    }

    @Test
    void inTheEndNobodyWaits() {
        start(1, "a");
        start(2, "b");
        waiting.endAll();
        assertThat(ended).containsExactly("a", "b");
        assertThat(waiting.take(1)).isNull();
    }
}
