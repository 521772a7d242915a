package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.tcp.Tcb.Recovery;
import org.ixnet.stack.tcp.TcpState.Event;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.TcpOptions;

/**
 * SEGMENT ARRIVES (RFC 9293, 3.10.7), for connections with a {@link Tcb}: header prediction on one page, then the checks of
 * 3.10.7.4 in the RFC's order, with RFC 5961's and RFC 7323's. Thread rule: the elastic thread.
 */
final class SegmentArrives {
    /** At most one answer in this time to segments that are not acceptable: ends ACK loops (RFC 5961, 10; as Linux). */
    private static final long CHALLENGE_INTERVAL_NANOS = 500_000_000L;
    /** RFC 7323, 5.5: after 24 days TS.Recent may have wrapped. */
    private static final long TS_RECENT_VALID_NANOS = 24L * 86_400 * 1_000_000_000L;

    private final TcpLayer layer;
    private final IpLayer ip;

    SegmentArrives(TcpLayer layer) {
        this.layer = layer;
        this.ip = layer.ip;
    }

    void arrives(Tcb tcb, Segment segment, long nowNanos) {
        assert tcb.checkInvariants();
        tcb.segmentsIn++;
        if (!predicted(tcb, segment, nowNanos)) {
            if (tcb.state == TcpState.SYN_SENT) {
                layer.handshake.synSent(tcb, segment, nowNanos);
            } else {
                checked(tcb, segment, nowNanos);
            }
        }
        assert tcb.checkInvariants();
    }

    // ------------------------------------------------------- header prediction

    /**
     * The fast path: an established connection, the next text in order or an ACK of new data or both, nothing lost, nothing
     * out of order, no probe running. Everything else takes the long way, which comes to the same results.
     */
    private boolean predicted(Tcb tcb, Segment segment, long nowNanos) {
        int length = segment.textBytes;
        int acked = segment.acknowledgment - tcb.sndUna;
        if (tcb.state != TcpState.ESTABLISHED
                || (segment.flags & ~Tcp.PSH) != Tcp.ACK
                || segment.sequence != tcb.rcvNxt
                || acked < 0
                || acked > tcb.sndNxt - tcb.sndUna
                || (acked | length) == 0
                || length > tcb.rcvWnd()
                || tcb.rcvMbufs >= layer.receive.budget.limitMbufs
                || segment.windowField == 0
                || Seq.gt(tcb.sndWl1, segment.sequence)
                || tcb.recovery != Recovery.OPEN
                || tcb.dupAcks != 0
                || (tcb.scoreboard != null && !tcb.scoreboard.isEmpty())
                || tcb.reassembly != null
                || tcb.finSeen
                || tcb.closedByUser
                || tcb.persisting
                || segment.options.sackBlocks() != 0) {
            return false;
        }
        if (tcb.timestampsOk) {
            TcpOptions options = segment.options;
            if (!options.hasTimestamps() || options.timestampValue() - tcb.tsRecent < 0) {
                return false;
            }
            if (Seq.le(segment.sequence, tcb.lastAckSent)) {
                tcb.tsRecent = options.timestampValue();
                tcb.tsRecentAtNanos = nowNanos;
            }
        }
        layer.counters.increment(TcpCounter.PREDICTED);
        heardFrom(tcb, nowNanos);
        updateWindow(tcb, segment);
        if (acked > 0) {
            advanceUna(tcb, segment, nowNanos);
            layer.recovery.onAck(tcb, acked, acked, false, nowNanos);
        }
        if (length > 0) {
            take(segment);
            layer.receive.append(tcb, segment.mbuf, length);
            oweAck(tcb);
        }
        return true;
    }

    /** The peer is there: whatever probe has no answer yet, it has one. */
    private static void heardFrom(Tcb tcb, long nowNanos) {
        tcb.lastReceivedNanos = nowNanos;
        tcb.keepAliveProbes = 0;
    }

    // ------------------------------------------------------- 3.10.7.4

    private void checked(Tcb tcb, Segment segment, long nowNanos) {
        if (isSimultaneousSynAck(tcb, segment)) {
            segment.trimFrontTo(segment.sequence + 1);
            int shift = tcb.sndWindShift;
            tcb.sndWindShift = 0; // the window of a SYN is not scaled (RFC 7323, 2.2)
            checkedInOrder(tcb, segment, nowNanos);
            tcb.sndWindShift = shift;
        } else {
            checkedInOrder(tcb, segment, nowNanos);
        }
    }

