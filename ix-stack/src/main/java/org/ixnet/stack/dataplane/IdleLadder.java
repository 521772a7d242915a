package org.ixnet.stack.dataplane;

import java.util.concurrent.locks.LockSupport;
import org.ixnet.stack.stats.Counters;

/**
 * Walks one thread down the {@link IdlePolicy}: spin, pause, sleep. No wakeup is lost: whoever brings work makes it visible
 * first and then looks whether the thread sleeps; the thread says that it sleeps first and then looks for work, both with a
 * full fence between. Thread rule: the elastic thread; {@link #signal} from any thread.
 */
final class IdleLadder {

    /** Whether work from other threads waits. */
    @FunctionalInterface
    interface Inbox {
        boolean hasWork();
    }

    private final IdlePolicy policy;
    private final Inbox inbox;
    private final Counters<ThreadCounter> counters;

    private volatile boolean wakeupPending;
    private volatile boolean sleeping;

    /** When the present idle time began; meaningful while {@link #idle}. */
    private long idleSinceNanos;

    private boolean idle;
    private long nextParkNanos;
    /** Whether this thread's sleeps end when they are due. */
    private boolean punctual;

    IdleLadder(IdlePolicy policy, Inbox inbox, Counters<ThreadCounter> counters) {
        this.policy = policy;
        this.inbox = inbox;
        this.counters = counters;
        this.nextParkNanos = policy.parkMinNanos();
    }

    /** A cycle found work: the ladder starts again from the top. */
    void worked() {
        idle = false;
        nextParkNanos = policy.parkMinNanos();
    }

    /**
     * @param boundNanos longest sleep: next timer, caller's bound
     * @param polls whether a device queue must be polled, which cannot wake this thread
     * @return nanoseconds that it meant to sleep
     */
    long idle(long nowNanos, long boundNanos, boolean polls) {
        if (!idle) {
            idle = true;
            idleSinceNanos = nowNanos;
        }
        long parkNanos = switch (policy.kind()) {
            case SPIN -> 0;
            case ADAPTIVE -> nowNanos - idleSinceNanos < policy.spinNanos() ? 0 : nextPark(polls);
            case PARK -> polls ? policy.parkMaxNanos() : Long.MAX_VALUE;
        };
        parkNanos = Math.min(parkNanos, boundNanos);
        if (parkNanos <= 0) {
            wakeupPending = false;
            Thread.onSpinWait();
            return 0;
        }
        return sleep(parkNanos);
    }

    private long nextPark(boolean polls) {
        long parkNanos = nextParkNanos;
        nextParkNanos = Math.min(parkNanos << 1, policy.parkMaxNanos());
        return !polls && parkNanos == policy.parkMaxNanos() ? Long.MAX_VALUE : parkNanos;
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
            counters.add(ThreadCounter.SLEEP_NANOS, parkNanos == Long.MAX_VALUE ? 0 : parkNanos);
            LockSupport.parkNanos(this, parkNanos);
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
    }

    /** Ends the sleep of {@code owner}, or keeps it from the next one. */
    void wakeup(Thread owner) {
        wakeupPending = true;
        if (sleeping) {
            LockSupport.unpark(owner);
        }
    }

    /** Whether the thread sleeps; read after the work for it was made visible with a full fence. */
    boolean isSleeping() {
        return sleeping;
    }
}
