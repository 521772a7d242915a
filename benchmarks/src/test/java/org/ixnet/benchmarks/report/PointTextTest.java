package org.ixnet.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PointTextTest {
    private static String text(Map<String, Object> params) {
        return PointText.of(new Row("echo", "ix", "memif", params, Metric.REQUESTS_PER_SECOND, List.of(1.0)));
    }

    @Test
    void aPointIsToldInWordsAndTheContenderIsNoPartOfIt() {
        assertThat(text(Map.of("client", "ix", "mtu", 9000))).isEmpty();
        assertThat(text(Map.of("client", "ix", "close", "rst", "messages", 1, "connections", 64, "size", 64)))
                .isEqualTo("64 B, 64 connections, one message a connection, closed by RST");
        assertThat(text(Map.of("connections", 1, "profile", "etc", "load", "typical p99 < 500 us")))
                .isEqualTo("ETC, one connection, of short windows");
        assertThat(text(Map.of("load", "fixed", "rate", 10000, "side", "server")))
                .isEqualTo("fixed, 10000 requests/s, server");
        assertThat(text(Map.of("load", "fixed", "rate", 10000, "percentile", 99)))
                .isEqualTo("fixed, 10000 requests/s, p99");
    }

    @Test
    void whatIsNotKnownStandsAsInTheJson() {
        assertThat(text(Map.of("rxBatch", 64.0, "size", 8192))).isEqualTo("8192 B, rxBatch 64");
    }
}
