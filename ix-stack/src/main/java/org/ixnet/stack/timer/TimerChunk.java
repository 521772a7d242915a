package org.ixnet.stack.timer;

import org.jspecify.annotations.Nullable;

/**
 * Some of the timers of a slot, with their deadlines: {@link TimingWheel} reads them in a row and need not touch the timers,
 * which have left the caches long before they expire. Thread rule: the wheel's owner.
 */
final class TimerChunk {
    static final int CAPACITY = 32;

    final @Nullable Timer[] timers = new @Nullable Timer[CAPACITY];
    final long[] deadlines = new long[CAPACITY];
    int count;

    /** Of the wheel. */
    int slot;
    /** The chunk below in the stack of the slot, or of free chunks. */
    @Nullable
    TimerChunk below;

    TimerChunk() {}

    /** Puts {@code timer} at {@code index}. */
    void set(int index, Timer timer, long deadlineNanos) {
        timers[index] = timer;
        deadlines[index] = deadlineNanos;
        timer.chunk = this;
        timer.index = index;
    }
}
