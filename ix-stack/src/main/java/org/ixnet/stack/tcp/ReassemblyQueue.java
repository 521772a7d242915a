package org.ixnet.stack.tcp;

import java.util.Arrays;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.util.Seq;
import org.jspecify.annotations.Nullable;

/**
 * Segments that arrived ahead of RCV.NXT: a sorted array of blocks, each a contiguous run of sequence numbers held as an
 * intrusive list of mbufs. Finding a block is a binary search, and the number of blocks is bounded, so that a peer who sends
 * every other byte (SegmentSmack, CVE-2018-5390) costs little time and memory; what exceeds the bound is dropped, and the
 * peer sends it again. Blocks are what SACK reports (RFC 2018). Thread rule: the connection's elastic thread.
 *
 * <pre>
 *   rcvNxt      block 0             block 1
 *     |   gap   [mbuf->mbuf->mbuf]   gap   [mbuf]
 * </pre>
 */
final class ReassemblyQueue {
    static final int MAX_BLOCKS = 256;
    /** {@link #insert}: the text is not here and was dropped. */
    static final int NO_ROOM = -1;
    /** A payload up to this size moves into the free tail of the mbuf before it: small segments share an mbuf. */
    static final int COALESCE_BYTES = 512;

    /** Blocks that the next ACK reports first are remembered by one of their bytes, latest first (RFC 2018, 4). */
    private static final int RECENT = 4;

    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private long[] heads = new long[8];
    private long[] tails = new long[8];
    private int count;
    private int mbufs;
    private int bytes;
    private final int[] recent = new int[RECENT];
    private int recents;

    /** For {@link ReassemblyQueues}: whose it is, its place in the list, and since when it is the same. */
    @Nullable
    Tcb owner;

    @Nullable
    ReassemblyQueue earlier;

    @Nullable
    ReassemblyQueue later;

    long touchedNanos;

    ReassemblyQueue() {}

    boolean isEmpty() {
        return count == 0;
    }

    int blocks() {
        return count;
    }

    int start(int index) {
        return starts[index];
    }

    int end(int index) {
        return ends[index];
    }

    /** Mbufs held. */
    int mbufs() {
        return mbufs;
    }

    int lengthBytes() {
        return bytes;
    }

    /**
     * Takes over {@code mbuf}, whose payload starts at {@code Mbuf.sequence}; bytes that are here already are trimmed from it,
     * or it replaces what it covers whole. Returns the payload bytes added; when it was freed 0, all known,
     * or {@link #NO_ROOM}.
     */
    int insert(long mbuf, Mempool mempool) {
        int start = Mbuf.sequence(mbuf);
        int end = start + Mbuf.payloadLengthBytes(mbuf);
        assert Seq.lt(start, end);
        int index = firstEndingAfter(start);
        if (index < count && Seq.le(starts[index], start)) {
            // The front overlaps block index.
            start = ends[index];
            if (Seq.le(end, start)) {
                remember(start - 1);
                mempool.free(mbuf);
                return 0;
            }
            trimFront(mbuf, start - Mbuf.sequence(mbuf));
            index++;
        }
        int added = end - start;
        int covered = index;
        while (covered < count && Seq.ge(end, ends[covered])) {
            added -= ends[covered] - starts[covered];
            covered++;
        }
        if (covered < count && Seq.gt(end, starts[covered])) {
            added -= end - starts[covered];
            end = starts[covered];
            Mbuf.payloadLengthBytes(mbuf, end - start);
        }
        for (int i = index; i < covered; i++) {
            freeBlock(i, mempool);
        }
        removeBlocks(index, covered);
        if (!link(index, mbuf, start, end, mempool)) {
            mempool.free(mbuf);
            return NO_ROOM;
        }
        bytes += end - start;
        remember(end - 1);
        assert check();
        return Math.max(added, 0);
    }

    /** Joins start..end to its neighbours, or opens a block at {@code index}; false without room for one. */
    private boolean link(int index, long mbuf, int start, int end, Mempool mempool) {
        boolean joinsBefore = index > 0 && ends[index - 1] == start;
        boolean joinsAfter = index < count && starts[index] == end;
        if (joinsBefore) {
            int before = index - 1;
            if (coalesce(tails[before], mbuf)) {
                mempool.free(mbuf);
            } else {
                Mbuf.next(mbuf, 0);
                Mbuf.next(tails[before], mbuf);
                tails[before] = mbuf;
                mbufs++;
            }
            ends[before] = end;
            if (joinsAfter) {
                Mbuf.next(tails[before], heads[index]);
                tails[before] = tails[index];
                ends[before] = ends[index];
                removeBlocks(index, index + 1);
            }
            return true;
        }
        if (joinsAfter) {
            Mbuf.next(mbuf, heads[index]);
            heads[index] = mbuf;
            starts[index] = start;
            mbufs++;
            return true;
        }
        if (count == MAX_BLOCKS) {
            return false;
        }
        insertBlock(index);
        Mbuf.next(mbuf, 0);
        starts[index] = start;
        ends[index] = end;
        heads[index] = mbuf;
        tails[index] = mbuf;
        mbufs++;
        return true;
    }

    /** Copies the payload of {@code mbuf} behind that of {@code tail} when it is small and fits; the caller then frees it. */
    static boolean coalesce(long tail, long mbuf) {
        return Mbuf.payloadLengthBytes(mbuf) <= COALESCE_BYTES && join(tail, mbuf);
    }

