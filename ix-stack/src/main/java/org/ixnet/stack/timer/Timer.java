package org.ixnet.stack.timer;

import org.jspecify.annotations.Nullable;

/**
 * A timer that its owner extends or holds: the wheel links the object itself, so arming allocates nothing. Thread rule: the
 * thread that owns the {@link TimingWheel}.
 */
public abstract class Timer {
    @Nullable
    Timer previous;

    @Nullable
    Timer next;

    /** Slot list that holds this timer, as an index into the wheel; -1 when not armed. */
    int slot = -1;

    long deadlineNanos;

    protected Timer() {}

    /**
     * Called once when the deadline has passed; the timer is no longer armed and may be armed again here. It may arm and
     * cancel any timer of the wheel.
     *
     * @param nowNanos the time given to {@link TimingWheel#advance}
     */
    protected abstract void expire(long nowNanos);

    public final boolean isArmed() {
        return slot >= 0;
    }

    /** When it expires; meaningful while it is armed. */
    public final long deadlineNanos() {
        return deadlineNanos;
    }
}
