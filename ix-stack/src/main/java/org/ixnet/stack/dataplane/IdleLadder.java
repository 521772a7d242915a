package org.ixnet.stack.dataplane;

import java.util.concurrent.locks.LockSupport;
import org.ixnet.stack.device.Sleeper;
import org.ixnet.stack.stats.Counters;
import org.jspecify.annotations.Nullable;

/**
 * Walks one thread down the {@link IdlePolicy}: spin, pause, sleep. Frames end the sleep where the device has a
 * {@link Sleeper}; where not, sleeps beside a device queue are short ones. No wakeup is lost: whoever brings work makes it visible
 * first and then looks whether the thread sleeps; the thread says that it sleeps first and then looks for work, both with a
 * full fence between. Thread rule: the elastic thread; {@link #signal} from any thread.
 */
final class IdleLadder {

    /** Whether work from other threads waits. */
    @FunctionalInterface
    interface Inbox {
        boolean hasWork();
    }

    /**
     * Longest sleep that frames end: some drivers fill their ring for receiving only when they are polled, so a thread looks
     * now and then.
     */
    static final long WATCHED_NANOS = 100_000_000;

    private final IdlePolicy policy;
    private final Inbox inbox;
    private final Counters<ThreadCounter> counters;
    private final @Nullable Sleeper sleeper;
    /** Whether there is a device queue to poll. */
    private boolean polls;

    private volatile boolean wakeupPending;
    private volatile boolean sleeping;

    /** When the present idle time began; meaningful while {@link #idle}. */
    private long idleSinceNanos;

    private boolean idle;
    private long nextParkNanos;
    /** Whether this thread's sleeps end when they are due. */
    private boolean punctual;

    /** @param sleeper null: frames cannot end a sleep; closed by {@link #leave} */
    IdleLadder(IdlePolicy policy, Inbox inbox, Counters<ThreadCounter> counters, @Nullable Sleeper sleeper) {
        this.policy = policy;
        this.inbox = inbox;
        this.counters = counters;
        this.sleeper = sleeper;
        this.nextParkNanos = policy.parkMinNanos();
    }

    /** A cycle found work: the ladder starts again from the top. */
    void worked() {
        idle = false;
        nextParkNanos = policy.parkMinNanos();
    }

    /** The queues that the thread polls from now on. */
    void watch(int[] queues) {
        polls = queues.length != 0;
        if (sleeper != null) {
            sleeper.watch(queues);
        }
    }

    /**
     * @param boundNanos longest sleep: next timer, caller's bound
     * @return nanoseconds that it meant to sleep
     */
    long idle(long nowNanos, long boundNanos) {
        if (!idle) {
            idle = true;
            idleSinceNanos = nowNanos;
        }
        long parkNanos = switch (policy.kind()) {
            case SPIN -> 0;
            case ADAPTIVE -> nowNanos - idleSinceNanos < policy.spinNanos() ? 0 : longestNanos(nextParkNanos);
            case PARK -> longestNanos(policy.parkMaxNanos());
        };
        parkNanos = Math.min(parkNanos, boundNanos);
        if (parkNanos <= 0) {
            wakeupPending = false;
            Thread.onSpinWait();
            return 0;
        }
        nextParkNanos = Math.min(nextParkNanos << 1, policy.parkMaxNanos());
        return sleep(parkNanos);
    }

    /** @param unwatchedNanos how long to sleep beside a queue whose frames do not end the sleep */
    private long longestNanos(long unwatchedNanos) {
        if (!polls) {
            return Long.MAX_VALUE;
        }
        return sleeper == null ? unwatchedNanos : WATCHED_NANOS;
    }

    private long sleep(long parkNanos) {
        sleeping = true;
        try {
            if (wakeupPending || inbox.hasWork()) {
                return 0;
            }
            if (!punctual) {
                punctual = true;
                TimerSlack.least();
            }
            counters.increment(ThreadCounter.SLEEPS);
            long beganNanos = System.nanoTime();
            if (sleeper == null) {
                LockSupport.parkNanos(this, parkNanos);
            } else {
                sleeper.sleep(parkNanos);
            }
            counters.add(ThreadCounter.SLEEP_NANOS, System.nanoTime() - beganNanos);
            return parkNanos;
        } finally {
            sleeping = false;
            wakeupPending = false;
        }
    }

    /** The thread leaves the dataplane: its sleeps are its own again. */
    void leave() {
        if (punctual) {
            punctual = false;
            TimerSlack.usual();
        }
        if (sleeper != null) {
            sleeper.close();
        }
    }

    /** Ends the sleep of {@code owner}, or keeps it from the next one. */
    void wakeup(Thread owner) {
        wakeupPending = true;
        if (!sleeping) {
            return;
        }
        if (sleeper == null) {
            LockSupport.unpark(owner);
        } else {
            sleeper.wakeup();
        }
    }

    /** Whether the thread sleeps; read after the work for it was made visible with a full fence. */
    boolean isSleeping() {
        return sleeping;
    }
}
