package org.ixnet.stack.flow;

import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * One thread's connections by 4-tuple: open addressing over 32-bit fingerprints, so that a look-up touches one line of
 * fingerprints and then the connection itself. The hash is keyed: nobody outside can choose tuples that collide. When the
 * table doubles, each later put and remove moves a few entries, so that no cycle pays for all of them. It never shrinks.
 * Thread rule: one owner.
 *
 * @param <V> the connections
 */
public final class FlowTable<V extends FlowKey> {
    /** Slots of the old table that a put or remove moves while the table grows. */
    private static final int MOVED_SLOTS = 32;

    private static final int MIN_CAPACITY = 16;

    private final long k0;
    private final long k1;
    private final long k2;
    private final long k3;

    /** Fingerprint of each slot, 0 when it is free; its low bits are the slot where the search begins. */
    private int[] fingerprints;

    private @Nullable Object[] values;

    /** The table before it doubled, while entries are left in it; a slot whose entry is gone keeps its fingerprint. */
    private int @Nullable [] oldFingerprints;

    private @Nullable Object @Nullable [] oldValues;
    private int moved;
    private int size;

    /** Visits connections; see {@link FlowTable#forEach}. */
    @FunctionalInterface
    public interface Visitor<V> {
        void visit(V value);
    }

    /** @param initialCapacity connections to have room for at first, at least 1 */
    public FlowTable(KeyedHash hash, int initialCapacity) {
        k0 = hash.hash(0);
        k1 = hash.hash(1);
        k2 = hash.hash(2);
        k3 = hash.hash(3);
        int slots = Math.max(MIN_CAPACITY, Integer.highestOneBit(2 * initialCapacity - 1) << 1);
        fingerprints = new int[slots];
        values = new @Nullable Object[slots];
    }

    /** The connection between these two ends, or null. */
    public @Nullable V get(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        int fingerprint = fingerprint(localHi, localLo, localPort, remoteHi, remoteLo, remotePort);
        return find(fingerprint, localHi, localLo, localPort, remoteHi, remoteLo, remotePort);
    }

    private @Nullable V find(
            int fingerprint, long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        V found = find(fingerprints, values, fingerprint, localHi, localLo, localPort, remoteHi, remoteLo, remotePort);
        if (found == null && oldFingerprints != null && oldValues != null) {
            found = find(
                    oldFingerprints,
                    oldValues,
                    fingerprint,
                    localHi,
                    localLo,
                    localPort,
                    remoteHi,
                    remoteLo,
                    remotePort);
        }
        return found;
    }

    private @Nullable V find(
            int[] prints,
            @Nullable Object[] objects,
            int fingerprint,
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort) {
        int mask = prints.length - 1;
        for (int slot = fingerprint & mask; prints[slot] != 0; slot = (slot + 1) & mask) {
            if (prints[slot] == fingerprint) {
                @SuppressWarnings("unchecked") // only put writes values
                V value = (V) objects[slot];
                if (value != null && value.matches(localHi, localLo, localPort, remoteHi, remoteLo, remotePort)) {
                    return value;
                }
            }
        }
        return null;
    }

    /** Reads where the search for a {@link #fingerprint} begins, so that {@link #likely} finds it in the caches. */
    public int firstPrint(int fingerprint) {
        return fingerprints[fingerprint & (fingerprints.length - 1)];
    }

    /**
     * A connection with this {@link #fingerprint}, which is almost certainly the one that {@link #get} finds, but was not read to
     * see; or null. One that a growing table has not moved yet is not found.
     */
    @SuppressWarnings("unchecked") // only put writes values
    public @Nullable V likely(int fingerprint) {
        int mask = fingerprints.length - 1;
        for (int slot = fingerprint & mask; fingerprints[slot] != 0; slot = (slot + 1) & mask) {
            if (fingerprints[slot] == fingerprint) {
                return (V) values[slot];
            }
        }
        return null;
    }

    /** Adds a connection; false, and no change, when there is one with an equal key. */
    public boolean put(V value) {
        int fingerprint = fingerprint(value);
        V there = find(
                fingerprint,
                value.localHi(),
                value.localLo(),
                value.localPort(),
                value.remoteHi(),
                value.remoteLo(),
                value.remotePort());
        if (there != null) {
            return false;
        }
        moveSome();
        if (2 * (size + 1) > fingerprints.length) {
            grow();
        }
        insert(fingerprint, value);
        size++;
        return true;
    }