    /** Copies the payload of {@code mbuf} behind that of {@code tail} when it fits; the caller then frees it. */
    static boolean join(long tail, long mbuf) {
        int length = Mbuf.payloadLengthBytes(mbuf);
        int tailLength = Mbuf.payloadLengthBytes(tail);
        long to = Mbuf.payloadAddress(tail) + tailLength;
        if (to + length > Mbuf.bufferAddress(tail) + Mbuf.bufferLengthBytes(tail)) {
            return false;
        }
        Memory.copy(Mbuf.payloadAddress(mbuf), to, length);
        Mbuf.payloadLengthBytes(tail, tailLength + length);
        return true;
    }

    /** Moves text together until no two neighbours of a block fit one mbuf. */
    void collapse(Mempool mempool) {
        for (int i = 0; i < count; i++) {
            long at = heads[i];
            while (at != tails[i]) {
                long next = Mbuf.next(at);
                if (!join(at, next)) {
                    at = next;
                    continue;
                }
                Mbuf.next(at, Mbuf.next(next));
                if (next == tails[i]) {
                    tails[i] = at;
                }
                mempool.free(next);
                mbufs--;
            }
        }
        assert check();
    }

    /** Cuts {@code bytes} off the front of the payload. */
    static void trimFront(long mbuf, int bytes) {
        assert bytes >= 0 && bytes <= Mbuf.payloadLengthBytes(mbuf);
        Mbuf.payloadAddress(mbuf, Mbuf.payloadAddress(mbuf) + bytes);
        Mbuf.payloadLengthBytes(mbuf, Mbuf.payloadLengthBytes(mbuf) - bytes);
        Mbuf.sequence(mbuf, Mbuf.sequence(mbuf) + bytes);
    }

    /** RCV.NXT reached the first block: its first mbuf, now the caller's, or 0 when a gap remains. */
    long removeFirst(int rcvNxt, Mempool mempool) {
        while (count > 0 && Seq.le(starts[0], rcvNxt)) {
            long mbuf = heads[0];
            int length = Mbuf.payloadLengthBytes(mbuf);
            mbufs--;
            bytes -= length;
            starts[0] += length;
            if (mbuf == tails[0]) {
                assert starts[0] == ends[0];
                removeBlocks(0, 1);
            } else {
                heads[0] = Mbuf.next(mbuf);
            }
            if (Seq.gt(Mbuf.sequence(mbuf) + length, rcvNxt)) {
                trimFront(mbuf, rcvNxt - Mbuf.sequence(mbuf));
                return mbuf;
            }
            mempool.free(mbuf);
        }
        if (count == 0) {
            recents = 0;
        }
        return 0;
    }

    void clear(Mempool mempool) {
        for (int i = 0; i < count; i++) {
            freeBlock(i, mempool);
        }
        count = 0;
        recents = 0;
        assert mbufs == 0 && bytes == 0 : mbufs + " mbufs, " + bytes + " bytes";
    }

    /**
     * The block to report in place {@code rank} of a SACK option: the one with the latest segment first, then those before it
     * (RFC 2018, 4). Returns its index, or -1.
     */
    int reported(int rank) {
        int seen = 0;
        for (int i = 0; i < recents; i++) {
            int block = firstEndingAfter(recent[i]);
            if (block >= count || Seq.gt(starts[block], recent[i]) || reportedBefore(i, block)) {
                continue;
            }
            if (seen++ == rank) {
                return block;
            }
        }
        return -1;
    }

    private boolean reportedBefore(int index, int block) {
        for (int i = 0; i < index; i++) {
            if (Seq.ge(recent[i], starts[block]) && Seq.lt(recent[i], ends[block])) {
                return true;
            }
        }
        return false;
    }

    private void remember(int sequence) {
        int block = firstEndingAfter(sequence);
        int at = 0;
        while (at < recents && !(Seq.ge(recent[at], starts[block]) && Seq.lt(recent[at], ends[block]))) {
            at++;
        }
        if (at == recents) {
            if (recents < RECENT) {
                recents++;
            } else {
                at = RECENT - 1;
            }
        }
        System.arraycopy(recent, 0, recent, 1, at);
        recent[0] = sequence;
    }

    /** The first block with a byte above {@code sequence}, or at it. */
    private int firstEndingAfter(int sequence) {
        int low = 0;
        int high = count;
        if (high > 0 && Seq.le(ends[high - 1], sequence)) {
            return high; // the usual case: behind everything
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Seq.le(ends[middle], sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void freeBlock(int index, Mempool mempool) {
        long mbuf = heads[index];
        long last = tails[index];
        while (true) {
            long next = Mbuf.next(mbuf);
            bytes -= Mbuf.payloadLengthBytes(mbuf);
            mbufs--;
            mempool.free(mbuf);
            if (mbuf == last) {
                return;
            }
            mbuf = next;
        }
    }

    private void insertBlock(int index) {
        if (count == starts.length) {
            int larger = 2 * count;
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
            heads = Arrays.copyOf(heads, larger);
            tails = Arrays.copyOf(tails, larger);
        }
        int moved = count - index;
        System.arraycopy(starts, index, starts, index + 1, moved);
        System.arraycopy(ends, index, ends, index + 1, moved);
        System.arraycopy(heads, index, heads, index + 1, moved);
        System.arraycopy(tails, index, tails, index + 1, moved);
        count++;
    }

    private void removeBlocks(int from, int to) {
        if (from == to) {
            return;
        }
        int moved = count - to;
        System.arraycopy(starts, to, starts, from, moved);
        System.arraycopy(ends, to, ends, from, moved);
        System.arraycopy(heads, to, heads, from, moved);
        System.arraycopy(tails, to, tails, from, moved);
        count -= to - from;
    }

    private boolean check() {
        for (int i = 0; i < count; i++) {
            assert Seq.lt(starts[i], ends[i]);
            assert i == 0 || Seq.lt(ends[i - 1], starts[i]);
            assert Mbuf.sequence(heads[i]) == starts[i];
        }
        return true;
    }
}
