package org.ixnet.stack.tcp;

import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.util.Seq;

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
    /** A connection may use this share of the mbufs that are left for gaps: 1/4. */
    private static final int WAITING_SHARE_SHIFT = 2;
    /** Segments of the thread between two looks at the pool. */
    private static final int SAMPLE_SEGMENTS = 64;
    /** A queue is collapsed again when it has grown by this, so that its cost is shared by many segments. */
    private static final int COLLAPSE_MBUFS = 16;

    private final TcpLayer layer;
    private final Mempool mempool;
    final ReceiveBudget budget;
    private final ReassemblyQueues queues;
    private final int maxReassemblyMbufs;
    private long sampledAtSegments;
    /** Mbufs in all reassembly queues of this thread. */
    private int reassemblyMbufs;

    ReceiveSide(TcpLayer layer) {
        this.layer = layer;
        this.mempool = layer.mempool;
        this.budget = new ReceiveBudget(mempool);
        this.queues = new ReassemblyQueues(layer);
        this.maxReassemblyMbufs =
                Math.min(layer.config.maxReassemblyMbufs(), mempool.store().capacityMbufs() / 2);
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
        // Rounded up where that overruns the buffer by no more than the scale's step, in all: "free" is negative where
        // it is overrun already. Rounded down the edge only seems to move left (RFC 7323, 2.4), and what was offered
        // before is still accepted.
        int field = (offered + (1 << shift) - 1) >> shift;
        if ((field << shift) > free + (1 << shift)) {
            field = offered >> shift;
        }
        field = Math.min(field, FIELD_MAX);
        tcb.rcvAdv = Seq.max(tcb.rcvAdv, tcb.rcvNxt + (field << shift));
        return field;
    }

    /** What the buffer takes and the pool has for it, as far as the window field can say it. */
    private static int freeBytes(Tcb tcb) {
        int buffer = Math.min(tcb.options.receiveBufferBytes - tcb.rcvHeldBytes, FIELD_MAX << tcb.rcvWindShift);
        return Math.min(buffer, tcb.layer.receive.budget.windowBytes(tcb.rcvMbufs));
    }

    // ------------------------------------------------------- the connection's share of the pool

    /** Now and then, in the output step: how full the pool is; when mbufs are scarce some are collected. */
    void watchPool() {
        long segments = layer.counters.get(TcpCounter.SEGMENTS_RECEIVED);
        if (segments - sampledAtSegments >= SAMPLE_SEGMENTS) {
            sampledAtSegments = segments;
            budget.sample();
            if (budget.isLow()) {
                queues.collect();
                budget.sample();
            }
        }
    }

    boolean hasRoom(Tcb tcb) {
        return heldMbufs(tcb) < budget.limitMbufs;
    }

    private static int heldMbufs(Tcb tcb) {
        return tcb.rcvMbufs + (tcb.reassembly == null ? 0 : tcb.reassembly.mbufs());
    }

    /**
     * Whether text of {@code tcb} may be kept; the long way, for when {@link #hasRoom} may say no. Text in order comes before
     * what waits for a gap, which the peer still has.
     */
    boolean makeRoom(Tcb tcb, boolean inOrder) {
        if (hasRoom(tcb)) {
            return true;
        }
        budget.sample();
        while (budget.isExhausted() && queues.discardOldest()) {
            budget.sample();
        }
        if (hasRoom(tcb) || collapse(tcb)) {
            return true;
        }
        if (inOrder && tcb.reassembly != null) {
            layer.counters.increment(TcpCounter.REASSEMBLY_DISCARDED);
            discardReassembly(tcb);
            budget.sample();
        }
        return hasRoom(tcb);
    }

    /** Moves small pieces of text into fewer mbufs, as Linux's tcp_collapse. Whether {@code tcb} has room then. */
    boolean collapse(Tcb tcb) {
        int before = heldMbufs(tcb);
        if (before < tcb.rcvCollapseAtMbufs && 2 * before >= tcb.rcvCollapseAtMbufs) {
            return hasRoom(tcb); // it was done, and little has come since
        }
        long at = tcb.rcvHead;
        while (at != tcb.rcvTail) {
            long next = Mbuf.next(at);
            if (ReassemblyQueue.join(at, next)) {
                Mbuf.next(at, Mbuf.next(next));
                if (next == tcb.rcvTail) {
                    tcb.rcvTail = at;
                }
                mempool.free(next);
                tcb.rcvMbufs--;
            } else {
                at = next;
            }
        }
        ReassemblyQueue queue = tcb.reassembly;
        if (queue != null) {
            int waiting = queue.mbufs();
            queue.collapse(mempool);
            reassemblyMbufs += queue.mbufs() - waiting;
        }
        int after = heldMbufs(tcb);
        tcb.rcvCollapseAtMbufs = after + Math.max(after / 4, COLLAPSE_MBUFS);
        layer.counters.add(TcpCounter.COLLAPSED_MBUFS, before - after);
        budget.sample();
        return hasRoom(tcb);
    }

    // ------------------------------------------------------- text

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
        tcb.sparse = tcb.lastReceivedNanos - tcb.lastDataReceivedNanos > layer.config.delayedAckNanos();
        tcb.lastDataReceivedNanos = tcb.lastReceivedNanos;
        if (textBytes >= tcb.rcvMss) {
            tcb.rcvMss = textBytes;
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
        tcb.rcvMbufs++;
    }

    /** Whether {@code tcb} may have more that waits for a gap: up to a quarter of what the thread has left for that. */
    private boolean mayWait(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue == null) {
            return reassemblyMbufs < maxReassemblyMbufs;
        }
        if (queue.mbufs() >= waitingLimit()) {
            collapse(tcb);
            if (queue.mbufs() >= waitingLimit()) {
                queues.discardOldestAbove(queue.mbufs());
            }
        }
        return queue.mbufs() < waitingLimit();
    }

    private int waitingLimit() {
        return (maxReassemblyMbufs - reassemblyMbufs) >> WAITING_SHARE_SHIFT;
    }

    /**
     * Text ahead of RCV.NXT: takes over the mbuf. Returns the bytes added, 0 when all are known, or {@link
     * ReassemblyQueue#NO_ROOM}.
     */
    int insert(Tcb tcb, long mbuf) {
        if (!mayWait(tcb) || !makeRoom(tcb, false)) {
            layer.counters.increment(TcpCounter.DROPPED_REASSEMBLY_FULL);
            mempool.free(mbuf);
            return ReassemblyQueue.NO_ROOM;
        }
        ReassemblyQueue queue = tcb.reassembly;
        if (queue == null) {
            queue = queues.take(tcb);
        }
        int before = queue.mbufs();
        int added = queue.insert(mbuf, mempool);
        reassemblyMbufs += queue.mbufs() - before;
        if (added == ReassemblyQueue.NO_ROOM) {
            layer.counters.increment(TcpCounter.DROPPED_REASSEMBLY_FULL);
        } else if (added > 0) {
            queues.touch(queue);
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
        if (queue.isEmpty()) {
            queues.give(tcb, queue);
        } else {
            queues.touch(queue);
        }
    }

    /** Frees what waits for a gap. */
    void discardReassembly(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue != null) {
            reassemblyMbufs -= queue.mbufs();
            queue.clear(mempool);
            queues.give(tcb, queue);
        }
    }

    /** A connection leaves this thread, perhaps with waiting segments. */
    void released(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue != null) {
            reassemblyMbufs -= queue.mbufs();
            queues.unlink(queue);
        }
    }

    /** A connection has come to this thread. */
    void adopted(Tcb tcb) {
        ReassemblyQueue queue = tcb.reassembly;
        if (queue != null) {
            reassemblyMbufs += queue.mbufs();
            queues.append(queue);
        }
    }

    /** Before the thread leaves; nothing waits any more. */
    void stop() {
        queues.stop();
    }

    /** RECEIVE: the first mbuf, or 0. */
    static long take(Tcb tcb) {
        long mbuf = tcb.rcvHead;
        if (mbuf != 0) {
            tcb.rcvHead = Mbuf.next(mbuf);
            if (tcb.rcvHead == 0) {
                tcb.rcvTail = 0;
            }
            tcb.rcvMbufs--;
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
