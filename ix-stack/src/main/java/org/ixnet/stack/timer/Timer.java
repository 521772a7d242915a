package org.ixnet.stack.timer;

import org.jspecify.annotations.Nullable;

/**
 * A timer that its owner extends or holds; what the wheel knows of it lies in the object itself. Thread rule: the thread that
 * owns the {@link TimingWheel}.
 */
public abstract class Timer {
    /** Where the wheel has it; null when it is not armed. */
    @Nullable
    TimerChunk chunk;

    /** Its place in the chunk. */
    int index;

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
        return chunk != null;
    }

    /** When it expires; meaningful while it is armed. */
    public final long deadlineNanos() {
        return deadlineNanos;
    }
}