    /**
     * Puts {@code value} in the place of {@code old}, which has an equal key; false, and no change, when {@code old} itself is
     * not in the table.
     */
    public boolean replace(V old, V value) {
        int fingerprint = fingerprint(old);
        int slot = slotOf(fingerprints, values, fingerprint, old);
        if (slot < 0) {
            return replaceOld(fingerprint, old, value);
        }
        values[slot] = value;
        return true;
    }

    /** Removes this very connection; false when it is not in the table. */
    public boolean remove(V value) {
        int fingerprint = fingerprint(value);
        int slot = slotOf(fingerprints, values, fingerprint, value);
        boolean removed = slot >= 0 || replaceOld(fingerprint, value, null);
        if (slot >= 0) {
            closeGap(slot);
        }
        if (removed) {
            size--;
        }
        moveSome();
        return removed;
    }

    private boolean replaceOld(int fingerprint, V old, @Nullable V value) {
        if (oldFingerprints == null || oldValues == null) {
            return false;
        }
        int slot = slotOf(oldFingerprints, oldValues, fingerprint, old);
        if (slot >= 0) {
            oldValues[slot] = value;
        }
        return slot >= 0;
    }

    /** Where this very connection is, or -1. */
    @SuppressWarnings("ReferenceEquality") // this very connection, not one with an equal key
    private static int slotOf(int[] prints, @Nullable Object[] objects, int fingerprint, Object value) {
        int mask = prints.length - 1;
        for (int slot = fingerprint & mask; prints[slot] != 0; slot = (slot + 1) & mask) {
            if (objects[slot] == value) {
                return slot;
            }
        }
        return -1;
    }

    /** Frees {@code gap} and moves later entries of the run back, so that every search still ends at a free slot. */
    private void closeGap(int gap) {
        int mask = fingerprints.length - 1;
        int hole = gap;
        int slot = gap;
        while (true) {
            slot = (slot + 1) & mask;
            int fingerprint = fingerprints[slot];
            if (fingerprint == 0) {
                break;
            }
            // It may move if its search begins at or before the hole.
            if (((slot - fingerprint) & mask) >= ((slot - hole) & mask)) {
                fingerprints[hole] = fingerprint;
                values[hole] = values[slot];
                hole = slot;
            }
        }
        fingerprints[hole] = 0;
        values[hole] = null;
    }

    public int size() {
        return size;
    }

    /** Visits every connection once; the visitor must not change the table. */
    public void forEach(Visitor<? super V> visitor) {
        visit(values, visitor);
        if (oldValues != null) {
            visit(oldValues, visitor);
        }
    }

    @SuppressWarnings("unchecked") // only put writes values
    private void visit(@Nullable Object[] objects, Visitor<? super V> visitor) {
        for (Object value : objects) {
            if (value != null) {
                visitor.visit((V) value);
            }
        }
    }

    private void insert(int fingerprint, Object value) {
        int mask = fingerprints.length - 1;
        int slot = fingerprint & mask;
        while (fingerprints[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        fingerprints[slot] = fingerprint;
        values[slot] = value;
    }

    private void grow() {
        // A put moves more slots than it fills, so that the last growth has long ended.
        assert oldFingerprints == null;
        oldFingerprints = fingerprints;
        oldValues = values;
        moved = 0;
        fingerprints = new int[2 * fingerprints.length];
        values = new @Nullable Object[fingerprints.length];
        moveSome();
    }

    private void moveSome() {
        if (oldFingerprints == null || oldValues == null) {
            return;
        }
        int end = Math.min(moved + MOVED_SLOTS, oldValues.length);
        for (; moved < end; moved++) {
            Object value = oldValues[moved];
            if (value != null) {
                oldValues[moved] = null;
                insert(oldFingerprints[moved], value);
            }
        }
        if (moved == oldValues.length) {
            oldFingerprints = null;
            oldValues = null;
        }
    }

    private int fingerprint(V value) {
        return fingerprint(
                value.localHi(),
                value.localLo(),
                value.localPort(),
                value.remoteHi(),
                value.remoteLo(),
                value.remotePort());
    }

    /** The 32 bits by which this table first knows a 4-tuple; never 0. */
    public int fingerprint(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        long hash = multiply(remoteLo ^ k0, localLo ^ k1);
        hash = multiply(
                hash ^ ((long) remotePort << 16 | localPort) ^ k2, remoteHi ^ Long.rotateLeft(localHi, 32) ^ k3);
        int folded = (int) (hash ^ hash >>> 32);
        return folded == 0 ? 1 : folded;
    }

    /** 64 x 64 bits to 128, folded: with secret operands each bit of the result depends on all. */
    private static long multiply(long a, long b) {
        return Math.unsignedMultiplyHigh(a, b) ^ a * b;
    }
}
