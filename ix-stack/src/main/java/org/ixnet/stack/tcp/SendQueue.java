package org.ixnet.stack.tcp;

import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.Seq;

/**
 * Data between the user's SEND and its acknowledgement: a ring of regions of the user's memory, each with the sequence
 * number behind its last byte. Nothing is copied here; {@link #copy} fills a segment whenever one is sent, so that a
 * retransmission may cut the stream differently. Thread rule: the connection's elastic thread.
 *
 * <pre>
 *        unaSeq                                     endSeq
 *          v                                          v
 *   | acked#####|##########|###|#####################|      regions
 *     ^ index head                                    ^ index tail
 * </pre>
 */
final class SendQueue {
    private static final int FIRST_CAPACITY = 4;
    /** Most regions: bounds what a user can pin with one-byte sends. */
    static final int MAX_REGIONS = 1 << 15;

    /** Two longs a region: its address; its length in the upper and its end in the lower half. */
    private long[] ring = new long[2 * FIRST_CAPACITY];

    private int head;
    private int tail;
    /** Region that the last {@link #copy} ended in: the next one usually goes on there. */
    private int cursor;

    private int unaSeq;
    private int endSeq;

    SendQueue() {}

    /** @param firstIndex where the ring's indices start; for tests of their wrap */
    SendQueue(int firstIndex) {
        head = firstIndex;
        tail = firstIndex;
        cursor = firstIndex;
    }

    /** The first data byte will have number {@code sequence}. Only while empty. */
    void start(int sequence) {
        assert head == tail;
        unaSeq = sequence;
        endSeq = sequence;
    }

    /** Sequence number behind the last byte queued: that of the FIN. */
    int endSeq() {
        return endSeq;
    }

    /** Bytes queued, sent or not. */
    int lengthBytes() {
        return endSeq - unaSeq;
    }

    int regions() {
        return tail - head;
    }

    /** Queues {@code lengthBytes} at {@code address}; false when {@link #MAX_REGIONS} wait already. */
    boolean add(long address, int lengthBytes) {
        assert lengthBytes > 0;
        if (head != tail) {
            int last = slot(tail - 1);
            long length = ring[last + 1] >>> 32;
            if (ring[last] + length == address && length + lengthBytes <= Integer.MAX_VALUE) {
                endSeq += lengthBytes;
                ring[last + 1] = pack(length + lengthBytes, endSeq);
                return true;
            }
            if (2 * (tail - head) == ring.length && !enlarge()) {
                return false;
            }
        }
        endSeq += lengthBytes;
        int at = slot(tail++);
        ring[at] = address;
        ring[at + 1] = pack(lengthBytes, endSeq);
        return true;
    }

    private boolean enlarge() {
        int count = tail - head;
        if (count >= MAX_REGIONS) {
            return false;
        }
        long[] larger = new long[2 * ring.length];
        for (int i = 0; i < count; i++) {
            int from = slot(head + i);
            larger[2 * i] = ring[from];
            larger[2 * i + 1] = ring[from + 1];
        }
        cursor = Math.max(cursor - head, 0);
        head = 0;
        tail = count;
        ring = larger;
        return true;
    }

    /** Copies the bytes {@code from .. from + lengthBytes} to {@code toAddress}; all of them must be queued. */
    void copy(int from, long toAddress, int lengthBytes) {
        assert Seq.ge(from, unaSeq) && Seq.le(from + lengthBytes, endSeq) : from + "+" + lengthBytes;
        int index = find(from);
        int at = slot(index);
        int sequence = from;
        long to = toAddress;
        int rest = lengthBytes;
        while (true) {
            int end = (int) ring[at + 1];
            int chunk = Math.min(rest, end - sequence);
            Memory.copyDisjoint(ring[at] + (ring[at + 1] >>> 32) - (end - sequence), to, chunk);
            rest -= chunk;
            if (rest == 0) {
                break;
            }
            sequence += chunk;
            to += chunk;
            at = slot(++index);
        }
        cursor = index;
    }

    /** The region that holds byte {@code sequence}. */
    private int find(int sequence) {
        int index = cursor;
        if (index - head >= 0 && index - tail < 0 && holds(index, sequence)) {
            return index;
        }
        if (index + 1 - head >= 0 && index + 1 - tail < 0 && holds(index + 1, sequence)) {
            return index + 1;
        }
        int low = 0;
        int high = tail - head - 1; // relative to head, because both wrap
        while (low < high) {
            int middle = low + (high - low) / 2;
            if (Seq.gt((int) ring[slot(head + middle) + 1], sequence)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return head + low;
    }

    private boolean holds(int index, int sequence) {
        long word = ring[slot(index) + 1];
        int behind = (int) word - sequence;
        return behind > 0 && behind <= (int) (word >>> 32);
    }

    /** Gives up everything before {@code sequence}: acknowledged, the memory is the user's again. */
    void acknowledge(int sequence) {
        assert Seq.ge(sequence, unaSeq) && Seq.le(sequence, endSeq);
        unaSeq = sequence;
        while (head != tail && Seq.le((int) ring[slot(head) + 1], sequence)) {
            head++;
        }
        if (head == tail) {
            head = 0;
            tail = 0;
            cursor = 0;
        }
    }

    /** Forgets everything, for a dead connection. */
    void clear() {
        head = 0;
        tail = 0;
        cursor = 0;
        unaSeq = endSeq;
    }

    private int slot(int index) {
        return (2 * index) & (ring.length - 1);
    }

    private static long pack(long length, int end) {
        return (length << 32) | (end & 0xffffffffL);
    }
}