    private void checkedInOrder(Tcb tcb, Segment segment, long nowNanos) {
        if (!firstSequence(tcb, segment, nowNanos)) {
            return;
        }
        if (segment.has(Tcp.RST)) {
            secondReset(tcb, segment, nowNanos);
            return;
        }
        if (segment.has(Tcp.SYN)) {
            // Fourth; RFC 5961, 4.2: whatever its sequence number, challenge it.
            layer.counters.increment(TcpCounter.DROPPED_SYN);
            challenge(tcb, nowNanos);
            return;
        }
        if (!segment.has(Tcp.ACK)) {
            layer.counters.increment(TcpCounter.DROPPED_NO_ACK);
            return;
        }
        heardFrom(tcb, nowNanos);
        if (!fifthAck(tcb, segment, nowNanos) || tcb.dead) {
            return;
        }
        // Sixth: urgent data is delivered in line (SO_OOBINLINE), so the urgent pointer needs no check.
        textAndFin(tcb, segment, nowNanos);
    }

    /** Seventh and eighth. */
    void textAndFin(Tcb tcb, Segment segment, long nowNanos) {
        if (seventhText(tcb, segment, nowNanos)) {
            eighthFin(tcb, nowNanos);
        }
    }

    /** Figure 7: both sides opened; in SYN-RECEIVED the peer's SYN comes again, with the ACK of ours. */
    private static boolean isSimultaneousSynAck(Tcb tcb, Segment segment) {
        return tcb.state == TcpState.SYN_RECEIVED
                && (segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) == (Tcp.SYN | Tcp.ACK)
                && segment.sequence == tcb.irs
                && segment.acknowledgment == tcb.sndNxt;
    }

    /** First, check the sequence number; before it PAWS (RFC 7323, 5.3, R1). */
    private boolean firstSequence(Tcb tcb, Segment segment, long nowNanos) {
        TcpOptions options = segment.options;
        boolean timestamps = tcb.timestampsOk && options.hasTimestamps();
        if (timestamps
                && !segment.has(Tcp.RST)
                && options.timestampValue() - tcb.tsRecent < 0
                && nowNanos - tcb.tsRecentAtNanos < TS_RECENT_VALID_NANOS) {
            layer.counters.increment(TcpCounter.DROPPED_PAWS);
            refuse(tcb, segment, nowNanos);
            return false;
        }
        // As Linux: a segment that only touches the window from either side still tells its ACK; its text is trimmed
        // later.
        if (Seq.gt(segment.sequence, tcb.rcvAdv) || Seq.lt(segment.end(), tcb.rcvNxt)) {
            layer.counters.increment(TcpCounter.DROPPED_UNACCEPTABLE);
            if (segment.has(Tcp.SYN)) {
                challenge(tcb, nowNanos);
            } else if (!segment.has(Tcp.RST)) {
                refuse(tcb, segment, nowNanos);
            }
            return false;
        }
        return true;
    }

    /** RFC 7323, 4.3 and 5.3, R3; as Linux only once the ACK is believed, so that nobody sets TS.Recent blindly. */
    private static void rememberTimestamp(Tcb tcb, Segment segment, long nowNanos) {
        TcpOptions options = segment.options;
        if (tcb.timestampsOk
                && options.hasTimestamps()
                && Seq.le(segment.sequence, tcb.lastAckSent)
                && (options.timestampValue() - tcb.tsRecent >= 0
                        || nowNanos - tcb.tsRecentAtNanos >= TS_RECENT_VALID_NANOS)) {
            tcb.tsRecent = options.timestampValue();
            tcb.tsRecentAtNanos = nowNanos;
        }
    }

    /** An unacceptable segment is answered by an ACK, one without text at most every 500 ms. */
    private void refuse(Tcb tcb, Segment segment, long nowNanos) {
        if (segment.textBytes > 0 && Seq.lt(segment.sequence, tcb.rcvNxt)) {
            reportDuplicate(tcb, segment.sequence, Seq.min(segment.sequence + segment.textBytes, tcb.rcvNxt));
        }
        if (segment.segLen() > 0) {
            tcb.ackNow = true;
            layer.markPending(tcb);
        } else {
            challenge(tcb, nowNanos);
        }
    }

    /** RFC 5961: an ACK that makes a real peer prove itself, limited for each connection (never globally: CVE-2016-5696). */
    private void challenge(Tcb tcb, long nowNanos) {
        if (nowNanos - tcb.lastChallengeNanos < CHALLENGE_INTERVAL_NANOS) {
            return;
        }
        tcb.lastChallengeNanos = nowNanos;
        layer.counters.increment(TcpCounter.CHALLENGE_ACKS);
        layer.output.sendAck(tcb, nowNanos);
    }

