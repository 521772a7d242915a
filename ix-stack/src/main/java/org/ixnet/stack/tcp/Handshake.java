package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.Route;
import org.ixnet.stack.tcp.TcpState.Event;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.TcpOptions;
import org.jspecify.annotations.Nullable;

/**
 * Segments before ESTABLISHED: CLOSED (RFC 9293, 3.10.7.1), LISTEN (3.10.7.2), SYN-SENT (3.10.7.3), and SYN-RECEIVED of a
 * passive open, which is a {@link SynRequest}. ECN (RFC 3168) would be negotiated here, and Fast Open (RFC 7413) would take
 * the text of a SYN. Thread rule: the elastic thread.
 */
final class Handshake {
    /** Linux's floor for the MSS that a peer may ask for: less only helps an attacker (CVE-2019-11479). */
    private static final int LEAST_MSS = 88;
    /** RFC 9293, MUST-15: without the option. */
    private static final int DEFAULT_MSS = 536;

    private static final int MAX_SHIFT = 14;
    private static final int QUICK_ACKS = 16;
    private static final long CHALLENGE_INTERVAL_NANOS = 500_000_000L;

    private final TcpLayer layer;
    private @Nullable SynRequest freeRequests;
    private int requests;

    Handshake(TcpLayer layer) {
        this.layer = layer;
    }

    int requests() {
        return requests;
    }

    // ------------------------------------------------------- CLOSED, LISTEN

    /** A segment for a 4-tuple that has no flow. */
    void noFlow(Segment segment, long nowNanos) {
        if (segment.has(Tcp.RST)) {
            layer.counters.increment(TcpCounter.DROPPED_NO_CONNECTION);
            return; // never a RST for a RST
        }
        Listener listener = layer.listeners.find(segment.localHi, segment.localLo, segment.localPort);
        if (listener == null) {
            layer.counters.increment(TcpCounter.DROPPED_NO_CONNECTION);
            layer.output.resetInReply(segment, nowNanos);
            return;
        }
        if (segment.has(Tcp.ACK)) {
            if (segment.has(Tcp.SYN) || !layer.synCookies.acceptAck(listener, segment, nowNanos)) {
                layer.counters.increment(TcpCounter.DROPPED_NO_CONNECTION);
                layer.output.resetInReply(segment, nowNanos);
            }
            return;
        }
        if (!segment.has(Tcp.SYN) || segment.has(Tcp.FIN)) {
            layer.counters.increment(TcpCounter.DROPPED_NO_ACK);
            return;
        }
        Route route = admit(listener, segment);
        if (route != null) {
            listen(listener, segment, route, 0, nowNanos);
        }
    }

    /** Whether a SYN may open a connection: the route to its sender, or null; then the drop is counted. */
    @Nullable
    Route admit(Listener listener, Segment segment) {
        if (segment.localPort == segment.remotePort
                && segment.localLo == segment.remoteLo
                && segment.localHi == segment.remoteHi) {
            layer.counters.increment(TcpCounter.DROPPED_SYN); // LAND
            return null;
        }
        if (listener.acceptQueueFull()) {
            layer.counters.increment(TcpCounter.DROPPED_ACCEPT_QUEUE_FULL);
            return null; // the peer tries again
        }
        Route route = layer.ip.route(segment.localHi, segment.localLo, segment.remoteHi, segment.remoteLo);
        if (route == null) {
            layer.counters.increment(TcpCounter.DROPPED_SYN);
        }
        return route;
    }

    /**
     * LISTEN, third: a SYN that {@link #admit} let in.
     *
     * @param leastIss the ISS must lie above it, for a 4-tuple that was in TIME-WAIT; 0: any
     */
    void listen(Listener listener, Segment segment, Route route, int leastIss, long nowNanos) {
        boolean cookie = listener.requests > Math.max(listener.backlog, 8) || requests >= layer.config.maxSynRequests();
        SynRequest request = takeRequest();
        fill(request, listener, segment, route, nowNanos);
        if (cookie) {
            layer.counters.increment(TcpCounter.DROPPED_SYN_QUEUE_FULL);
            layer.synCookies.answer(request, nowNanos);
            giveRequest(request);
            return;
        }
        request.iss = layer.newIss(request, leastIss, nowNanos);
        requests++;
        listener.add(request);
        boolean added = layer.flows.put(request);
        assert added;
        layer.output.sendSynAck(request, nowNanos);
        layer.timers.arm(request, nowNanos + RttEstimator.INITIAL_RTO_NANOS);
    }

