package org.ixnet.stack.flow;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Flow group to owning thread: the stack's copy of the device's redirection table (RETA). A flow group is one entry, and
 * all connections that hash to it live on its owner. Thread rule: any thread reads; the control thread writes.
 */
public final class FlowGroups {
    /** Entries of the table when the device has none of its own. */
    public static final int DEFAULT_COUNT = 128;

    /** Opaque reads and release writes: a reader may see the old owner for a moment, as packets in flight do. */
    private final AtomicIntegerArray owners;

    /** @param count flow groups, a power of two, 1..4096; all belong to thread 0 at first */
    public FlowGroups(int count) {
        if (count < 1 || count > 4096 || Integer.bitCount(count) != 1) {
            throw new IllegalArgumentException("flow groups are " + count + "; must be a power of two in 1..4096");
        }
        owners = new AtomicIntegerArray(count);
    }

    public int count() {
        return owners.length();
    }

    /** The flow group of a Toeplitz hash: its low bits, as in a RETA. */
    public int group(int hash) {
        return hash & owners.length() - 1;
    }

    /** Thread that owns a flow group. */
    public int owner(int group) {
        return owners.getOpaque(group);
    }

    /** Thread that owns the flow group of {@code hash}. */
    public int ownerOf(int hash) {
        return owners.getOpaque(group(hash));
    }

    public void owner(int group, int thread) {
        owners.setRelease(group, thread);
    }

    /** Deals all flow groups out to {@code threads} in turn. */
    public void spread(int... threads) {
        if (threads.length == 0) {
            throw new IllegalArgumentException("no thread to own the flow groups; must be at least one");
        }
        for (int group = 0; group < owners.length(); group++) {
            owners.setRelease(group, threads[group % threads.length]);
        }
    }

    /** Owner of each group, for the device's RETA; a copy. */
    public int[] toArray() {
        int[] copy = new int[owners.length()];
        for (int group = 0; group < copy.length; group++) {
            copy[group] = owners.getOpaque(group);
        }
        return copy;
    }
}