    /** Second, check the RST bit (RFC 5961, 3.2). */
    private void secondReset(Tcb tcb, Segment segment, long nowNanos) {
        if (segment.sequence != tcb.rcvNxt) {
            layer.counters.increment(TcpCounter.DROPPED_RESET);
            challenge(tcb, nowNanos);
            return;
        }
        layer.counters.increment(TcpCounter.RESETS_RECEIVED);
        switch (tcb.state) {
            case SYN_RECEIVED -> layer.die(tcb, DeathReason.REFUSED);
            case CLOSING, LAST_ACK -> layer.die(tcb, DeathReason.CLOSED);
            default -> layer.die(tcb, DeathReason.RESET_BY_PEER);
        }
    }

    /** Fifth, check the ACK field. False: drop the segment. */
    private boolean fifthAck(Tcb tcb, Segment segment, long nowNanos) {
        int ack = segment.acknowledgment;
        if (tcb.state == TcpState.SYN_RECEIVED) {
            if (Seq.le(ack, tcb.sndUna) || Seq.gt(ack, tcb.sndNxt)) {
                layer.counters.increment(TcpCounter.DROPPED_BAD_ACK);
                layer.output.resetInReply(segment, nowNanos);
                return false;
            }
            tcb.state = tcb.state.after(Event.RCV_ACK_OF_SYN);
            layer.handshake.established(tcb, segment, nowNanos);
        }
        // RFC 5961, 5.2: MAX.SND.WND bounds how old an ACK may be.
        if (Seq.gt(ack, tcb.sndNxt) || Seq.lt(ack, tcb.sndUna - tcb.maxSndWnd)) {
            layer.counters.increment(TcpCounter.DROPPED_BAD_ACK);
            challenge(tcb, nowNanos);
            return false;
        }
        if (Seq.ge(ack, tcb.sndUna)) {
            rememberTimestamp(tcb, segment, nowNanos);
            newAck(tcb, segment, nowNanos);
        }
        return true;
    }

    private void newAck(Tcb tcb, Segment segment, long nowNanos) {
        int acked = segment.acknowledgment - tcb.sndUna;
        boolean outstanding = tcb.sndNxt != tcb.sndUna;
        int before = tcb.sndWnd;
        if (Seq.lt(tcb.sndWl1, segment.sequence)
                || (tcb.sndWl1 == segment.sequence && Seq.le(tcb.sndWl2, segment.acknowledgment))) {
            updateWindow(tcb, segment);
        }
        int known = acked > 0 && tcb.scoreboard != null && !tcb.scoreboard.isEmpty()
                ? tcb.scoreboard.advance(segment.acknowledgment)
                : 0;
        if (acked > 0) {
            advanceUna(tcb, segment, nowNanos);
        }
        int sacked = tcb.sackOk && segment.options.sackBlocks() > 0 ? noteSacks(tcb, segment) : 0;
        boolean duplicate = acked == 0
                && outstanding
                && (tcb.sackOk ? sacked > 0 : segment.segLen() == 0 && tcb.sndWnd == before && tcb.sndWnd > 0);
        if (duplicate) {
            layer.counters.increment(TcpCounter.DUPLICATE_ACKS);
        }
        if (acked > 0 || duplicate) {
            int delivered = acked - known + (tcb.sackOk ? sacked : duplicate ? tcb.window.mssBytes : 0);
            layer.recovery.onAck(tcb, acked, delivered, duplicate, nowNanos);
            layer.markPending(tcb);
        }
        if (tcb.persisting) {
            answeredProbe(tcb);
        } else if (tcb.sndWnd > before) {
            layer.markPending(tcb);
        }
        if (acked > 0 && tcb.finSent() && segment.acknowledgment == tcb.ownFinSeq() + 1) {
            ownFinAcked(tcb, nowNanos);
        }
    }

    /** RFC 9293, 3.8.6.1: as long as the peer answers probes the connection stays, however long the window is closed. */
    private void answeredProbe(Tcb tcb) {
        tcb.probes = 0;
        if (tcb.sndWnd > 0) {
            tcb.persisting = false;
            tcb.retransmitDeadline = Tcb.NEVER;
            tcb.rtt.acknowledged();
            layer.markPending(tcb);
        }
    }

    private static void updateWindow(Tcb tcb, Segment segment) {
        tcb.sndWnd = segment.windowField << tcb.sndWindShift;
        tcb.sndWl1 = segment.sequence;
        tcb.sndWl2 = segment.acknowledgment;
        if (tcb.sndWnd > tcb.maxSndWnd) {
            tcb.maxSndWnd = tcb.sndWnd;
        }
    }

