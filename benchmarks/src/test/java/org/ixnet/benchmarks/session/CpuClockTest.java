package org.ixnet.benchmarks.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuClockTest {
    @Test
    void readsUserAndSystemTimeBehindANameWithParentheses() {
        String stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 1 0 100 1000 10";
        assertThat(CpuClock.parseNanos(stat)).isEqualTo(420_000_000);
    }

    @Test
    void readsThisProcess() throws Exception {
        assertThat(CpuClock.nanos(ProcessHandle.current().pid())).isPositive();
    }
}
