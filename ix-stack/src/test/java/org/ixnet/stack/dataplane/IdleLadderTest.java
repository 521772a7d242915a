package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ixnet.stack.device.Sleeper;
import org.ixnet.stack.stats.Counters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IdleLadderTest {
    private static final int[] QUEUE = {0};

    private final Counters<ThreadCounter> counters = new Counters<>(ThreadCounter.class);

    private IdleLadder ladder(IdlePolicy.Kind kind, IdleLadder.Inbox inbox) {
        return new IdleLadder(new IdlePolicy(kind, 1_000, 10, 40), inbox, counters, null);
    }

    /** A ladder of a thread that polls a queue. */
    private IdleLadder beside(IdlePolicy.Kind kind, @Nullable Sleeper sleeper) {
        IdleLadder ladder = new IdleLadder(new IdlePolicy(kind, 1_000, 10, 40), () -> false, counters, sleeper);
        ladder.watch(QUEUE);
        return ladder;
    }

    @Test
    void adaptiveSpinsThenSleepsLongerAndLongerBesideAQueueThatCannotWake() {
        IdleLadder ladder = beside(IdlePolicy.Kind.ADAPTIVE, null);
        assertThat(ladder.idle(5_000, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(5_999, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(6_000, Long.MAX_VALUE)).isEqualTo(10);
        assertThat(ladder.idle(6_010, Long.MAX_VALUE)).isEqualTo(20);
        assertThat(ladder.idle(6_030, Long.MAX_VALUE)).isEqualTo(40);
        assertThat(ladder.idle(6_070, Long.MAX_VALUE)).isEqualTo(40);
        assertThat(ladder.idle(6_110, 7)).isEqualTo(7);
        assertThat(counters.get(ThreadCounter.SLEEPS)).isEqualTo(5);
        ladder.worked();
        assertThat(ladder.idle(7_000, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(8_000, Long.MAX_VALUE)).isEqualTo(10);
    }

    /** Notes what it is asked for. */
    private static final class Notes implements Sleeper {
        final List<Object> notes = new ArrayList<>();

        @Override
        public void watch(int[] queues) {
            notes.add("watch " + Arrays.toString(queues));
        }

        @Override
        public void sleep(long nanos) {
            notes.add(nanos);
        }

        @Override
        public void wakeup() {
            notes.add("wakeup");
        }

        @Override
        public void close() {
            notes.add("close");
        }
    }

    @Test
    void sleepsLongAtOnceWhereFramesEndTheSleep() {
        Notes sleeper = new Notes();
        IdleLadder ladder = beside(IdlePolicy.Kind.ADAPTIVE, sleeper);
        assertThat(ladder.idle(5_000, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(6_000, Long.MAX_VALUE)).isEqualTo(IdleLadder.WATCHED_NANOS);
        assertThat(ladder.idle(7_000, 77)).isEqualTo(77);
        ladder.wakeup(Thread.currentThread()); // it does not sleep
        ladder.watch(new int[0]);
        assertThat(ladder.idle(8_000, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(8_000, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        ladder.leave();
        assertThat(sleeper.notes)
                .containsExactly("watch [0]", IdleLadder.WATCHED_NANOS, 77L, "watch []", Long.MAX_VALUE, "close");
    }

    @Test
    @Timeout(30)
    void aWakeupEndsTheSleepersSleep() throws InterruptedException {
        CountDownLatch woken = new CountDownLatch(1);
        CountDownLatch asleep = new CountDownLatch(1);
        IdleLadder ladder =
                new IdleLadder(new IdlePolicy(IdlePolicy.Kind.PARK, 0, 10, 40), () -> false, counters, new Sleeper() {
                    @Override
                    public void watch(int[] queues) {}

                    @Override
                    public void sleep(long nanos) {
                        asleep.countDown();
                        try {
                            assertThat(woken.await(20, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }

                    @Override
                    public void wakeup() {
                        woken.countDown();
                    }

                    @Override
                    public void close() {}
                });
        Thread sleeper = new Thread(() -> ladder.idle(0, Long.MAX_VALUE));
        sleeper.start();
        asleep.await();
        ladder.wakeup(sleeper);
        sleeper.join();
        assertThat(woken.getCount()).isZero();
        assertThat(counters.get(ThreadCounter.SLEEP_NANOS)).isPositive();
    }

    @Test
    void spinNeverSleeps() {
        IdleLadder ladder = beside(IdlePolicy.Kind.SPIN, null);
        assertThat(ladder.idle(0, Long.MAX_VALUE)).isZero();
        assertThat(ladder.idle(1L << 40, Long.MAX_VALUE)).isZero();
        assertThat(counters.get(ThreadCounter.SLEEPS)).isZero();
    }

    @Test
    void doesNotSleepPastADeadlineNorBesideWork() {
        assertThat(ladder(IdlePolicy.Kind.PARK, () -> false).idle(0, -5)).isZero();
        assertThat(ladder(IdlePolicy.Kind.PARK, () -> true).idle(0, Long.MAX_VALUE))
                .isZero();
        assertThat(counters.get(ThreadCounter.SLEEPS)).isZero();
    }

    @Test
    @Timeout(10)
    void wakeupBeforeTheSleepKeepsItFromSleeping() {
        IdleLadder ladder = ladder(IdlePolicy.Kind.PARK, () -> false);
        ladder.wakeup(Thread.currentThread());
        // Without a queue to poll the sleep has no end of its own.
        assertThat(ladder.idle(0, Long.MAX_VALUE)).isZero();
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
                    ladder.idle(0, Long.MAX_VALUE);
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
            IdleLadder ladder = beside(IdlePolicy.Kind.PARK, null);
            slacks.add(Files.readString(TimerSlack.file()));
            ladder.idle(0, Long.MAX_VALUE);
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