    private void fill(SynRequest request, Listener listener, Segment segment, Route route, long nowNanos) {
        TcpOptions options = segment.options;
        TcbOptions childOptions = listener.childOptions;
        request.name(
                segment.localHi,
                segment.localLo,
                segment.localPort,
                segment.remoteHi,
                segment.remoteLo,
                segment.remotePort);
        request.listener = listener;
        request.route = route;
        request.irs = segment.sequence;
        request.peerMss = peerMss(options);
        request.sndWindShift = Math.min(options.windowScale(), MAX_SHIFT);
        request.rcvWindShift = request.sndWindShift < 0 ? 0 : ReceiveSide.windowShift(childOptions.receiveBufferBytes);
        request.windowField = Math.min(ReceiveSide.SYN_WINDOW_MAX, childOptions.receiveBufferBytes);
        request.sackOk = options.sackPermitted();
        request.timestampsOk = options.hasTimestamps();
        request.tsRecent = request.timestampsOk ? options.timestampValue() : 0;
        request.tsOffset = layer.initialSequenceNumbers.timestampOffset(
                request.localHi, request.localLo, request.remoteHi, request.remoteLo);
        request.trafficClass = childOptions.trafficClass;
        request.retransmits = 0;
        request.sentNanos = nowNanos;
        request.lastChallengeNanos = nowNanos - CHALLENGE_INTERVAL_NANOS;
    }

    private static int peerMss(TcpOptions options) {
        return options.mssBytes() == 0 ? DEFAULT_MSS : Math.max(options.mssBytes(), LEAST_MSS);
    }

    private SynRequest takeRequest() {
        SynRequest request = freeRequests;
        if (request == null) {
            return new SynRequest(layer);
        }
        freeRequests = request.next;
        request.next = null;
        return request;
    }

    private void giveRequest(SynRequest request) {
        request.listener = null;
        request.route = null;
        request.next = freeRequests;
        freeRequests = request;
    }

    /** Forgets a half-open connection. */
    void discard(SynRequest request) {
        layer.flows.remove(request);
        ended(request);
    }

    private void ended(SynRequest request) {
        layer.timers.cancel(request);
        request.listener().remove(request);
        requests--;
        giveRequest(request);
    }

    // ------------------------------------------------------- SYN-RECEIVED of a passive open

    void requestArrives(SynRequest request, Segment segment, long nowNanos) {
        int rcvNxt = request.irs + 1;
        if ((segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) == Tcp.SYN && segment.sequence == request.irs) {
            layer.output.sendSynAck(request, nowNanos); // the peer did not see it
            return;
        }
        boolean oldTimestamp = request.timestampsOk
                && segment.options.hasTimestamps()
                && segment.options.timestampValue() - request.tsRecent < 0;
        if (Seq.gt(segment.sequence, rcvNxt + request.windowField)
                || Seq.lt(segment.end(), rcvNxt)
                || (oldTimestamp && !segment.has(Tcp.RST))) {
            layer.counters.increment(TcpCounter.DROPPED_UNACCEPTABLE);
            challenge(request, segment, nowNanos);
            return;
        }
        if (segment.has(Tcp.RST)) {
            if (segment.sequence == rcvNxt) {
                layer.counters.increment(TcpCounter.RESETS_RECEIVED);
                discard(request); // "return to LISTEN"
            } else {
                layer.counters.increment(TcpCounter.DROPPED_RESET);
            }
            return;
        }
        if (segment.has(Tcp.SYN)) {
            layer.counters.increment(TcpCounter.DROPPED_SYN);
            challenge(request, segment, nowNanos);
            return;
        }
        if (!segment.has(Tcp.ACK)) {
            layer.counters.increment(TcpCounter.DROPPED_NO_ACK);
            return;
        }
        if (segment.acknowledgment != request.iss + 1) {
            layer.counters.increment(TcpCounter.DROPPED_BAD_ACK);
            layer.output.resetInReply(segment, nowNanos);
            return;
        }
        Listener listener = request.listener();
        if (listener.acceptQueueFull()) {
            layer.counters.increment(TcpCounter.DROPPED_ACCEPT_QUEUE_FULL);
            return; // as Linux: the record stays, the SYN,ACK is sent again, the peer's next ACK has another chance
        }
        Tcb tcb = accepted(request);
        layer.putOnWire(tcb, request);
        ended(request);
        layer.arrives.arrives(tcb, segment, nowNanos);
    }

