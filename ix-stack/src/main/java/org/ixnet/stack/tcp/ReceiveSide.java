package org.ixnet.stack.tcp;

import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.util.Seq;
import org.jspecify.annotations.Nullable;

/**
 * RCV.*: the in-order queue that the user takes mbufs from, the reassembly queue ahead of it, and the window that is
 * offered (RFC 9293, 3.8.6.2.2). What the user holds counts against the window until {@code receiveDone}. Thread rule: the
 * elastic thread.
 */
final class ReceiveSide {
    /** Largest window of a SYN, as Linux offers with a large buffer: it is unscaled. */
    static final int SYN_WINDOW_MAX = 64_240;

    private static final int FIELD_MAX = 0xffff;
    /** Room for a later, larger receive buffer: Linux's {@code tcp_rmem[2]} of 6 MB gives a shift of 7. */
    private static final int BUFFER_FOR_SHIFT = 6 << 20;
    /** Reassembly queues that are kept for the next connection with a gap. */
    private static final int SPARE_QUEUES = 256;

    private final TcpLayer layer;
    private final Mempool mempool;
    private final @Nullable ReassemblyQueue[] spares = new @Nullable ReassemblyQueue[SPARE_QUEUES];
    private int spareCount;
    /** Mbufs in all reassembly queues of this thread. */
    private int reassemblyMbufs;

    ReceiveSide(TcpLayer layer) {
        this.layer = layer;
        this.mempool = layer.mempool;
    }

    /** Rcv.Wind.Shift for a buffer: the least that can say it in 16 bits, at most 14 (RFC 7323, 2.3). */
    static int windowShift(int bufferBytes) {
        int most = Math.max(bufferBytes, BUFFER_FOR_SHIFT);
        int shift = 0;
        while (shift < 14 && (long) FIELD_MAX << shift < most) {
            shift++;
        }
        return shift;
    }

    /** The window field of the next segment; it moves {@code rcvAdv} to what the peer will read from it. */
    static int windowField(Tcb tcb) {
        int shift = tcb.rcvWindShift;
        int current = Math.max(tcb.rcvAdv - tcb.rcvNxt, 0);
        int free = freeBytes(tcb);
        int offered = current;
        // MUST-39: the right edge moves only by a worthwhile step; SHLD-14: it never moves left.
        if (free - current >= Math.min(tcb.options.receiveBufferBytes / 2, tcb.rcvMss)) {
            offered = free;
        }
        // Rounded up where that overruns the buffer by no more than the scale's step; rounded down the edge only seems
        // to
        // move left (RFC 7323, 2.4), and what was offered before is still accepted.
        int field = (offered + (1 << shift) - 1) >> shift;
        if ((field << shift) > Math.max(free, 0) + (1 << shift)) {
            field = offered >> shift;
        }
        field = Math.min(field, FIELD_MAX);
        tcb.rcvAdv = Seq.max(tcb.rcvAdv, tcb.rcvNxt + (field << shift));
        return field;
    }

    /** What the buffer takes, as far as the window field can say it. */
    private static int freeBytes(Tcb tcb) {
        return Math.min(tcb.options.receiveBufferBytes - tcb.rcvHeldBytes, FIELD_MAX << tcb.rcvWindShift);
    }

    /** Whether a segment of its own should tell that the window opened: it doubled, by a worthwhile step, as in Linux. */
    static boolean windowOpened(Tcb tcb) {
        int current = tcb.rcvAdv - tcb.rcvNxt;
        int buffer = tcb.options.receiveBufferBytes;
        int free = freeBytes(tcb);
        return free >= 2 * current && free - current >= Math.min(buffer / 2, tcb.rcvMss);
    }

