package org.ixnet.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowTest {
    private static Row row(Double... samples) {
        return new Row("echo", "epoll", "veth", Map.of(), Metric.REQUESTS_PER_SECOND, List.of(samples));
    }

    @Test
    void medianOfAnOddNumberIsTheMiddleSample() {
        Row row = row(5.0, 1.0, 9.0);
        assertThat(row.median()).isEqualTo(5);
        assertThat(row.min()).isEqualTo(1);
        assertThat(row.max()).isEqualTo(9);
        assertThat(row.runs()).isEqualTo(3);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(row(4.0, 1.0, 2.0, 100.0).median()).isEqualTo(3);
    }

    @Test
    void quartilesInterpolate() {
        assertThat(row(1.0, 2.0, 3.0, 4.0).quantile(0.25)).isEqualTo(1.75);
    }

    @Test
    void needsASample() {
        assertThatThrownBy(RowTest::row).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pointLeavesOutWhoWasMeasured() {
        Row row = new Row(
                "echo",
                "ix",
                "af_xdp",
                Map.of("size", 64, "client", "epoll"),
                Metric.REQUESTS_PER_SECOND,
                List.of(1.0));
        assertThat(row.point()).isEqualTo("size=64");
        assertThat(row.contender()).isEqualTo("ix / af_xdp (client epoll)");
    }

    @Test
    void aContenderSaysWhenItsLoopSleeps() {
        Row row = new Row(
                "clients",
                "ix",
                "af_xdp",
                Map.of("connections", 64, "client", "wrk", "idle.spinMicros", 0),
                Metric.REQUESTS_PER_SECOND,
                List.of(1.0));
        assertThat(row.point()).isEqualTo("connections=64");
        assertThat(row.contender()).isEqualTo("ix / af_xdp spin 0 us (client wrk)");
    }
}
