package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MeterTest {
    @Test
    void countsInsideTheWindowOnly() {
        Meter meter = new Meter();
        meter.message(1_000);
        meter.begin(0);
        meter.message(2_000);
        meter.message(4_000);
        meter.connection();
        meter.end(2_000_000_000);
        meter.message(8_000);
        assertThat(meter.result())
                .containsEntry("messages", 2.0)
                .containsEntry("connections", 1.0)
                .containsEntry("seconds", 2.0)
                .containsKey("p99.9_us");
        assertThat(meter.result().get("max_us")).isBetween(4.0, 4.01);
    }

    @Test
    void requestsWithoutAnAnswerWeighOnTheTail() {
        Meter meter = new Meter();
        meter.begin(0);
        for (int i = 0; i < 90; i++) {
            meter.message(1_000);
        }
        for (int i = 0; i < 10; i++) {
            meter.unanswered(1_000_000);
        }
        meter.end(1);
        assertThat(meter.result().get("p99_us")).isGreaterThan(999);
        assertThat(meter.result()).containsEntry("messages", 90.0).containsEntry("unanswered", 10.0);
    }
}
