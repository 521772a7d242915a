package org.ixnet.stack.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;

/**
 * One thread's counters, one for each constant of an enum. Counting is a load and a store; a reader on another thread sees
 * every counter whole and, a little later, up to date. Thread rule: one writer, any readers.
 *
 * @param <E> names the counters; a layer has an enum of its own
 */
public final class Counters<E extends Enum<E>> {
    /**
     * Opaque reads see whole longs. The writer's are plain: an opaque write would keep the compiler from holding any field in
     * a register across it, several times a packet. They become visible with the volatile write that ends each cycle.
     */
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Longs of 128 bytes: two cache lines, because the prefetcher fetches lines in pairs. */
    private static final int PAD = 16;

    private final Class<E> names;
    private final long[] counts;

    public Counters(Class<E> names) {
        this.names = names;
        this.counts = new long[PAD + names.getEnumConstants().length + PAD];
    }

    /** Adds 1; owner only. */
    public void increment(E counter) {
        add(counter, 1);
    }

    /** Adds {@code amount}; owner only. */
    public void add(E counter, long amount) {
        counts[PAD + counter.ordinal()] += amount;
    }

    /** The counter's value; any thread. */
    public long get(E counter) {
        return (long) COUNTS.getOpaque(counts, PAD + counter.ordinal());
    }

    /** All counters, for display; any thread. Each value is whole; they are not all of one instant. */
    public Map<E, Long> snapshot() {
        Map<E, Long> snapshot = new EnumMap<>(names);
        for (E counter : names.getEnumConstants()) {
            snapshot.put(counter, get(counter));
        }
        return snapshot;
    }
}