    private void challenge(SynRequest request, Segment segment, long nowNanos) {
        if (segment.has(Tcp.RST) || nowNanos - request.lastChallengeNanos < CHALLENGE_INTERVAL_NANOS) {
            return;
        }
        request.lastChallengeNanos = nowNanos;
        layer.counters.increment(TcpCounter.CHALLENGE_ACKS);
        layer.output.inReply(
                segment,
                request.iss + 1,
                request.irs + 1,
                Tcp.ACK,
                request.windowField >> request.rcvWindShift,
                request.timestampsOk,
                layer.timestamp(request.tsOffset),
                request.tsRecent,
                request.trafficClass,
                nowNanos);
    }

    void requestTimeout(SynRequest request, long nowNanos) {
        if (++request.retransmits > layer.config.synAckRetries()) {
            discard(request);
            return;
        }
        layer.enter(nowNanos);
        layer.output.sendSynAck(request, nowNanos);
        layer.timers.arm(request, nowNanos + synAckTimeoutNanos(request.retransmits));
    }

    /** RFC 6298, 5.5: doubles, up to 120 s. */
    static long synAckTimeoutNanos(int retransmits) {
        return Math.min(RttEstimator.INITIAL_RTO_NANOS << Math.min(retransmits, 7), RttEstimator.MAX_RTO_NANOS);
    }

    /** The connection of a half-open one, in SYN-RECEIVED; the segment in hand brings it to ESTABLISHED. */
    Tcb accepted(SynRequest request) {
        Listener listener = request.listener();
        Tcb tcb = new Tcb(layer, request.route(), listener.childOptions.copy());
        tcb.name(
                request.localHi,
                request.localLo,
                request.localPort,
                request.remoteHi,
                request.remoteLo,
                request.remotePort);
        tcb.state = TcpState.SYN_RECEIVED;
        tcb.listener = listener;
        tcb.irs = request.irs;
        tcb.rcvNxt = request.irs + 1;
        tcb.rcvAdv = tcb.rcvNxt + request.windowField;
        tcb.lastAckSent = tcb.rcvNxt;
        startSending(tcb, request.iss);
        tcb.sndNxt = tcb.iss + 1;
        tcb.peerMss = request.peerMss;
        tcb.scalingOk = request.sndWindShift >= 0;
        tcb.sndWindShift = Math.max(request.sndWindShift, 0);
        tcb.rcvWindShift = request.rcvWindShift;
        tcb.sackOk = request.sackOk;
        tcb.timestampsOk = request.timestampsOk;
        tcb.tsOffset = request.tsOffset;
        tcb.tsRecent = request.tsRecent;
        tcb.tsRecentAtNanos = request.sentNanos;
        tcb.synLost = request.retransmits > 0;
        tcb.timing = !tcb.synLost;
        tcb.timedSeq = tcb.sndNxt;
        tcb.timedAtNanos = request.sentNanos;
        return tcb;
    }

    /** Sets the send variables for a new ISS: the SYN is still to be sent. */
    void startSending(Tcb tcb, int iss) {
        tcb.iss = iss;
        tcb.sndUna = iss;
        tcb.sndNxt = iss;
        tcb.sndSml = iss;
        tcb.maxFlightSeq = iss;
        tcb.recoveryPoint = iss;
        tcb.sendQueue.start(iss + 1);
    }

    // ------------------------------------------------------- SYN-SENT

