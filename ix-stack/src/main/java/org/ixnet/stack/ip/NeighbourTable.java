package org.ixnet.stack.ip;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * Link addresses that any thread learned, for all threads of a dataplane: an answer to one thread's request may reach
 * another thread. Bindings are immutable and replaced by compare-and-set; {@link #version()} tells a thread cheaply that
 * something changed. The table is bounded: a flood pushes out other learned entries of its set, never static ones, and no
 * thread loses what it uses, for {@link Neighbour} has a copy. Thread rule: any thread.
 *
 * <p>What may change an entry (RFC 826; RFC 1122, 2.3.2): an answer to a request that is out, or from a host already known,
 * and a request from a host of the link to us. A known link address changes at most once a second.
 */
public final class NeighbourTable {
    private static final int WAYS = 8;
    private static final int SETS = 128;
    /** A request is out for this address, and no answer has come. */
    static final long PENDING = -1;

    private static final long LOCK_NANOS = 1_000_000_000L;

    private final KeyedHash hash;
    private final AtomicReferenceArray<@Nullable Binding> bindings = new AtomicReferenceArray<>(SETS * WAYS);
    private final AtomicInteger version = new AtomicInteger();
    private volatile @Nullable Runnable listener;

    /** What is known of an address; {@code confirmedNanos} is on the clock of the cycle. */
    record Binding(long hi, long lo, long mac, boolean fixed, long confirmedNanos, long changedNanos) {}

    /** @param hash places addresses in sets; keyed, so that nobody can fill one set on purpose */
    NeighbourTable(KeyedHash hash) {
        this.hash = hash;
    }

    /** Fixes the link address of a neighbour: nothing received changes it. */
    public void addStatic(long hi, long lo, long mac) {
        Binding fixed = new Binding(hi, lo, mac, true, 0, 0);
        while (true) {
            int slot = slotOf(hi, lo);
            Binding old = null;
            if (slot >= 0) {
                old = bindings.get(slot);
            } else {
                slot = victim(hi, lo);
                if (slot < 0) {
                    throw new IllegalStateException(
                            "too many static neighbours; at most " + WAYS + " fall into one set of the table");
                }
                old = bindings.get(slot);
            }
            if (bindings.compareAndSet(slot, old, fixed)) {
                changed();
                return;
            }
        }
    }

    /**
     * Is run after a change, by the thread that made it: to wake threads that wait for an answer. Without it they look by
     * themselves within a millisecond or two.
     */
    public void onChange(Runnable listener) {
        this.listener = listener;
    }

    /** Grows with every change; opaque, because a change may be seen a little later. */
    int version() {
        return version.getOpaque();
    }

    @Nullable
    Binding find(long hi, long lo) {
        int slot = slotOf(hi, lo);
        return slot < 0 ? null : bindings.get(slot);
    }

    /** Notes that a thread has asked for an address, so that an answer is expected. */
    void asked(long hi, long lo, long nowNanos) {
        if (slotOf(hi, lo) < 0) {
            int slot = victim(hi, lo);
            if (slot >= 0) {
                // Losing a race here loses a note, which the next request writes again.
                bindings.compareAndSet(
                        slot, bindings.get(slot), new Binding(hi, lo, PENDING, false, nowNanos, nowNanos - LOCK_NANOS));
            }
        }
    }

    /** Forgets a request that nobody answered. */
    void gaveUp(long hi, long lo) {
        int slot = slotOf(hi, lo);
        if (slot >= 0) {
            Binding old = bindings.get(slot);
            if (old != null && old.mac == PENDING) {
                bindings.compareAndSet(slot, old, null);
            }
        }
    }

    /**
     * Takes in what an ARP packet says of its sender.
     *
     * @param create whether an unknown sender is taken up: it asked for us
     * @param gratuitous nobody was asked; it may confirm or change an entry, not answer a request that is out
     * @return whether the table has it now
     */
    boolean learn(long hi, long lo, long mac, boolean create, boolean gratuitous, long nowNanos) {
        int slot = slotOf(hi, lo);
        if (slot < 0) {
            slot = create ? victim(hi, lo) : -1;
            return slot >= 0 && replace(slot, bindings.get(slot), hi, lo, mac, nowNanos, nowNanos);
        }
        Binding old = bindings.get(slot);
        if (old == null || old.fixed || (old.mac == PENDING && gratuitous)) {
            return false;
        }
        if (old.mac == mac) {
            return replace(slot, old, hi, lo, mac, nowNanos, old.changedNanos);
        }
        boolean locked = nowNanos - old.changedNanos < LOCK_NANOS;
        return !locked && replace(slot, old, hi, lo, mac, nowNanos, nowNanos);
    }

    private boolean replace(
            int slot, @Nullable Binding old, long hi, long lo, long mac, long confirmedNanos, long changedNanos) {
        if (!bindings.compareAndSet(slot, old, new Binding(hi, lo, mac, false, confirmedNanos, changedNanos))) {
            return false;
        }
        changed();
        return true;
    }

    private void changed() {
        version.incrementAndGet();
        Runnable to = listener;
        if (to != null) {
            to.run();
        }
    }

    private int slotOf(long hi, long lo) {
        int base = base(hi, lo);
        for (int slot = base; slot < base + WAYS; slot++) {
            Binding binding = bindings.get(slot);
            if (binding != null && binding.lo == lo && binding.hi == hi) {
                return slot;
            }
        }
        return -1;
    }

    /** A free slot of the address's set, or that of the learned entry confirmed longest ago; -1 when all are static. */
    private int victim(long hi, long lo) {
        int base = base(hi, lo);
        int oldest = -1;
        long oldestNanos = 0;
        for (int slot = base; slot < base + WAYS; slot++) {
            Binding binding = bindings.get(slot);
            if (binding == null) {
                return slot;
            }
            if (!binding.fixed && (oldest < 0 || binding.confirmedNanos - oldestNanos < 0)) {
                oldest = slot;
                oldestNanos = binding.confirmedNanos;
            }
        }
        return oldest;
    }

    private int base(long hi, long lo) {
        return (int) (hash.hash(hi, lo) & (SETS - 1)) * WAYS;
    }
}
