package org.ixnet.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private static final Offset<Double> EXACT = Offset.offset(1e-9);

    @Test
    void linearScalesBeginAtZeroAndHoldAllValues() {
        Scale scale = Scale.of(List.of(50.0, 100.0), false, 0, 108);
        assertThat(scale.pixel(0)).isEqualTo(0, EXACT);
        assertThat(scale.pixel(100)).isEqualTo(100, EXACT);
        assertThat(scale.ticks()).startsWith(0.0, 20.0, 40.0).allMatch(tick -> tick <= 108);
    }

    @Test
    void logarithmicScalesGiveEachDecadeTheSameRoom() {
        Scale scale = Scale.of(List.of(1.0, 1000.0), true, 0, 100);
        assertThat(scale.pixel(10) - scale.pixel(1)).isEqualTo(scale.pixel(1000) - scale.pixel(100), EXACT);
        assertThat(scale.ticks()).containsExactly(1.0, 10.0, 100.0, 1000.0);
    }

    @Test
    void labelsAreShort() {
        assertThat(Scale.label(1_250_000)).isEqualTo("1.25 M");
        assertThat(Scale.label(50_000)).isEqualTo("50 K");
        assertThat(Scale.label(64)).isEqualTo("64");
        assertThat(Scale.label(0.5)).isEqualTo("0.5");
    }
}
