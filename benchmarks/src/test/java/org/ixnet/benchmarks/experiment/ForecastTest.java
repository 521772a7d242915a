package org.ixnet.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ForecastTest {
    @Test
    void nothingIsKnownBeforeTheFirstTurn() {
        assertThat(new Forecast<>(Map.of("a", 1), 3).secondsLeft()).isNaN();
    }

    @Test
    void firstTurnsWarmUpAndThoseWithMoreExperimentsTakeLonger() {
        Forecast<String> forecast = new Forecast<>(Map.of("seven", 7, "one", 1), 3);
        forecast.took("seven", 80, 45);
        // Two turns of 35 s; and of the other a seventh: one whole turn and two without the warm-up.
        assertThat(forecast.secondsLeft()).isEqualTo(2 * 35 + (80 + 2 * 35) / 7.0);
    }

    @Test
    void whatAFurtherTurnTookIsWhatTheNextOneIsExpectedToTake() {
        Forecast<String> forecast = new Forecast<>(Map.of("a", 2, "b", 2), 3);
        forecast.took("a", 10, 6);
        forecast.took("b", 20, 8);
        assertThat(forecast.secondsLeft()).isEqualTo(2 * 4 + 2 * 12);
        assertThat(forecast.turnSeconds("a")).isEqualTo(4);
        forecast.took("a", 5, 0);
        assertThat(forecast.secondsLeft()).isEqualTo(5 + 2 * 12);
        assertThat(forecast.turnSeconds("a")).isEqualTo(5);
        forecast.took("b", 11, 0);
        forecast.took("a", 5, 0);
        forecast.took("b", 11, 0);
        assertThat(forecast.secondsLeft()).isZero();
    }
}