    /** RFC 9293, 3.10.7.3. */
    void synSent(Tcb tcb, Segment segment, long nowNanos) {
        boolean ack = segment.has(Tcp.ACK);
        // First, check the ACK bit. The SYN may not have left yet; then nothing can acknowledge it.
        if (ack && (Seq.le(segment.acknowledgment, tcb.iss) || Seq.gt(segment.acknowledgment, tcb.sndNxt))) {
            layer.counters.increment(TcpCounter.DROPPED_BAD_ACK);
            if (!segment.has(Tcp.RST)) {
                layer.output.resetInReply(segment, nowNanos);
                layer.timeouts.retrySynSoon(tcb, nowNanos);
            }
            return;
        }
        if (segment.has(Tcp.RST)) {
            if (ack) {
                layer.counters.increment(TcpCounter.RESETS_RECEIVED);
                layer.die(tcb, DeathReason.REFUSED);
            } else {
                layer.counters.increment(TcpCounter.DROPPED_RESET);
            }
            return;
        }
        if (!segment.has(Tcp.SYN)) {
            layer.counters.increment(TcpCounter.DROPPED_SYN);
            return;
        }
        tcb.lastReceivedNanos = nowNanos;
        tcb.irs = segment.sequence;
        tcb.rcvNxt = segment.sequence + 1;
        tcb.rcvAdv = tcb.rcvNxt + Math.min(ReceiveSide.SYN_WINDOW_MAX, tcb.options.receiveBufferBytes);
        tcb.lastAckSent = tcb.rcvNxt;
        negotiate(tcb, segment.options, nowNanos);
        if (ack) {
            tcb.state = tcb.state.after(Event.RCV_SYN_ACK);
            tcb.synLost = tcb.retransmits > 0;
            layer.arrives.advanceUna(tcb, segment, nowNanos);
            int shift = tcb.sndWindShift;
            tcb.sndWindShift = 0; // the window of a SYN is not scaled (RFC 7323, 2.2)
            established(tcb, segment, nowNanos);
            tcb.sndWindShift = shift;
            tcb.ackNow = true;
            layer.markPending(tcb);
            if (segment.textBytes > 0 || segment.has(Tcp.FIN)) {
                segment.trimFrontTo(segment.sequence + 1);
                layer.arrives.textAndFin(tcb, segment, nowNanos);
            }
        } else {
            tcb.state = tcb.state.after(Event.RCV_SYN); // simultaneous open
            tcb.retransmits = 0;
            layer.output.sendSyn(tcb, nowNanos);
            layer.timeouts.armRetransmit(tcb, nowNanos);
        }
    }

    private static void negotiate(Tcb tcb, TcpOptions options, long nowNanos) {
        tcb.peerMss = peerMss(options);
        tcb.scalingOk = options.windowScale() >= 0;
        tcb.sndWindShift = tcb.scalingOk ? Math.min(options.windowScale(), MAX_SHIFT) : 0;
        if (!tcb.scalingOk) {
            tcb.rcvWindShift = 0;
        }
        tcb.sackOk = options.sackPermitted();
        tcb.timestampsOk = options.hasTimestamps();
        if (tcb.timestampsOk) {
            tcb.tsRecent = options.timestampValue();
            tcb.tsRecentAtNanos = nowNanos;
        }
    }

    /** The connection has become ESTABLISHED by {@code segment}: windows, first events, timers. */
    void established(Tcb tcb, Segment segment, long nowNanos) {
        tcb.sndWnd = segment.windowField << tcb.sndWindShift;
        tcb.sndWl1 = segment.sequence;
        tcb.sndWl2 = segment.acknowledgment;
        tcb.maxSndWnd = tcb.sndWnd;
        tcb.mtuBytes = tcb.route.mtuBytes();
        tcb.window.open(SegmentSize.effective(tcb), tcb.synLost);
        if (tcb.synLost) {
            tcb.rtt.synLost();
        }
        tcb.retransmits = 0;
        tcb.quickAcks = QUICK_ACKS;
        layer.timeouts.armKeepAlive(tcb, nowNanos);
        Listener listener = tcb.listener;
        if (listener != null) {
            layer.counters.increment(TcpCounter.PASSIVE_OPENS);
            listener.enqueue(tcb);
            layer.knock(listener);
        } else {
            layer.raise(tcb, Tcb.EVENT_CONNECTED);
        }
        if (tcb.finQueued) {
            tcb.state = tcb.state.after(Event.CLOSE); // the user closed before
            layer.markPending(tcb);
        } else if (tcb.unsentBytes() > 0) {
            layer.markPending(tcb);
        }
    }
}
