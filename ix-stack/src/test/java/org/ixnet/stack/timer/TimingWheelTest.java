package org.ixnet.stack.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimingWheelTest {
    private static final long TICK = 1L << TimingWheel.TICK_SHIFT;
    private static final long SECOND = 1_000_000_000L;

    private final List<String> log = new ArrayList<>();

    private final class Named extends Timer {
        private final String name;
        private Runnable then = () -> {};
        private long firedNanos = -1;

        Named(String name) {
            this.name = name;
        }

        @Override
        protected void expire(long nowNanos) {
            assertThat(isArmed()).isFalse();
            log.add(name);
            firedNanos = nowNanos;
            then.run();
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                16_384,
                16_385,
                5_000_000,
                4_194_304,
                1_073_741_824L,
                3 * SECOND,
                274 * SECOND,
                275 * SECOND,
                1000 * SECOND,
                100_000 * SECOND
            })
    void expiresAtItsDeadlineAndAtMostOneTickLate(long delay) {
        long start = -123_456_789;
        TimingWheel wheel = new TimingWheel(start);
        Named timer = new Named("t");
        wheel.advance(start + 100);
        wheel.arm(timer, start + 100 + delay);
        assertThat(wheel.advance(start + 100 + delay - 1)).isZero();
        assertThat(timer.isArmed()).isTrue();
        assertThat(wheel.advance(start + 100 + delay + 2 * TICK)).isEqualTo(1);
        assertThat(timer.isArmed()).isFalse();
        assertThat(wheel.armed()).isZero();
    }

    @Test
    void cancelledTimerDoesNotExpire() {
        TimingWheel wheel = new TimingWheel(0);
        Named timer = new Named("t");
        wheel.arm(timer, SECOND);
        wheel.cancel(timer);
        wheel.cancel(timer);
        assertThat(wheel.advance(10 * SECOND)).isZero();
        assertThat(wheel.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void armingAgainMovesTheTimer() {
        TimingWheel wheel = new TimingWheel(0);
        Named timer = new Named("t");
        wheel.arm(timer, SECOND);
        wheel.arm(timer, 3 * SECOND);
        assertThat(wheel.armed()).isEqualTo(1);
        assertThat(wheel.advance(2 * SECOND)).isZero();
        assertThat(wheel.advance(3 * SECOND + TICK)).isEqualTo(1);
    }

    @Test
    void timersOfOneTickExpireInAnOrderThatOnlyTheirHistoryDecides() {
        List<String> first = orderOfOneTick();
        log.clear();
        assertThat(orderOfOneTick()).isEqualTo(first);
        assertThat(first).hasSize(100).doesNotHaveDuplicates();
    }

    private List<String> orderOfOneTick() {
        TimingWheel wheel = new TimingWheel(0);
        for (int i = 0; i < 100; i++) {
            wheel.arm(new Named("t" + i), 10 * TICK);
        }
        wheel.advance(10 * TICK);
        return List.copyOf(log);
    }

    /** More timers than fit into a chunk, so that one taken out of the middle is replaced by one of another chunk. */
    @Test
    void manyTimersOfOneSlotCanBeCancelledInAnyOrder() {
        RandomSource random = new RandomSource(9);
        for (long delay : new long[] {10 * TICK, SECOND / 2, 200 * SECOND, 1000 * SECOND}) {
            log.clear();
            TimingWheel wheel = new TimingWheel(0);
            List<Named> armed = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                armed.add(new Named("t" + i));
                wheel.arm(armed.get(i), delay);
            }
            while (armed.size() > 70) {
                wheel.cancel(armed.remove(random.nextInt(armed.size())));
            }
            assertThat(wheel.armed()).isEqualTo(armed.size());
            assertThat(wheel.advance(delay + TICK)).isEqualTo(armed.size());
            assertThat(log)
                    .containsExactlyInAnyOrderElementsOf(
                            armed.stream().map(timer -> timer.name).toList());
        }
    }

    @Test
    void timerMayArmItselfAndCancelItsNeighbourWhileItExpires() {
        TimingWheel wheel = new TimingWheel(0);
        Named first = new Named("first");
        Named second = new Named("second");
        first.then = () -> {
            wheel.cancel(second);
            wheel.arm(first, first.firedNanos + SECOND);
        };
        second.then = () -> {
            wheel.cancel(first);
            wheel.arm(second, second.firedNanos + SECOND);
        };
        wheel.arm(first, 5 * TICK);
        wheel.arm(second, 5 * TICK);
        assertThat(wheel.advance(5 * TICK)).isEqualTo(1);
        assertThat(log).hasSize(1);
        assertThat(first.isArmed()).isNotEqualTo(second.isArmed());
        assertThat(wheel.armed()).isEqualTo(1);
    }

    @Test
    void timerThatIsAlwaysDueDoesNotHoldUpTheCycle() {
        TimingWheel wheel = new TimingWheel(0);
        Named busy = new Named("busy");
        busy.then = () -> wheel.arm(busy, 0);
        wheel.arm(busy, 0);
        assertThat(wheel.advance(100 * TICK)).isLessThanOrEqualTo(100);
    }

    @Test
    void nextDeadlineIsNeverAfterTheEarliestTimerNeedsIt() {
        RandomSource random = new RandomSource(3);
        TimingWheel wheel = new TimingWheel(0);
        for (int i = 0; i < 200; i++) {
            Named timer = new Named("t");
            long deadline = random.nextLong(1L << (15 + random.nextInt(28)));
            wheel.arm(timer, deadline);
            assertThat(wheel.nextDeadlineNanos()).isLessThanOrEqualTo(deadline + TICK);
            int wakeups = 0;
            while (timer.isArmed()) {
                long next = wheel.nextDeadlineNanos();
                wheel.advance(next);
                // A far timer costs a wake-up for each level that it comes down, and one a turn before that.
                assertThat(++wakeups).isLessThan(100);
            }
            assertThat(timer.firedNanos).isBetween(deadline, Math.max(deadline, wheel.nowNanos()) + TICK);
            wheel = new TimingWheel(0);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithASimpleModelOverARandomHistory(long seed) {
        RandomSource random = new RandomSource(seed);
        long now = random.nextLong();
        TimingWheel wheel = new TimingWheel(now);
        Named[] timers = new Named[64];
        for (int i = 0; i < timers.length; i++) {
            timers[i] = new Named("t" + i);
        }
        for (int step = 0; step < 20_000; step++) {
            Named timer = timers[random.nextInt(timers.length)];
            switch (random.nextInt(4)) {
                case 0, 1 -> wheel.arm(timer, now + random.nextLong(1L << (10 + random.nextInt(34))));
                case 2 -> wheel.cancel(timer);
                default -> {
                    now += random.nextLong(1L << (10 + random.nextInt(30)));
                    wheel.advance(now);
                    for (Named each : timers) {
                        boolean late = each.isArmed() && each.deadlineNanos() - now <= -2 * TICK;
                        boolean early = each.firedNanos == now && each.deadlineNanos() - now > 0 && !each.isArmed();
                        if (late || early) {
                            fail("seed " + seed + " step " + step + ": " + (late ? "late" : "early"));
                        }
                    }
                }
            }
            int armed = 0;
            for (Named each : timers) {
                armed += each.isArmed() ? 1 : 0;
            }
            if (wheel.armed() != armed) {
                fail("seed " + seed + " step " + step + ": armed " + wheel.armed() + ", not " + armed);
            }
        }
    }
}
