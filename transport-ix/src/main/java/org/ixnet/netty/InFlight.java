package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that TCP still reads from: written, accepted by the send buffer, not yet acknowledged. A ring in the order of
 * sending; each entry holds one reference. Thread rule: the connection's loop.
 */
final class InFlight {
    private static final int INITIAL_ENTRIES = 8;

    private @Nullable ByteBuf[] buffers = new ByteBuf[INITIAL_ENTRIES];
    private int[] lengths = new int[INITIAL_ENTRIES];
    private int head;
    private int size;
    /** Bytes of the oldest entry that were acknowledged before. */
    private int headAckedBytes;

    private long pendingBytes;

    InFlight() {}

    /** Keeps {@code buffer}, whose reference the caller gives away, until {@code lengthBytes} more are acknowledged. */
    void add(ByteBuf buffer, int lengthBytes) {
        assert lengthBytes > 0;
        if (size == buffers.length) {
            grow();
        }
        int index = (head + size) & (buffers.length - 1);
        buffers[index] = buffer;
        lengths[index] = lengthBytes;
        size++;
        pendingBytes += lengthBytes;
    }

    /**
     * As {@link #add}, for a buffer that others write to as well and that stays with the caller: it is retained here, once for
     * any number of pieces that follow each other.
     */
    @SuppressWarnings("ReferenceEquality") // the same buffer, not one of equal content
    void addPiece(ByteBuf buffer, int lengthBytes) {
        int last = (head + size - 1) & (buffers.length - 1);
        if (size > 0 && buffers[last] == buffer) {
            lengths[last] += lengthBytes;
            pendingBytes += lengthBytes;
        } else {
            add(buffer.retain(), lengthBytes);
        }
    }

    /** Releases what {@code ackedBytes} more bytes cover, oldest first. */
    void acked(long ackedBytes) {
        assert ackedBytes <= pendingBytes : ackedBytes + " acked, " + pendingBytes + " in flight";
        pendingBytes -= ackedBytes;
        long rest = ackedBytes;
        while (rest > 0) {
            int open = lengths[head] - headAckedBytes;
            if (rest < open) {
                headAckedBytes += (int) rest;
                return;
            }
            rest -= open;
            releaseHead();
        }
    }

    /** Releases everything; TCP reads nothing any more. */
    void releaseAll() {
        while (size > 0) {
            releaseHead();
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

    private void releaseHead() {
        ByteBuf buffer = buffers[head];
        assert buffer != null;
        buffers[head] = null;
        head = (head + 1) & (buffers.length - 1);
        headAckedBytes = 0;
        size--;
        buffer.release();
    }

    private void grow() {
        int capacity = buffers.length;
        @Nullable ByteBuf[] moreBuffers = new ByteBuf[capacity * 2];
        int[] moreLengths = new int[capacity * 2];
        for (int i = 0; i < size; i++) {
            int from = (head + i) & (capacity - 1);
            moreBuffers[i] = buffers[from];
            moreLengths[i] = lengths[from];
        }
        Arrays.fill(buffers, null);
        buffers = moreBuffers;
        lengths = moreLengths;
        head = 0;
    }
}
