package org.ixnet.stack.timer;

import org.jspecify.annotations.Nullable;

/**
 * A hierarchical timing wheel (Varghese and Lauck; IX paper, 4.2): 3 levels of 256 slots of 16.384 us, 4.19 ms and 1.07 s,
 * and a list for what is further away. Arm and cancel are O(1) and allocate nothing. A timer never expires early, and at
 * most one tick late when {@link #advance} is called often enough. Timers of one tick expire in the order in which they
 * reached its slot, so equal histories give equal runs. Thread rule: one owner.
 */
public final class TimingWheel {
    /** Length of a tick is {@code 1 << TICK_SHIFT} nanoseconds. */
    public static final int TICK_SHIFT = 14;

    private static final int SLOT_BITS = 8;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int LEVELS = 3;
    private static final int LEVEL_2_SHIFT = 2 * SLOT_BITS;
    /** A turn of the highest level, in ticks, is {@code 1 << TURN_BITS}. */
    private static final int TURN_BITS = LEVELS * SLOT_BITS;

    private static final int OVERFLOW = LEVELS * SLOTS;
    private static final long TICK_NANOS = 1L << TICK_SHIFT;

    private final @Nullable Timer[] heads = new @Nullable Timer[OVERFLOW + 1];
    private final @Nullable Timer[] tails = new @Nullable Timer[OVERFLOW + 1];
    /** A bit for each slot that is not empty. */
    private final long[] occupied = new long[OVERFLOW / Long.SIZE];

    private final long startNanos;
    /** The last tick whose timers have expired. */
    private long currentTick;

    private int armed;
    private long nowNanos;

    /** @param startNanos the present time on the clock of {@link #advance} */
    public TimingWheel(long startNanos) {
        this.startNanos = startNanos;
        this.nowNanos = startNanos;
    }

    /** Arms {@code timer}, or moves it when it is armed. A deadline in the past expires in the next tick. */
    public void arm(Timer timer, long deadlineNanos) {
        if (timer.slot >= 0) {
            unlink(timer);
        }
        timer.deadlineNanos = deadlineNanos;
        // Rounded up: a timer must not expire before its deadline.
        long tick = (deadlineNanos - startNanos + TICK_NANOS - 1) >> TICK_SHIFT;
        link(timer, Math.max(tick, currentTick + 1));
    }

    /** Disarms {@code timer}; does nothing when it is not armed. */
    public void cancel(Timer timer) {
        if (timer.slot >= 0) {
            unlink(timer);
        }
    }

    /**
     * Lets every timer expire whose deadline has passed.
     *
     * @return timers that expired
     */
    public int advance(long nowNanos) {
        this.nowNanos = nowNanos;
        long targetTick = (nowNanos - startNanos) >> TICK_SHIFT;
        int fired = 0;
        while (currentTick < targetTick) {
            if (armed == 0) {
                currentTick = targetTick;
                break;
            }
            currentTick = Math.min(targetTick, nextInterestingTick());
            if ((currentTick & SLOT_MASK) == 0) {
                cascade();
            }
            fired += expireSlot((int) currentTick & SLOT_MASK, nowNanos);
        }
        return fired;
    }

    /**
     * When {@link #advance} next has work, never later than the earliest deadline needs, but up to the length of a slot of
     * its level earlier; Long.MAX_VALUE when no timer is armed.
     */
    public long nextDeadlineNanos() {
        if (armed == 0) {
            return Long.MAX_VALUE;
        }
        return startNanos + (nextInterestingTick() << TICK_SHIFT);
    }

    /** The time of the last {@link #advance}: a cached clock for what happens between two cycles. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Timers that are armed. */
    public int armed() {
        return armed;
    }

    /** The next tick at which a timer may expire or comes down a level; something is armed. */
    private long nextInterestingTick() {
        long tick = Math.min(nextTick(0), Math.min(nextTick(1), nextTick(2)));
        if (heads[OVERFLOW] != null) {
            tick = Math.min(tick, ((currentTick >> TURN_BITS) + 1) << TURN_BITS);
        }
        return tick;
    }

