package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CompilerClockTest {

    @Test
    void countsTheCompilersOfThisProcessAndOfTheServers() {
        Command own = Command.of("run");
        Command twice = own.with("server_pids", ProcessHandle.current().pid());

        long before = CompilerClock.of(own).millis();
        long both = CompilerClock.of(twice).millis();
        long after = CompilerClock.of(own).millis();

        assertThat(before).as("a JVM that runs tests has compiled something").isPositive();
        assertThat(both).isBetween(2 * before, 2 * after + 1); // whole milliseconds, rounded down
    }

    @Test
    void takesAProcessThatHasEndedForQuiet() {
        assertThat(CompilerClock.of(Command.of("run").with("server_pids", Integer.MAX_VALUE + ",1"))
                        .millis())
                .isNotNegative();
    }
}
