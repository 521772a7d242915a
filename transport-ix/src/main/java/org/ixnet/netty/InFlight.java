package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The buffers and {@link Slab}s that TCP still reads from: written, accepted by the send buffer, not yet acknowledged. In the
 * order of sending; each entry holds one reference, or one run of pieces. The oldest is kept in fields, since a connection
 * that answers requests has no other; the ring behind it comes with the second. Thread rule: the connection's loop.
 */
final class InFlight {
    private static final int INITIAL_ENTRIES = 8;

    private @Nullable Object oldest;
    private int oldestBytes;
    /** Bytes of the oldest entry that were acknowledged before. */
    private int oldestAckedBytes;

    private int size;
    private int head;
    private @Nullable Object @Nullable [] kept;
    private int @Nullable [] lengths;
    private long pendingBytes;

    InFlight() {}

    /** Keeps {@code buffer}, whose reference the caller gives away, until {@code lengthBytes} more are acknowledged. */
    void add(ByteBuf buffer, int lengthBytes) {
        keep(buffer, lengthBytes);
    }

    private void keep(Object keeper, int lengthBytes) {
        assert lengthBytes > 0;
        pendingBytes += lengthBytes;
        if (size == 0) {
            oldest = keeper;
            oldestBytes = lengthBytes;
        } else {
            push(keeper, lengthBytes);
        }
        size++;
    }

    private void push(Object keeper, int lengthBytes) {
        @Nullable Object[] ring = kept;
        int[] bytes = lengths;
        int count = size - 1;
        if (ring == null || bytes == null || count == ring.length) {
            int capacity = ring == null ? INITIAL_ENTRIES : ring.length * 2;
            @Nullable Object[] more = new Object[capacity];
            int[] moreBytes = new int[capacity];
            for (int i = 0; ring != null && bytes != null && i < count; i++) {
                int from = (head + i) & (ring.length - 1);
                more[i] = ring[from];
                moreBytes[i] = bytes[from];
            }
            kept = ring = more;
            lengths = bytes = moreBytes;
            head = 0;
        }
        int index = (head + count) & (ring.length - 1);
        ring[index] = keeper;
        bytes[index] = lengthBytes;
    }

    /** Keeps what was appended to {@code slab}; any number of pieces that follow each other are one run. */
    void addPiece(Slab slab, int lengthBytes) {
        if (newest() != slab) {
            slab.retainRun();
            keep(slab, lengthBytes);
            return;
        }
        pendingBytes += lengthBytes;
        int[] bytes = lengths;
        if (size == 1 || bytes == null) {
            oldestBytes += lengthBytes;
        } else {
            bytes[(head + size - 2) & (bytes.length - 1)] += lengthBytes;
        }
    }

    /** The buffer or slab that was added last; null when nothing is in flight. */
    @Nullable
    Object newest() {
        @Nullable Object[] ring = kept;
        return size < 2 || ring == null ? oldest : ring[(head + size - 2) & (ring.length - 1)];
    }

    /** Releases what {@code ackedBytes} more bytes cover, oldest first. */
    void acked(long ackedBytes) {
        assert ackedBytes <= pendingBytes : ackedBytes + " acked, " + pendingBytes + " in flight";
        pendingBytes -= ackedBytes;
        long rest = ackedBytes;
        while (rest > 0) {
            int open = oldestBytes - oldestAckedBytes;
            if (rest < open) {
                oldestAckedBytes += (int) rest;
                return;
            }
            rest -= open;
            releaseOldest();
        }
    }

    /** Releases everything; TCP reads nothing any more. */
    void releaseAll() {
        while (size > 0) {
            releaseOldest();
        }
        pendingBytes = 0;
    }

    /** The connection leaves the loop: what it has in flight is kept by buffers alone, which any thread may release. */
    void detachSlabs() {
        if (oldest instanceof Slab slab) {
            oldest = slab.detachRun();
        }
        @Nullable Object[] ring = kept;
        for (int i = 0; ring != null && i < ring.length; i++) {
            if (ring[i] instanceof Slab slab) {
                ring[i] = slab.detachRun();
            }
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Bytes accepted and not acknowledged. */
    long pendingBytes() {
        return pendingBytes;
    }

    private void releaseOldest() {
        Object keeper = requireNonNull(oldest);
        oldest = null;
        oldestAckedBytes = 0;
        size--;
        @Nullable Object[] ring = kept;
        int[] bytes = lengths;
        if (size > 0 && ring != null && bytes != null) {
            oldest = ring[head];
            oldestBytes = bytes[head];
            ring[head] = null;
            head = (head + 1) & (ring.length - 1);
        }
        if (keeper instanceof Slab slab) {
            slab.releaseRun();
        } else {
            ((ByteBuf) keeper).release();
        }
    }
}
