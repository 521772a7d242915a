package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlingTest {

    /** Windows until the warm-up ends; each answers {@code perWindow} requests. */
    private static int windows(double boundSeconds, long... perWindow) {
        Settling settling = Settling.first(boundSeconds, 1000);
        long total = 1000;
        for (int i = 0; i < perWindow.length; i++) {
            total += perWindow[i];
            if (!settling.goesOn(total, 0.5, true)) {
                return i + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void goesOnWhileTheRateRises() {
        assertThat(windows(60, 10, 20, 30, 40, 41, 41, 41)).isEqualTo(6);
        assertThat(windows(60, 10, 20, 30, 40, 41, 44, 41, 41, 41)).isEqualTo(8);
    }

    @Test
    void doesNotTakeSilenceForAPlateau() {
        assertThat(windows(60, 0, 0, 0, 0, 0, 10, 10, 10, 10)).isEqualTo(8);
    }

    @Test
    void goesOnWhileTheCompilersWork() {
        Settling settling = Settling.first(60, 0);
        long total = 0;
        for (boolean quiet : new boolean[] {false, false, true, false, true}) {
            assertThat(settling.goesOn(total += 10, 0.5, quiet)).isTrue();
        }
        assertThat(settling.goesOn(total + 10, 0.5, true)).isFalse();
    }

    @Test
    void endsAtItsBound() {
        assertThat(windows(2, 10, 20, 40, 80, 160)).isEqualTo(4);
    }

    @Test
    void aLaterLoadWaitsForTheCompilersAlone() {
        Settling settling = Settling.later(0.1, 3);
        assertThat(settling.windowSeconds()).isEqualTo(0.1);
        assertThat(settling.goesOn(10, 0.1, false)).isTrue();
        assertThat(settling.goesOn(30, 0.1, true)).isFalse();
        assertThat(settling.settledSeconds()).isZero();
    }

    @Test
    void aLaterLoadDoesNotWaitForCompilersThatNeverRest() {
        Settling settling = Settling.later(0.5, 3);
        int windows = 1;
        while (settling.goesOn(0, 0.5, false)) {
            windows++;
        }
        assertThat(windows).isEqualTo(6);
    }

    @Test
    void noWarmUpIsNone() {
        assertThat(Settling.later(0, 3).goesOn(0, 1e-6, false)).isFalse();
    }
}