    /** SND.UNA moves up: memory goes back to the user, a round trip may be measured, the timer starts again. */
    void advanceUna(Tcb tcb, Segment segment, long nowNanos) {
        int ack = segment.acknowledgment;
        SendQueue queue = tcb.sendQueue;
        int before = queue.lengthBytes();
        queue.acknowledge(Seq.min(ack, queue.endSeq()));
        int bytes = before - queue.lengthBytes();
        tcb.sndUna = ack;
        tcb.retransmits = 0;
        tcb.unackedSinceNanos = nowNanos;
        measure(tcb, segment, nowNanos);
        if (bytes > 0) {
            tcb.bytesAcked += bytes;
            tcb.ackedUnreported += bytes;
            layer.raise(tcb, Tcb.EVENT_SENT);
        }
        if (tcb.sndNxt == ack) {
            tcb.retransmitDeadline = Tcb.NEVER; // RFC 6298, (5.2)
            tcb.persisting = false;
            if (tcb.sparse) {
                layer.timeouts.rest(tcb);
            }
        } else {
            layer.timeouts.armRetransmit(tcb, nowNanos); // (5.3)
        }
        if (Seq.lt(tcb.sndNxt, queue.endSeq()) || (tcb.finQueued && tcb.sndNxt == queue.endSeq())) {
            layer.markPending(tcb);
        }
        ip.confirm(tcb.route, nowNanos);
    }

    private void measure(Tcb tcb, Segment segment, long nowNanos) {
        if (tcb.timing) {
            if (Seq.ge(segment.acknowledgment, tcb.timedSeq)) {
                tcb.timing = false;
                tcb.rtt.sample(nowNanos - tcb.timedAtNanos, layer.config.minRtoNanos());
            }
        } else if (tcb.timestampsOk && segment.options.hasTimestamps() && segment.options.timestampEcho() != 0) {
            // RFC 7323, 4: valid for retransmitted data too.
            int millis = layer.timestamp(tcb.tsOffset) - segment.options.timestampEcho();
            if (millis >= 0) {
                tcb.rtt.sample(Math.max(millis, 1) * 1_000_000L, layer.config.minRtoNanos());
            }
        } // else the backing off stays: RFC 6298, 5.7, and Karn's algorithm want a valid sample
    }

    private int noteSacks(Tcb tcb, Segment segment) {
        SackScoreboard scoreboard = tcb.scoreboard;
        TcpOptions options = segment.options;
        int added = 0;
        for (int i = 0; i < options.sackBlocks(); i++) {
            int left = options.sackLeft(i);
            int right = options.sackRight(i);
            // Only what is in flight counts; a D-SACK (RFC 2883) or a forged block lies elsewhere.
            if (Seq.ge(left, right) || Seq.lt(left, tcb.sndUna) || Seq.gt(right, tcb.sndNxt)) {
                continue;
            }
            if (scoreboard == null) {
                scoreboard = layer.recovery.takeScoreboard();
                tcb.scoreboard = scoreboard;
            }
            added += scoreboard.add(left, right);
        }
        return added;
    }

    /** Our FIN is acknowledged. */
    private void ownFinAcked(Tcb tcb, long nowNanos) {
        if (!tcb.state.accepts(Event.RCV_ACK_OF_FIN)) {
            return;
        }
        tcb.state = tcb.state.after(Event.RCV_ACK_OF_FIN);
        switch (tcb.state) {
            case FIN_WAIT_2 -> layer.timeouts.armFinWait2(tcb, nowNanos);
            case TIME_WAIT -> layer.timeWaits.enter(tcb, nowNanos);
            case CLOSED -> {
                layer.takeOffWire(tcb);
                layer.finished(tcb);
            }
            default -> throw new AssertionError(tcb.state);
        }
    }

    // ------------------------------------------------------- text and FIN

