package org.ixnet.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final double UNBOUND = Double.POSITIVE_INFINITY;

    @Test
    void nothingIsKnownBeforeTheFirstTurn() {
        assertThat(new Forecast<>(Map.of("a", 1), 3, UNBOUND).secondsLeft(0)).isNaN();
    }

    @Test
    void firstTurnsWarmUpAndThoseWithMoreExperimentsTakeLonger() {
        Forecast<String> forecast = new Forecast<>(Map.of("seven", 7, "one", 1), 3, UNBOUND);
        forecast.took("seven", 80, 45);
        // Two turns of 35 s; and of the other a seventh: one whole turn and two without the warm-up.
        assertThat(forecast.secondsLeft(1000)).isEqualTo(2 * 35 + (80 + 2 * 35) / 7.0);
    }

    @Test
    void whatAFurtherTurnTookIsWhatTheNextOneIsExpectedToTake() {
        Forecast<String> forecast = new Forecast<>(Map.of("a", 2, "b", 2), 3, UNBOUND);
        forecast.took("a", 10, 6);
        forecast.took("b", 20, 8);
        assertThat(forecast.secondsLeft(1000)).isEqualTo(2 * 4 + 2 * 12);
        forecast.took("a", 5, 0);
        assertThat(forecast.secondsLeft(1000)).isEqualTo(5 + 2 * 12);
        forecast.took("b", 11, 0);
        forecast.took("a", 5, 0);
        forecast.took("b", 11, 0);
        assertThat(forecast.secondsLeft(1000)).isZero();
    }

    @Test
    void furtherTurnsThatWouldEndAfterTheBoundAreTooLateAndNotLeft() {
        Forecast<String> forecast = new Forecast<>(Map.of("long", 1, "short", 1), 3, 100);
        assertThat(forecast.isTooLate("long", 1000)).as("a first turn").isFalse();
        forecast.took("long", 60, 30);
        forecast.took("short", 30, 25);
        assertThat(forecast.secondsLeft(90)).isEqualTo(10);
        assertThat(forecast.isTooLate("long", 90)).isTrue();
        assertThat(forecast.isTooLate("long", 70)).isFalse();
        assertThat(forecast.isTooLate("short", 90)).isFalse();
        assertThat(forecast.isTooLate("short", 96)).isTrue();
        assertThat(forecast.secondsLeft(110)).isZero();
    }
}
