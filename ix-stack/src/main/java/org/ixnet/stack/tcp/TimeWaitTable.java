package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.Route;
import org.ixnet.stack.timer.Timer;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.Tcp;
import org.jspecify.annotations.Nullable;

/**
 * Connections in TIME-WAIT (RFC 9293, 3.6.1) as small records in the order of their expiry, with one timer for all. A new
 * SYN may end it early (RFC 6191; RFC 1122, 4.2.2.13), a RST may not (RFC 1337). The number is bounded: the oldest goes.
 * Thread rule: the elastic thread.
 */
final class TimeWaitTable {
    private static final long ANSWER_INTERVAL_NANOS = 500_000_000L;
    /** Linux: the new ISS lies this far beyond the old SND.NXT. */
    private static final int ISS_DISTANCE = 65_537;
    /** RFC 6191: an active open may take over a 4-tuple after a second, when its timestamps have moved on. */
    private static final long ACTIVE_REUSE_NANOS = 1_000_000_000L;

    private static final int SPARES = 4_096;

    private final TcpLayer layer;
    private final ExpiryTimer timer = new ExpiryTimer(this);
    private @Nullable TimeWait head;
    private @Nullable TimeWait tail;
    private @Nullable TimeWait free;
    private int freeCount;
    private int size;

    TimeWaitTable(TcpLayer layer) {
        this.layer = layer;
    }

    private static final class ExpiryTimer extends Timer {
        private final TimeWaitTable table;

        ExpiryTimer(TimeWaitTable table) {
            this.table = table;
        }

        @Override
        protected void expire(long nowNanos) {
            table.expire(nowNanos);
        }
    }

    int size() {
        return size;
    }

    /** {@code tcb} has reached TIME-WAIT: a record takes its place in the flow table. */
    void enter(Tcb tcb, long nowNanos) {
        layer.counters.increment(TcpCounter.TIME_WAITS);
        if (layer.config.maxTimeWaits() == 0) {
            layer.takeOffWire(tcb);
        } else {
            if (size >= layer.config.maxTimeWaits() && head != null) {
                layer.counters.increment(TcpCounter.TIME_WAITS_RECYCLED);
                remove(head);
            }
            TimeWait record = take();
            record.name(tcb.localHi, tcb.localLo, tcb.localPort, tcb.remoteHi, tcb.remoteLo, tcb.remotePort);
            record.sndNxt = tcb.sndNxt;
            record.rcvNxt = tcb.rcvNxt;
            record.rcvWnd = tcb.rcvWnd();
            record.windowField = Math.min(tcb.rcvWnd() >> tcb.rcvWindShift, 0xffff);
            record.timestampsOk = tcb.timestampsOk;
            record.tsRecent = tcb.tsRecent;
            record.tsOffset = tcb.tsOffset;
            record.trafficClass = tcb.options.trafficClass;
            record.enteredNanos = nowNanos;
            record.lastAnswerNanos = nowNanos - ANSWER_INTERVAL_NANOS;
            layer.takeOffWire(tcb, record);
            append(record, nowNanos);
        }
        layer.finished(tcb);
    }

    /** RFC 9293, 3.10.7.4, for TIME-WAIT. */
    void arrives(TimeWait record, Segment segment, long nowNanos) {
        if (segment.has(Tcp.RST)) {
            layer.counters.increment(TcpCounter.DROPPED_TIME_WAIT); // RFC 1337, fix F1
            return;
        }
        boolean timestamps = record.timestampsOk && segment.options.hasTimestamps();
        int newer = timestamps ? segment.options.timestampValue() - record.tsRecent : 0;
        if ((segment.flags & (Tcp.SYN | Tcp.ACK)) == Tcp.SYN) {
            // RFC 6191, 2: a larger timestamp, or without one a larger sequence number, cannot be an old duplicate.
            if (newer > 0 || (newer == 0 && Seq.gt(segment.sequence, record.rcvNxt))) {
                reopen(record, segment, nowNanos);
                return;
            }
            answer(record, segment, nowNanos);
            return;
        }
        boolean acceptable =
                Seq.le(segment.sequence, record.rcvNxt + record.rcvWnd) && Seq.ge(segment.end(), record.rcvNxt);
        if (newer < 0 || !acceptable) {
            answer(record, segment, nowNanos);
            return;
        }
        if (segment.segLen() > 0) {
            // "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge it, and
            // restart the 2 MSL timeout."
            answer(record, segment, nowNanos);
            unlink(record);
            append(record, nowNanos);
        }
    }

