package org.ixnet.stack.tcp;

import org.ixnet.stack.util.Seq;

/**
 * What the peer reported to hold above SND.UNA (RFC 6675, 3): a sorted list of disjoint ranges, bounded, so that crafted
 * SACKs cost neither memory nor time (CVE-2019-11477 and its kin). Ranges beyond the bound are not noted, which at worst
 * retransmits data. Thread rule: the connection's elastic thread.
 */
final class SackScoreboard {
    static final int MAX_RANGES = 128;
    /** DupThresh (RFC 6675, 2). */
    static final int DUP_THRESH = 3;

    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private int count;
    private int sackedBytes;

    SackScoreboard() {}

    void clear() {
        count = 0;
        sackedBytes = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int ranges() {
        return count;
    }

    int start(int index) {
        return starts[index];
    }

    int end(int index) {
        return ends[index];
    }

    int sackedBytes() {
        return sackedBytes;
    }

    /** Notes start..end, which lies within SND.UNA..SND.NXT. Returns bytes that were not known before. */
    int add(int start, int end) {
        assert Seq.lt(start, end);
        int first = firstEndingAtOrAfter(start);
        int last = first;
        int from = start;
        int to = end;
        int known = 0;
        while (last < count && Seq.le(starts[last], end)) {
            from = Seq.min(from, starts[last]);
            to = Seq.max(to, ends[last]);
            known += ends[last] - starts[last];
            last++;
        }
        if (last == first) {
            if (count == MAX_RANGES) {
                return 0;
            }
            insertAt(first);
        } else if (last - first > 1) {
            removeRange(first + 1, last);
        }
        starts[first] = from;
        ends[first] = to;
        int added = to - from - known;
        sackedBytes += added;
        assert check();
        return added;
    }

    /** SND.UNA moved up to {@code una}: ranges below it go. Returns the bytes of them that had been noted. */
    int advance(int una) {
        int gone = 0;
        int before = sackedBytes;
        while (gone < count && Seq.le(ends[gone], una)) {
            sackedBytes -= ends[gone] - starts[gone];
            gone++;
        }
        if (gone > 0) {
            removeRange(0, gone);
        }
        if (count > 0 && Seq.lt(starts[0], una)) {
            sackedBytes -= una - starts[0];
            starts[0] = una;
        }
        assert check();
        return before - sackedBytes;
    }

    /**
     * The sequence number below which every byte that is not noted counts as lost: IsLost() of RFC 6675, 4, which holds for a
     * byte when DupThresh ranges, or more than (DupThresh - 1) * SMSS bytes, lie above it. {@code una} when nothing is lost.
     */
    int lostEdge(int una, int mssBytes) {
        int bytes = 0;
        for (int i = count - 1; i >= 0; i--) {
            bytes += ends[i] - starts[i];
            if (count - i >= DUP_THRESH || bytes > (DUP_THRESH - 1) * mssBytes) {
                return starts[i];
            }
        }
        return una;
    }

    /** Bytes of from..to that are not noted. */
    int holesBytes(int from, int to) {
        if (Seq.ge(from, to)) {
            return 0;
        }
        int bytes = to - from;
        for (int i = 0; i < count && Seq.lt(starts[i], to); i++) {
            int overlap = Seq.min(ends[i], to) - Seq.max(starts[i], from);
            if (overlap > 0) {
                bytes -= overlap;
            }
        }
        return bytes;
    }

    /** The first byte at or above {@code sequence} that is not noted. */
    int nextHole(int sequence) {
        int i = firstEndingAtOrAfter(sequence + 1);
        return i < count && Seq.le(starts[i], sequence) ? ends[i] : sequence;
    }

    /** Where the hole that starts at {@code sequence} ends: the next noted byte, or {@code limit}. */
    int holeEnd(int sequence, int limit) {
        int i = firstEndingAtOrAfter(sequence + 1);
        return i < count ? Seq.min(starts[i], limit) : limit;
    }

    private int firstEndingAtOrAfter(int sequence) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Seq.lt(ends[middle], sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void insertAt(int index) {
        if (count == starts.length) {
            starts = java.util.Arrays.copyOf(starts, 2 * count);
            ends = java.util.Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(starts, index, starts, index + 1, count - index);
        System.arraycopy(ends, index, ends, index + 1, count - index);
        count++;
    }

    private void removeRange(int from, int to) {
        System.arraycopy(starts, to, starts, from, count - to);
        System.arraycopy(ends, to, ends, from, count - to);
        count -= to - from;
    }

    private boolean check() {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            assert Seq.lt(starts[i], ends[i]);
            assert i == 0 || Seq.lt(ends[i - 1], starts[i]);
            sum += ends[i] - starts[i];
        }
        assert sum == sackedBytes : sum + " != " + sackedBytes;
        return true;
    }
}
