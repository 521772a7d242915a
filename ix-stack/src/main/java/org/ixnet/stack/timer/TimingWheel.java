package org.ixnet.stack.timer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A hierarchical timing wheel (Varghese and Lauck; IX paper, 4.2): 3 levels of 256 slots of 16.384 us, 4.19 ms and 1.07 s,
 * and one for what is further away. A slot is a stack of {@link TimerChunk}s. Arm and cancel are O(1); chunks are used again,
 * so both allocate only while more timers are armed than ever before. A timer never expires early, and at most one tick late
 * when {@link #advance} is called often enough. The order in which timers of one tick expire is not defined, but equal
 * histories give equal runs. Thread rule: one owner.
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

    /** The top chunk of each slot, which is never empty, or null. */
    private final @Nullable TimerChunk[] tops = new @Nullable TimerChunk[OVERFLOW + 1];
    /** A bit for each slot that is not empty. */
    private final long[] occupied = new long[OVERFLOW / Long.SIZE + 1];

    private @Nullable TimerChunk free;

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
        cancel(timer);
        timer.deadlineNanos = deadlineNanos;
        push(slotOf(Math.max(tickOf(deadlineNanos), currentTick + 1)), timer, deadlineNanos);
        armed++;
    }

    /** Disarms {@code timer}; does nothing when it is not armed. */
    public void cancel(Timer timer) {
        TimerChunk chunk = timer.chunk;
        if (chunk == null) {
            return;
        }
        // The last of the slot, perhaps the timer itself, takes its place.
        TimerChunk top = Objects.requireNonNull(tops[chunk.slot]);
        int last = top.count - 1;
        chunk.set(timer.index, Objects.requireNonNull(top.timers[last]), top.deadlines[last]);
        pop(top);
        timer.chunk = null;
        armed--;
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
        if (tops[OVERFLOW] != null) {
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
            distribute(OVERFLOW);
        }
        if ((currentTick & (1L << LEVEL_2_SHIFT) - 1) == 0) {
            distribute(2 * SLOTS + ((int) (currentTick >> LEVEL_2_SHIFT) & SLOT_MASK));
        }
        distribute(SLOTS + ((int) (currentTick >> SLOT_BITS) & SLOT_MASK));
    }

    /** Empties {@code slot}, whose timers are due in slots of lower levels or, when they were too far away, in any. */
    private void distribute(int slot) {
        TimerChunk chunk = tops[slot];
        clear(slot);
        while (chunk != null) {
            for (int i = 0; i < chunk.count; i++) {
                long deadline = chunk.deadlines[i];
                push(slotOf(tickOf(deadline)), Objects.requireNonNull(chunk.timers[i]), deadline);
                chunk.timers[i] = null;
            }
            TimerChunk below = chunk.below;
            release(chunk);
            chunk = below;
        }
    }

    private int expireSlot(int slot, long nowNanos) {
        int fired = 0;
        TimerChunk top;
        while ((top = tops[slot]) != null) {
            assert top.deadlines[top.count - 1] - nowNanos <= 0
                    : "early by " + (top.deadlines[top.count - 1] - nowNanos);
            Timer timer = Objects.requireNonNull(top.timers[top.count - 1]);
            pop(top);
            timer.chunk = null;
            armed--;
            timer.expire(nowNanos);
            fired++;
        }
        return fired;
    }

    /** Rounded up: a timer must not expire before its deadline. */
    private long tickOf(long deadlineNanos) {
        return (deadlineNanos - startNanos + TICK_NANOS - 1) >> TICK_SHIFT;
    }

    /** Of {@code tick}, which is the current one or later. */
    private int slotOf(long tick) {
        long distance = tick - currentTick;
        assert distance >= 0 : distance;
        if (distance < SLOTS) {
            return (int) tick & SLOT_MASK;
        }
        if (distance < 1L << LEVEL_2_SHIFT) {
            return SLOTS + ((int) (tick >> SLOT_BITS) & SLOT_MASK);
        }
        return distance < 1L << TURN_BITS ? 2 * SLOTS + ((int) (tick >> LEVEL_2_SHIFT) & SLOT_MASK) : OVERFLOW;
    }

    private void push(int slot, Timer timer, long deadlineNanos) {
        TimerChunk top = tops[slot];
        if (top == null || top.count == TimerChunk.CAPACITY) {
            top = stack(slot, top);
        }
        top.set(top.count++, timer, deadlineNanos);
    }

    /** Takes the last timer off {@code top}, the top of its slot, and {@code top} off the slot when it was the only one. */
    private void pop(TimerChunk top) {
        top.timers[--top.count] = null;
        if (top.count == 0) {
            if (top.below == null) {
                clear(top.slot);
            } else {
                tops[top.slot] = top.below;
            }
            release(top);
        }
    }

    /** A new top for {@code slot}, on {@code below}. */
    private TimerChunk stack(int slot, @Nullable TimerChunk below) {
        TimerChunk chunk = free;
        if (chunk == null) {
            chunk = new TimerChunk();
        } else {
            free = chunk.below;
        }
        chunk.slot = slot;
        chunk.below = below;
        tops[slot] = chunk;
        occupied[slot >> 6] |= 1L << slot;
        return chunk;
    }

    private void clear(int slot) {
        tops[slot] = null;
        occupied[slot >> 6] &= ~(1L << slot);
    }

    private void release(TimerChunk chunk) {
        chunk.count = 0;
        chunk.below = free;
        free = chunk;
    }
}
