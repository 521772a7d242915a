package org.ixnet.stack.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * RFC 9438's curves: a window of segments that are acknowledged one by one, evenly over each round trip, is held against
 * the formulas of 4.2 and 4.3. It moves in whole segments and approaches its target within a round trip.
 */
class CubicTest {
    private static final int MSS = 1_000;
    private static final double C = 0.4;
    private static final double ALPHA = 9.0 / 17;
    private static final double TOLERANCE_SEGMENTS = 2;

    private final Cubic cubic = new Cubic();
    private final CongestionWindow window = new CongestionWindow();
    private long rttNanos = 200_000_000;
    private long nowNanos = 5_000_000_000L;

    CubicTest() {
        window.open(MSS, false);
    }

    private double segments() {
        return (double) window.cwndBytes / MSS;
    }

    private void loseAt(int segments) {
        window.cwndBytes = segments * MSS;
        cubic.onLoss(window, window.cwndBytes, nowNanos);
        window.cwndBytes = window.ssthreshBytes; // as recovery does
    }

    private void acknowledgeOne() {
        nowNanos += rttNanos * MSS / window.cwndBytes;
        cubic.onAck(window, MSS, rttNanos, nowNanos);
    }

    /** Runs for this time and compares after each ACK; the argument of {@code expected} is in seconds. */
    private void follow(double seconds, DoubleUnaryOperator expected) {
        long start = nowNanos;
        while (nowNanos - start < seconds * 1e9) {
            acknowledgeOne();
            double t = (nowNanos - start) / 1e9;
            assertThat(segments())
                    .as("after %.3f s", t)
                    .isCloseTo(expected.applyAsDouble(t), within(TOLERANCE_SEGMENTS));
        }
    }

    private static double wCubic(double t, double start, double wMax) {
        double k = Math.cbrt((wMax - start) / C);
        return C * Math.pow(t - k, 3) + wMax;
    }

    /** Equation 4, summed up over round trips: alpha segments in each, and from cwnd_prior on a whole one. */
    private double wEst(double t, double start, double prior) {
        double roundTrips = t * 1e9 / rttNanos;
        double slow = (prior - start) / ALPHA;
        return roundTrips < slow ? start + ALPHA * roundTrips : prior + roundTrips - slow;
    }

    /** 4.4 and 4.5: steep from 70, flat at 100 after K = 4.2 s, steeper and steeper beyond. */
    @Test
    void growsAlongTheCurveConcaveThenConvex() {
        loseAt(100);
        assertThat(window.ssthreshBytes).isEqualTo(70 * MSS);
        follow(10, t -> wCubic(t, 70, 100));
        assertThat(segments()).isGreaterThan(170);
    }

    /** The curve is one of time, not of round trips. */
    @Test
    void theCurveDoesNotDependOnTheRoundTrip() {
        rttNanos = 400_000_000;
        loseAt(100);
        follow(8, t -> wCubic(t, 70, 100));
    }

    /** 4.3: where Reno would be faster it is as fast as Reno. */
    @Test
    void isAsFastAsRenoWhereRenoIsFaster() {
        rttNanos = 10_000_000;
        loseAt(100);
        follow(1, t -> wEst(t, 70, 100));
        assertThat(segments()).isGreaterThan(140);
    }

    /** 4.7: who lost below the last W_max leaves room, W_max = 80 * 1.7 / 2; the way to it is the same curve. */
    @Test
    void convergesFastAfterALossBelowTheLastMaximum() {
        loseAt(100);
        acknowledgeOne();
        loseAt(80);
        assertThat(window.ssthreshBytes).isEqualTo(56 * MSS);
        rttNanos = 400_000_000; // Reno stays below
        follow(5, t -> wCubic(t, 56, 68));
    }

    /** 4.3: cwnd_prior is where the loss was, 80, and not the W_max that fast convergence took down to 68. */
    @Test
    void theSpeedOfRenoRisesWhereTheLossWas() {
        loseAt(100);
        acknowledgeOne();
        loseAt(80);
        rttNanos = 10_000_000;
        follow(1, t -> wEst(t, 56, 80));
    }

    /** 4.8: after a timeout K is 0 and W_max where congestion avoidance begins, not where the loss was. */
    @Test
    void startsAtThePlateauAfterATimeout() {
        window.cwndBytes = 100 * MSS;
        cubic.onTimeout(window, window.cwndBytes, nowNanos);
        assertThat(window.cwndBytes).isEqualTo(MSS);
        assertThat(window.ssthreshBytes).isEqualTo(70 * MSS);
        while (window.inSlowStart()) {
            acknowledgeOne();
        }
        assertThat(segments()).isEqualTo(70);
        follow(6, t -> Math.max(wCubic(t, 70, 70), wEst(t, 70, 100)));
    }

    /** 4.2: however far the curve went ahead, the target is at most half a window away. */
    @Test
    void growsByNoMoreThanHalfInARoundTrip() {
        loseAt(100);
        acknowledgeOne();
        nowNanos += 100_000_000_000L;
        for (int i = 0; i < 70; i++) {
            cubic.onAck(window, MSS, rttNanos, nowNanos);
        }
        assertThat(segments()).isBetween(100.0, 106.0);
    }

    /** 5.8: time without anything to send is no growth. */
    @Test
    void idleTimeDoesNotCount() {
        loseAt(100);
        follow(2, t -> wCubic(t, 70, 100));
        nowNanos += 60_000_000_000L;
        cubic.onIdle(window, 60_000_000_000L);
        follow(2, t -> wCubic(t + 2, 70, 100));
    }
}
