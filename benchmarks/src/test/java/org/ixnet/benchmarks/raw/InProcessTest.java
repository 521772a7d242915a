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
    private static final RawClient.Load ONE = new RawClient.Load(1, 1, 0);

    @ParameterizedTest
    @CsvSource({
        "direct, true, 1, 1, 0, 1",
        "direct, false, 8, 1, 0, 64",
        "direct, true, 4, 1, 0, 8192",
        "direct, true, 4, 3, 0, 64",
        "direct, true, 300, 1, 7, 64",
        "direct, true, 3, 2, 6, 64",
        "virtual, false, 8, 1, 0, 64"
    })
    void echoes(String wire, boolean trust, int connections, int depth, int window, int size) throws Exception {
        RawClient.Load load = new RawClient.Load(connections, depth, window);
        try (InProcess echo = new InProcess(wire, trust, load, size, Map.of("rxBatch", "8"))) {
            Map<String, Double> result = echo.measure(0.1);
            // How many there are in a window is the machine's; all connections have their turn some time.
            for (double messages = result.get("messages"); messages <= connections; ) {
                result = echo.measure(0.1);
                messages += result.get("messages");
            }
            assertThat(echo.underWay()).isEqualTo(window > 0 ? window : connections * depth);
            assertThat(result).containsKeys("p50_us", "allocated_bytes", "seconds");
        }
    }

    @Test
    void anUnknownWireOrSettingIsRefused() {
        assertThatThrownBy(() -> new InProcess("string", true, ONE, 1, Map.of()))
                .hasMessageContaining("direct or virtual");
        assertThatThrownBy(() -> new InProcess("direct", true, ONE, 1, Map.of("rxBach", "8")))
                .hasMessageContaining("rxBatch");
    }
}