    /** The first tick after the current one at which the next occupied slot of {@code level} begins, or Long.MAX_VALUE. */
    private long nextTick(int level) {
        int shift = level * SLOT_BITS;
        long position = currentTick >> shift;
        int from = (int) (position + 1) & SLOT_MASK;
        int base = level * (SLOTS / Long.SIZE);
        int word = from >> 6;
        long bits = occupied[base + word] & -1L << from;
        // One word more than there are: the low bits of the first word come last.
        for (int i = 0; i <= SLOTS / Long.SIZE; i++) {
            if (bits != 0) {
                int slot = word << 6 | Long.numberOfTrailingZeros(bits);
                long distance = (slot - from & SLOT_MASK) + 1L;
                return (position + distance) << shift;
            }
            word = word + 1 & SLOTS / Long.SIZE - 1;
            bits = occupied[base + word];
        }
        return Long.MAX_VALUE;
    }

    /** Moves the timers of the slots that begin at the current tick one level down, the highest level first. */
    private void cascade() {
        if ((currentTick & (1L << TURN_BITS) - 1) == 0) {
            relink(OVERFLOW);
        }
        if ((currentTick & (1L << LEVEL_2_SHIFT) - 1) == 0) {
            relink(2 * SLOTS + ((int) (currentTick >> LEVEL_2_SHIFT) & SLOT_MASK));
        }
        relink(SLOTS + ((int) (currentTick >> SLOT_BITS) & SLOT_MASK));
    }

    private void relink(int slot) {
        Timer timer = heads[slot];
        heads[slot] = null;
        tails[slot] = null;
        if (slot != OVERFLOW) {
            occupied[slot >> 6] &= ~(1L << slot);
        }
        while (timer != null) {
            Timer following = timer.next;
            armed--;
            link(timer, (timer.deadlineNanos - startNanos + TICK_NANOS - 1) >> TICK_SHIFT);
            timer = following;
        }
    }

    private int expireSlot(int slot, long nowNanos) {
        int fired = 0;
        Timer timer;
        while ((timer = heads[slot]) != null) {
            unlink(timer);
            assert timer.deadlineNanos - nowNanos <= 0 : "early by " + (timer.deadlineNanos - nowNanos);
            timer.expire(nowNanos);
            fired++;
        }
        return fired;
    }

    private void link(Timer timer, long tick) {
        long distance = tick - currentTick;
        assert distance >= 0 : distance;
        int slot;
        if (distance < SLOTS) {
            slot = (int) tick & SLOT_MASK;
        } else if (distance < 1L << LEVEL_2_SHIFT) {
            slot = SLOTS + ((int) (tick >> SLOT_BITS) & SLOT_MASK);
        } else if (distance < 1L << TURN_BITS) {
            slot = 2 * SLOTS + ((int) (tick >> LEVEL_2_SHIFT) & SLOT_MASK);
        } else {
            slot = OVERFLOW;
        }
        Timer tail = tails[slot];
        timer.slot = slot;
        timer.previous = tail;
        timer.next = null;
        if (tail == null) {
            heads[slot] = timer;
            if (slot != OVERFLOW) {
                occupied[slot >> 6] |= 1L << slot;
            }
        } else {
            tail.next = timer;
        }
        tails[slot] = timer;
        armed++;
    }

    private void unlink(Timer timer) {
        int slot = timer.slot;
        Timer previous = timer.previous;
        Timer next = timer.next;
        if (previous == null) {
            heads[slot] = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            tails[slot] = previous;
        } else {
            next.previous = previous;
        }
        if (heads[slot] == null && slot != OVERFLOW) {
            occupied[slot >> 6] &= ~(1L << slot);
        }
        timer.previous = null;
        timer.next = null;
        timer.slot = -1;
        armed--;
    }
}
