package org.ixnet.benchmarks.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class InProcessTest {
    @ParameterizedTest
    @CsvSource({"direct, true, 1, 1", "direct, false, 8, 64", "direct, true, 4, 8192", "virtual, false, 8, 64"})
    void echoes(String wire, boolean trust, int connections, int size) throws Exception {
        try (InProcess echo = new InProcess(wire, trust, connections, size, Map.of("rxBatch", "8"))) {
            Map<String, Double> result = echo.measure(0.1);
            assertThat(result.get("messages")).isGreaterThan(connections);
            assertThat(result).containsKeys("p50_us", "allocated_bytes", "seconds");
        }
    }

    @Test
    void anUnknownWireOrSettingIsRefused() {
        assertThatThrownBy(() -> new InProcess("string", true, 1, 1, Map.of()))
                .hasMessageContaining("direct or virtual");
        assertThatThrownBy(() -> new InProcess("direct", true, 1, 1, Map.of("rxBach", "8")))
                .hasMessageContaining("rxBatch");
    }
}
