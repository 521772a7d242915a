package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ixnet.stack.stats.Counters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IdleLadderTest {
    private final Counters<ThreadCounter> counters = new Counters<>(ThreadCounter.class);

    private IdleLadder ladder(IdlePolicy.Kind kind, IdleLadder.Inbox inbox) {
        return new IdleLadder(new IdlePolicy(kind, 1_000, 10, 40), inbox, counters);
    }

    @Test
    void adaptiveSpinsThenSleepsLongerAndLonger() {
        IdleLadder ladder = ladder(IdlePolicy.Kind.ADAPTIVE, () -> false);
        assertThat(ladder.idle(5_000, Long.MAX_VALUE, true)).isZero();
        assertThat(ladder.idle(5_999, Long.MAX_VALUE, true)).isZero();
        assertThat(ladder.idle(6_000, Long.MAX_VALUE, true)).isEqualTo(10);
        assertThat(ladder.idle(6_010, Long.MAX_VALUE, true)).isEqualTo(20);
        assertThat(ladder.idle(6_030, Long.MAX_VALUE, true)).isEqualTo(40);
        assertThat(ladder.idle(6_070, Long.MAX_VALUE, true)).isEqualTo(40);
        assertThat(ladder.idle(6_110, 7, true)).isEqualTo(7);
        assertThat(counters.get(ThreadCounter.SLEEPS)).isEqualTo(5);
        ladder.worked();
        assertThat(ladder.idle(7_000, Long.MAX_VALUE, true)).isZero();
        assertThat(ladder.idle(8_000, Long.MAX_VALUE, true)).isEqualTo(10);
    }

    @Test
    void spinNeverSleeps() {
        IdleLadder ladder = ladder(IdlePolicy.Kind.SPIN, () -> false);
        assertThat(ladder.idle(0, Long.MAX_VALUE, true)).isZero();
        assertThat(ladder.idle(1L << 40, Long.MAX_VALUE, true)).isZero();
        assertThat(counters.get(ThreadCounter.SLEEPS)).isZero();
    }

    @Test
    void doesNotSleepPastADeadlineNorBesideWork() {
        assertThat(ladder(IdlePolicy.Kind.PARK, () -> false).idle(0, -5, false)).isZero();
        assertThat(ladder(IdlePolicy.Kind.PARK, () -> true).idle(0, Long.MAX_VALUE, false))
                .isZero();
        assertThat(counters.get(ThreadCounter.SLEEPS)).isZero();
    }

    @Test
    @Timeout(10)
    void wakeupBeforeTheSleepKeepsItFromSleeping() {
        IdleLadder ladder = ladder(IdlePolicy.Kind.PARK, () -> false);
        ladder.wakeup(Thread.currentThread());
        // Without a queue to poll the sleep has no end of its own.
        assertThat(ladder.idle(0, Long.MAX_VALUE, false)).isZero();
    }

    @Test
    @Timeout(30)
    void noWakeupIsLost() throws InterruptedException {
        AtomicInteger posted = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        IdleLadder ladder = ladder(IdlePolicy.Kind.PARK, () -> posted.get() != seen.get());
        Thread sleeper = new Thread(() -> {
            while (seen.get() < 5_000) {
                if (posted.get() == seen.get()) {
                    ladder.idle(0, Long.MAX_VALUE, false);
                } else {
                    seen.incrementAndGet();
                }
            }
        });
        sleeper.start();
        for (int i = 1; i <= 5_000; i++) {
            posted.incrementAndGet();
            if (ladder.isSleeping()) {
                ladder.wakeup(sleeper);
            }
            while (seen.get() < i) {
                Thread.yield();
            }
        }
        sleeper.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(sleeper.isAlive()).isFalse();
    }

    /** On a thread of its own, which has the usual slack. */
    @Test
    @EnabledOnOs(OS.LINUX)
    @Timeout(30)
    void sleepsEndWhenTheyAreDueUntilTheThreadLeaves() throws InterruptedException, ExecutionException {
        FutureTask<List<String>> task = new FutureTask<>(() -> {
            List<String> slacks = new ArrayList<>();
            IdleLadder ladder = ladder(IdlePolicy.Kind.PARK, () -> false);
            slacks.add(Files.readString(TimerSlack.file()));
            ladder.idle(0, Long.MAX_VALUE, true);
            slacks.add(Files.readString(TimerSlack.file()));
            ladder.leave();
            slacks.add(Files.readString(TimerSlack.file()));
            return slacks;
        });
        // A thread begins with the slack of the one that starts it.
        TimerSlack.usual();
        new Thread(task).start();
        assertThat(task.get().get(1).trim()).isEqualTo("1");
        assertThat(task.get().get(2))
                .isEqualTo(task.get().getFirst())
                .isNotEqualTo(task.get().get(1));
    }
}
