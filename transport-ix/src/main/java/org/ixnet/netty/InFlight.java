package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that TCP still reads from: written, accepted by the send buffer, not yet acknowledged. In the order of
 * sending; each entry holds one reference. The oldest is kept in fields, since a connection that answers requests has no
 * other; the ring behind it comes with the second. Thread rule: the connection's loop.
 */
final class InFlight {
    private static final int INITIAL_ENTRIES = 8;

    private @Nullable ByteBuf oldest;
    private int oldestBytes;
    /** Bytes of the oldest entry that were acknowledged before. */
    private int oldestAckedBytes;

    private int size;
    private int head;
    private @Nullable ByteBuf @Nullable [] buffers;
    private int @Nullable [] lengths;
    private long pendingBytes;

    InFlight() {}

    /** Keeps {@code buffer}, whose reference the caller gives away, until {@code lengthBytes} more are acknowledged. */
    void add(ByteBuf buffer, int lengthBytes) {
        assert lengthBytes > 0;
        pendingBytes += lengthBytes;
        if (size == 0) {
            oldest = buffer;
            oldestBytes = lengthBytes;
        } else {
            push(buffer, lengthBytes);
        }
        size++;
    }

    private void push(ByteBuf buffer, int lengthBytes) {
        @Nullable ByteBuf[] ring = buffers;
        int[] bytes = lengths;
        int count = size - 1;
        if (ring == null || bytes == null || count == ring.length) {
            int capacity = ring == null ? INITIAL_ENTRIES : ring.length * 2;
            @Nullable ByteBuf[] moreBuffers = new ByteBuf[capacity];
            int[] moreBytes = new int[capacity];
            for (int i = 0; ring != null && bytes != null && i < count; i++) {
                int from = (head + i) & (ring.length - 1);
                moreBuffers[i] = ring[from];
                moreBytes[i] = bytes[from];
            }
            buffers = ring = moreBuffers;
            lengths = bytes = moreBytes;
            head = 0;
        }
        int index = (head + count) & (ring.length - 1);
        ring[index] = buffer;
        bytes[index] = lengthBytes;
    }

    /**
     * As {@link #add}, for a buffer that others write to as well and that stays with the caller: it is retained here, once for
     * any number of pieces that follow each other.
     */
    @SuppressWarnings("ReferenceEquality") // the same buffer, not one of equal content
    void addPiece(ByteBuf buffer, int lengthBytes) {
        if (newest() != buffer) {
            add(buffer.retain(), lengthBytes);
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

    /** The buffer that was added last; null when nothing is in flight. */
    @Nullable
    ByteBuf newest() {
        @Nullable ByteBuf[] ring = buffers;
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

    boolean isEmpty() {
        return size == 0;
    }

    /** Bytes accepted and not acknowledged. */
    long pendingBytes() {
        return pendingBytes;
    }

    private void releaseOldest() {
        ByteBuf buffer = requireNonNull(oldest);
        oldest = null;
        oldestAckedBytes = 0;
        size--;
        @Nullable ByteBuf[] ring = buffers;
        int[] bytes = lengths;
        if (size > 0 && ring != null && bytes != null) {
            oldest = ring[head];
            oldestBytes = bytes[head];
            ring[head] = null;
            head = (head + 1) & (ring.length - 1);
        }
        buffer.release();
    }
}
