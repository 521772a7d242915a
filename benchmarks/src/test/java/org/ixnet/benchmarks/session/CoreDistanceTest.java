package org.ixnet.benchmarks.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.ixnet.dpdk.ThreadPinning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoreDistanceTest {
    private static final int NO_SUCH_CORE = 1000;

    @Test
    void twoCoresAreSomeWayApart() throws InterruptedException {
        int[] cores = ThreadPinning.allowedCpus().stream().limit(2).toArray();
        assumeThat(cores).hasSize(2);
        assertThat(CoreDistance.roundTripNanos(cores[0], cores[1])).isPositive();
    }

    @Test
    void aCoreIsNoWayFromItself() throws InterruptedException {
        assertThat(CoreDistance.roundTripNanos(0, 0)).isNaN();
    }

    @Test
    void aCoreThatCannotBeHadGivesNoFigureAndNoHang() throws InterruptedException {
        assertThat(CoreDistance.roundTripNanos(0, NO_SUCH_CORE)).isNaN();
        assertThat(CoreDistance.roundTripNanos(NO_SUCH_CORE, 0)).isNaN();
    }
}
