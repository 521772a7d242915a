package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlingTest {

    /** Windows until the warm-up ends; each answers {@code perWindow} requests. */
    private static int windows(double boundSeconds, long... perWindow) {
        Settling settling = new Settling(boundSeconds, 1000);
        long total = 1000;
        for (int i = 0; i < perWindow.length; i++) {
            total += perWindow[i];
            if (!settling.goesOn(total, 0.5)) {
                return i + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void goesOnWhileTheRateRises() {
        assertThat(windows(60, 10, 20, 30, 40, 41, 41, 41)).isEqualTo(7);
        assertThat(windows(60, 10, 20, 30, 40, 41, 44, 41, 41, 41)).isEqualTo(9);
    }

    @Test
    void doesNotTakeSilenceForAPlateau() {
        assertThat(windows(60, 0, 0, 0, 0, 0, 10, 10, 10, 10)).isEqualTo(9);
    }

    @Test
    void endsAtItsBound() {
        assertThat(windows(2, 10, 20, 40, 80, 160)).isEqualTo(4);
    }
}