    private void reopen(TimeWait record, Segment segment, long nowNanos) {
        Listener listener = layer.listeners.find(segment.localHi, segment.localLo, segment.localPort);
        Route route = listener == null || segment.has(Tcp.FIN) ? null : layer.handshake.admit(listener, segment);
        if (listener == null || route == null) {
            answer(record, segment, nowNanos); // nothing takes its place, so the record stays
            return;
        }
        int leastIss = record.sndNxt + ISS_DISTANCE;
        remove(record);
        layer.counters.increment(TcpCounter.TIME_WAITS_REUSED);
        layer.handshake.listen(listener, segment, route, leastIss == 0 ? 1 : leastIss, nowNanos);
    }

    /**
     * Whether an active open may take over the 4-tuple; then the record is gone.
     *
     * @return the least ISS of the new connection, or 0 when it may not
     */
    int giveWay(TimeWait record, long nowNanos) {
        if (!record.timestampsOk || nowNanos - record.enteredNanos < ACTIVE_REUSE_NANOS) {
            return 0;
        }
        layer.counters.increment(TcpCounter.TIME_WAITS_REUSED);
        int leastIss = record.sndNxt + ISS_DISTANCE;
        remove(record);
        return leastIss == 0 ? 1 : leastIss;
    }

    private void answer(TimeWait record, Segment segment, long nowNanos) {
        if (segment.textBytes == 0
                && !segment.has(Tcp.FIN)
                && nowNanos - record.lastAnswerNanos < ANSWER_INTERVAL_NANOS) {
            layer.counters.increment(TcpCounter.DROPPED_TIME_WAIT);
            return;
        }
        record.lastAnswerNanos = nowNanos;
        layer.output.inReply(
                segment,
                record.sndNxt,
                record.rcvNxt,
                Tcp.ACK,
                record.windowField,
                record.timestampsOk,
                layer.timestamp(record.tsOffset),
                record.tsRecent,
                record.trafficClass,
                nowNanos);
    }

    private void expire(long nowNanos) {
        TimeWait oldest;
        while ((oldest = head) != null && oldest.expiresNanos - nowNanos <= 0) {
            remove(oldest);
        }
        if (oldest != null) {
            layer.timers.arm(timer, oldest.expiresNanos);
        }
    }

    private TimeWait take() {
        TimeWait record = free;
        if (record == null) {
            return new TimeWait();
        }
        free = record.next;
        freeCount--;
        record.next = null;
        return record;
    }

    private void append(TimeWait record, long nowNanos) {
        record.expiresNanos = nowNanos + layer.config.timeWaitNanos();
        record.previous = tail;
        if (tail == null) {
            head = record;
        } else {
            tail.next = record;
        }
        tail = record;
        size++;
        if (!timer.isArmed()) {
            layer.timers.arm(timer, record.expiresNanos);
        }
    }

    private void unlink(TimeWait record) {
        if (record.previous == null) {
            head = record.next;
        } else {
            record.previous.next = record.next;
        }
        if (record.next == null) {
            tail = record.previous;
        } else {
            record.next.previous = record.previous;
        }
        record.previous = null;
        record.next = null;
        size--;
    }

    void remove(TimeWait record) {
        layer.flows.remove(record);
        unlink(record);
        if (freeCount < SPARES) {
            record.next = free;
            free = record;
            freeCount++;
        }
    }

    /** Forgets all, before the thread leaves. */
    void clear() {
        while (head != null) {
            remove(head);
        }
        layer.timers.cancel(timer);
    }
}