    /** Text at RCV.NXT: takes over the mbuf and moves RCV.NXT, but not over data that was waiting for it. */
    void append(Tcb tcb, long mbuf, int textBytes) {
        tcb.rcvNxt += textBytes;
        tcb.bytesReceived += textBytes;
        if (textBytes >= tcb.rcvMss) {
            tcb.rcvMss = textBytes;
        }
        if (tcb.inputShut) {
            layer.counters.increment(TcpCounter.DROPPED_AFTER_SHUTDOWN);
            mempool.free(mbuf);
            return;
        }
        tcb.rcvHeldBytes += textBytes;
        tcb.rcvQueuedBytes += textBytes;
        layer.raise(tcb, Tcb.EVENT_READABLE);
        if (tcb.rcvTail == 0) {
            tcb.rcvHead = mbuf;
        } else if (ReassemblyQueue.coalesce(tcb.rcvTail, mbuf)) {
            layer.counters.increment(TcpCounter.COALESCED_SEGMENTS);
            mempool.free(mbuf);
            return;
        } else {
            Mbuf.next(tcb.rcvTail, mbuf);
        }
        Mbuf.next(mbuf, 0);
        tcb.rcvTail = mbuf;
    }

    /**
     * Text ahead of RCV.NXT: takes over the mbuf. Returns the bytes added, 0 when all are known, or {@link
     * ReassemblyQueue#NO_ROOM}.
     */
    int insert(Tcb tcb, long mbuf) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue == null) {
            queue = spareCount > 0 ? spares[--spareCount] : null;
            if (queue == null) {
                queue = new ReassemblyQueue();
            }
            tcb.reassembly = queue;
        }
        if (reassemblyMbufs >= layer.config.maxReassemblyMbufs()) {
            layer.counters.increment(TcpCounter.DROPPED_REASSEMBLY_FULL);
            mempool.free(mbuf);
            giveBackIfEmpty(tcb, queue);
            return ReassemblyQueue.NO_ROOM;
        }
        int before = queue.mbufs();
        int added = queue.insert(mbuf, mempool);
        reassemblyMbufs += queue.mbufs() - before;
        if (added == ReassemblyQueue.NO_ROOM) {
            layer.counters.increment(TcpCounter.DROPPED_REASSEMBLY_FULL);
        }
        return added;
    }

    /** RCV.NXT moved: appends what waited for it. */
    void drain(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue == null) {
            return;
        }
        int before = queue.mbufs();
        long mbuf;
        while ((mbuf = queue.removeFirst(tcb.rcvNxt, mempool)) != 0) {
            append(tcb, mbuf, Mbuf.payloadLengthBytes(mbuf));
        }
        reassemblyMbufs += queue.mbufs() - before;
        giveBackIfEmpty(tcb, queue);
    }

    private void giveBackIfEmpty(Tcb tcb, ReassemblyQueue queue) {
        if (queue.isEmpty()) {
            tcb.reassembly = null;
            if (spareCount < SPARE_QUEUES) {
                spares[spareCount++] = queue;
            }
        }
    }

    /** Frees what waits for a gap. */
    void discardReassembly(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue != null) {
            reassemblyMbufs -= queue.mbufs();
            queue.clear(mempool);
            giveBackIfEmpty(tcb, queue);
        }
    }

    /** A connection with waiting segments leaves this thread, or comes to it. */
    void moveReassembly(Tcb tcb, int sign) {
        if (tcb.reassembly != null) {
            reassemblyMbufs += sign * tcb.reassembly.mbufs();
        }
    }

    /** RECEIVE: the first mbuf, or 0. */
    static long take(Tcb tcb) {
        long mbuf = tcb.rcvHead;
        if (mbuf != 0) {
            tcb.rcvHead = Mbuf.next(mbuf);
            if (tcb.rcvHead == 0) {
                tcb.rcvTail = 0;
            }
            tcb.rcvQueuedBytes -= Mbuf.payloadLengthBytes(mbuf);
            assert tcb.rcvQueuedBytes >= 0;
        }
        return mbuf;
    }

    /** Frees what the user did not take. */
    void discardQueued(Tcb tcb) {
        long mbuf;
        while ((mbuf = take(tcb)) != 0) {
            tcb.rcvHeldBytes -= Mbuf.payloadLengthBytes(mbuf);
            mempool.free(mbuf);
        }
    }

    int reassemblyMbufs() {
        return reassemblyMbufs;
    }
}
