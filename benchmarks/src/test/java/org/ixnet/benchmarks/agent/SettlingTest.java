package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlingTest {

    /** Windows until the warm-up ends; each answers {@code perWindow} requests. */
    private static int windows(double boundSeconds, long... perWindow) {
        Settling settling = new Settling(boundSeconds, 1000, 0);
        long total = 1000;
        for (int i = 0; i < perWindow.length; i++) {
            total += perWindow[i];
            if (!settling.goesOn(total, 0.5, 0)) {
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
        Settling settling = new Settling(60, 0, 100);
        long total = 0;
        for (long compileMillis : new long[] {400, 440, 460, 471}) {
            assertThat(settling.goesOn(total += 10, 0.5, compileMillis)).isTrue();
        }
        assertThat(settling.goesOn(total += 10, 0.5, 481)).isTrue();
        assertThat(settling.goesOn(total += 10, 0.5, 491)).isFalse();
    }

    @Test
    void endsAtItsBound() {
        assertThat(windows(2, 10, 20, 40, 80, 160)).isEqualTo(4);
    }
}
