package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.ixnet.stack.AllocatedBytes;
import org.junit.jupiter.api.Test;

/** The hot path allocates nothing: not for a segment, not for a cycle. */
class AllocationTest {
    @Test
    void echoAllocatesNothing() throws Exception {
        try (EchoLoad load = new EchoLoad(32)) {
            load.cycles(20_000); // compiled, queues grown
            // The compiler allocates on other threads; what this thread still does once must not recur.
            long least = Long.MAX_VALUE;
            long answers = load.answers();
            for (int round = 0; round < 5; round++) {
                long before = AllocatedBytes.ofThisThread();
                load.cycles(2_000);
                least = Math.min(least, AllocatedBytes.ofThisThread() - before);
            }
            assertThat(load.answers() - answers).isGreaterThan(100_000);
            assertThat(least).as("bytes allocated in 2,000 cycles").isZero();
        }
    }
}