    /** Seventh, process the segment text. False when the connection ended. */
    private boolean seventhText(Tcb tcb, Segment segment, long nowNanos) {
        if (segment.segLen() == 0) {
            return true;
        }
        if (!tcb.state.acceptsText()) {
            if (Seq.lt(segment.sequence, tcb.rcvNxt)) {
                // "This should not occur since a FIN has been received": a retransmission; its ACK was lost.
                layer.counters.increment(TcpCounter.DROPPED_DUPLICATE);
                tcb.ackNow = true;
                layer.markPending(tcb);
            }
            return true;
        }
        if (tcb.closedByUser && segment.textBytes > 0 && Seq.gt(segment.sequence + segment.textBytes, tcb.rcvNxt)) {
            // RFC 9293, 3.6.1, and RFC 1122, 4.2.2.13: nobody will read it, so reset.
            layer.counters.increment(TcpCounter.DROPPED_AFTER_SHUTDOWN);
            layer.output.sendReset(tcb, nowNanos);
            layer.die(tcb, DeathReason.ABORTED);
            return false;
        }
        if (Seq.lt(segment.sequence, tcb.rcvNxt)) {
            trimKnown(tcb, segment);
        }
        // Text beyond the window is cut off, a FIN just behind its edge is welcome.
        segment.trimEndTo(tcb.rcvAdv);
        int finSeq = segment.sequence + segment.textBytes;
        if (segment.has(Tcp.FIN) && !tcb.finSeen && Seq.ge(finSeq, tcb.rcvNxt)) {
            tcb.finSeen = true;
            tcb.finSeq = finSeq;
        }
        if (segment.textBytes > 0) {
            queueText(tcb, segment);
        } else if (segment.segLen() == 0 || segment.sequence != tcb.rcvNxt) {
            tcb.ackNow = true;
        }
        layer.markPending(tcb);
        return true;
    }

    private void trimKnown(Tcb tcb, Segment segment) {
        int known = Math.min(tcb.rcvNxt - segment.sequence, segment.textBytes);
        if (known > 0) {
            reportDuplicate(tcb, segment.sequence, segment.sequence + known);
            tcb.ackNow = true;
            if (known == segment.textBytes) {
                layer.counters.increment(TcpCounter.DROPPED_DUPLICATE);
            }
        }
        segment.trimFrontTo(segment.sequence + known);
    }

    private static void reportDuplicate(Tcb tcb, int start, int end) {
        if (tcb.sackOk && Seq.lt(start, end)) {
            tcb.dsack = true; // RFC 2883, 4.1
            tcb.dsackStart = start;
            tcb.dsackEnd = end;
        }
    }

    private void queueText(Tcb tcb, Segment segment) {
        if (segment.sequence == tcb.rcvNxt && !layer.receive.makeRoom(tcb, true)) {
            layer.counters.increment(TcpCounter.DROPPED_NO_ROOM);
            tcb.ackNow = true; // the caller frees it, the peer sends it again
            return;
        }
        take(segment);
        if (segment.sequence == tcb.rcvNxt) {
            layer.receive.append(tcb, segment.mbuf, segment.textBytes);
            if (tcb.reassembly != null) {
                tcb.ackNow = true; // RFC 5681, 4.2: "... when it fills in all or part of a gap"
                layer.receive.drain(tcb);
            }
            oweAck(tcb);
            return;
        }
        layer.counters.increment(TcpCounter.OUT_OF_ORDER_SEGMENTS);
        int start = segment.sequence;
        int end = start + segment.textBytes;
        int added = layer.receive.insert(tcb, segment.mbuf);
        if (added == 0) {
            // Only what is here may be reported: SACK for text that was dropped keeps the peer from sending it again.
            layer.counters.increment(TcpCounter.DROPPED_DUPLICATE);
            reportDuplicate(tcb, start, end);
        }
        tcb.ackNow = true; // RFC 5681, 4.2: a duplicate ACK, at once, for each
        if (tcb.interactive) {
            tcb.interactive = false;
        }
        layer.output.sendAck(tcb, layer.nowNanos());
    }

    /** Puts the segment's text into its mbuf's own fields, for the queues; they own it from here. */
    private static void take(Segment segment) {
        segment.taken = true;
        Mbuf.text(segment.mbuf, segment.textAddress, segment.textBytes, segment.sequence);
    }

    private void oweAck(Tcb tcb) {
        tcb.ackOwed = true;
        layer.markPending(tcb);
    }

    /** Eighth, check the FIN bit: here, whether RCV.NXT has reached the FIN that was seen. */
    private void eighthFin(Tcb tcb, long nowNanos) {
        if (!tcb.finSeen || tcb.rcvNxt != tcb.finSeq || !tcb.state.acceptsText()) {
            return;
        }
        tcb.rcvNxt++;
        tcb.rcvAdv = Seq.max(tcb.rcvAdv, tcb.rcvNxt);
        tcb.ackNow = true;
        layer.receive.discardReassembly(tcb); // nothing can follow a FIN
        tcb.state = tcb.state.after(Event.RCV_FIN);
        layer.raise(tcb, Tcb.EVENT_READABLE);
        if (tcb.state == TcpState.TIME_WAIT) {
            layer.output.sendAck(tcb, nowNanos);
            layer.timeWaits.enter(tcb, nowNanos);
        } else {
            layer.markPending(tcb);
        }
    }
}
