package org.ixnet.stack.tcp;

/**
 * TIMEOUTS (RFC 9293, 3.10.8): retransmission (RFC 6298), window probes, delayed ACK, keepalive, FIN-WAIT-2, user timeout. A
 * connection has one timer and a deadline for each purpose. The timer is armed for the earliest and only ever moved to an
 * earlier time; when it expires too early, because its deadline moved on meanwhile, it is armed again. So an ACK that
 * restarts the retransmission timer costs one store. Thread rule: the elastic thread.
 */
final class Timeouts {
    /** Linux's least timeout is two ticks of 1 to 10 ms. */
    private static final long SYN_RETRY_NANOS = 2_000_000;

    private final TcpLayer layer;

    Timeouts(TcpLayer layer) {
        this.layer = layer;
    }

    /** Sees to it that the timer expires at {@code deadlineNanos} or before. */
    void schedule(Tcb tcb, long deadlineNanos) {
        if (!tcb.isArmed() || deadlineNanos - tcb.deadlineNanos() < 0) {
            layer.timers.arm(tcb, deadlineNanos);
        }
    }

    /** Starts the retransmission or persist timer anew. */
    void armRetransmit(Tcb tcb, long nowNanos) {
        long deadline = nowNanos + tcb.rtt.rtoNanos();
        long userTimeout = tcb.options.userTimeoutNanos;
        if (userTimeout > 0) {
            deadline = Math.max(Math.min(deadline, tcb.unackedSinceNanos + userTimeout), nowNanos + 1);
        }
        if (!persists(tcb)) {
            tcb.persisting = false;
        }
        tcb.retransmitDeadline = deadline;
        schedule(tcb, deadline);
    }

    /**
     * The peer still has an old connection of these ports, which the reset in reply to its ACK ends (RFC 9293, 3.5.1, RFC 5961, 4.2). The
     * next SYN opens a new one, and need not wait for the initial RTO. Once a connection, as Linux.
     */
    void retrySynSoon(Tcb tcb, long nowNanos) {
        if (tcb.retransmits == 0 && tcb.retransmitDeadline != Tcb.NEVER) {
            tcb.retransmitDeadline = Math.min(tcb.retransmitDeadline, nowNanos + SYN_RETRY_NANOS);
            schedule(tcb, tcb.retransmitDeadline);
        }
    }

    private static boolean persists(Tcb tcb) {
        return tcb.persisting && tcb.sndUna == tcb.sndNxt;
    }

    void armKeepAlive(Tcb tcb, long nowNanos) {
        if (!tcb.options.keepAlive || !tcb.state.isSynchronized()) {
            tcb.keepAliveDeadline = Tcb.NEVER;
            return;
        }
        tcb.keepAliveProbes = 0;
        tcb.keepAliveDeadline = nowNanos + tcb.options.keepIdleNanos;
        schedule(tcb, tcb.keepAliveDeadline);
    }

    /** RFC 9293, 3.6, has no limit for FIN-WAIT-2; as Linux, one applies once the user has closed. */
    void armFinWait2(Tcb tcb, long nowNanos) {
        if (tcb.closedByUser && tcb.state == TcpState.FIN_WAIT_2) {
            tcb.closeDeadline = nowNanos + layer.config.finWait2Nanos();
            schedule(tcb, tcb.closeDeadline);
        }
    }

    /** Arms the timer for whatever deadlines there are, on the layer that {@code tcb} has come to. */
    void reschedule(Tcb tcb) {
        long earliest = Math.min(
                Math.min(Math.min(tcb.retransmitDeadline, tcb.delayedAckDeadline), tcb.corkDeadline),
                Math.min(tcb.keepAliveDeadline, tcb.closeDeadline));
        if (earliest != Tcb.NEVER) {
            schedule(tcb, earliest);
        }
    }

    /** Nothing is in flight, nor will be soon: a timer left for later to find out would expire out of the caches. */
    void rest(Tcb tcb) {
        layer.timers.cancel(tcb);
        reschedule(tcb);
    }

    void disarm(Tcb tcb) {
        layer.timers.cancel(tcb);
        tcb.retransmitDeadline = Tcb.NEVER;
        tcb.delayedAckDeadline = Tcb.NEVER;
        tcb.corkDeadline = Tcb.NEVER;
        tcb.keepAliveDeadline = Tcb.NEVER;
        tcb.closeDeadline = Tcb.NEVER;
    }

    void expire(Tcb tcb, long nowNanos) {
        assert tcb.onWire;
        layer.enter(nowNanos);
        if (due(tcb.delayedAckDeadline, nowNanos)) {
            layer.counters.increment(TcpCounter.DELAYED_ACKS);
            tcb.delayedAckDeadline = Tcb.NEVER;
            tcb.ackNow = true;
            tcb.interactive = false; // the user did not answer in time
            layer.output.flush(tcb, nowNanos);
        }
        if (due(tcb.retransmitDeadline, nowNanos)) {
            tcb.retransmitDeadline = Tcb.NEVER;
            retransmission(tcb, nowNanos);
        }
        if (!tcb.dead && due(tcb.corkDeadline, nowNanos)) {
            layer.output.flush(tcb, nowNanos);
            tcb.corkDeadline = Tcb.NEVER;
            layer.markPending(tcb); // what the window has kept back waits for the persist timer now
        }
        if (!tcb.dead && due(tcb.keepAliveDeadline, nowNanos)) {
            keepAlive(tcb, nowNanos);
        }
        if (!tcb.dead && due(tcb.closeDeadline, nowNanos)) {
            layer.die(tcb, DeathReason.CLOSED);
        }
        if (!tcb.dead && tcb.onWire) {
            reschedule(tcb);
        }
    }

    private static boolean due(long deadlineNanos, long nowNanos) {
        return deadlineNanos != Tcb.NEVER && deadlineNanos - nowNanos <= 0;
    }

    private void retransmission(Tcb tcb, long nowNanos) {
        long userTimeout = tcb.options.userTimeoutNanos;
        if (userTimeout > 0 && nowNanos - tcb.unackedSinceNanos >= userTimeout) {
            layer.die(tcb, DeathReason.TIMED_OUT);
            return;
        }
        if (tcb.state == TcpState.SYN_SENT || tcb.state == TcpState.SYN_RECEIVED) {
            synTimeout(tcb, nowNanos);
        } else if (tcb.persisting) {
            persistTimeout(tcb, nowNanos);
        } else {
            dataTimeout(tcb, nowNanos);
        }
    }

    private void synTimeout(Tcb tcb, long nowNanos) {
        int limit = tcb.state == TcpState.SYN_SENT ? layer.config.synRetries() : layer.config.synAckRetries();
        if (++tcb.retransmits > limit) {
            layer.die(tcb, DeathReason.TIMED_OUT);
            return;
        }
        layer.counters.increment(TcpCounter.TIMEOUTS);
        tcb.timing = false;
        tcb.synLost = true;
        tcb.rtt.backOff();
        tcb.retransmittedSegments++;
        layer.output.sendSyn(tcb, nowNanos);
        armRetransmit(tcb, nowNanos);
    }

    private void persistTimeout(Tcb tcb, long nowNanos) {
        // The peer must answer probes; a connection that its user closed must get on as well.
        if (++tcb.probes > layer.config.retries()
                || (tcb.orphan && tcb.rtt.backoff() >= layer.config.orphanRetries())) {
            layer.output.sendReset(tcb, nowNanos);
            layer.die(tcb, DeathReason.TIMED_OUT);
            return;
        }
        tcb.rtt.backOff();
        layer.output.probeWindow(tcb, nowNanos);
        armRetransmit(tcb, nowNanos);
    }

    private void dataTimeout(Tcb tcb, long nowNanos) {
        int limit = tcb.orphan ? layer.config.orphanRetries() : layer.config.retries();
        // A peer that shrank its window to nothing but still answers is not gone. The timer is at its longest by then:
        // one answer may be lost, and the timer be late.
        boolean alive = tcb.sndWnd == 0 && nowNanos - tcb.lastReceivedNanos < 3 * RttEstimator.MAX_RTO_NANOS;
        if (++tcb.retransmits > limit && !(alive && !tcb.orphan)) {
            layer.die(tcb, DeathReason.TIMED_OUT);
            return;
        }
        layer.counters.increment(TcpCounter.TIMEOUTS);
        tcb.rtt.backOff();
        layer.recovery.onTimeout(tcb, nowNanos);
        armRetransmit(tcb, nowNanos);
        layer.output.flush(tcb, nowNanos);
    }

    /** RFC 9293, 3.8.4; times as Linux. */
    private void keepAlive(Tcb tcb, long nowNanos) {
        TcbOptions options = tcb.options;
        if (!options.keepAlive) {
            tcb.keepAliveDeadline = Tcb.NEVER;
            return;
        }
        long idle = nowNanos - tcb.lastReceivedNanos;
        if (tcb.flightBytes() > 0 || tcb.unsentBytes() > 0 || idle < options.keepIdleNanos) {
            // Retransmission watches the peer meanwhile; or it was heard of.
            tcb.keepAliveProbes = 0;
            tcb.keepAliveDeadline =
                    Math.max(tcb.lastReceivedNanos, nowNanos - options.keepIdleNanos / 2) + options.keepIdleNanos;
            return;
        }
        boolean timedOut = options.userTimeoutNanos > 0
                ? idle >= options.userTimeoutNanos && tcb.keepAliveProbes > 0
                : tcb.keepAliveProbes >= options.keepCount;
        if (timedOut) {
            layer.output.sendReset(tcb, nowNanos);
            layer.die(tcb, DeathReason.TIMED_OUT);
            return;
        }
        tcb.keepAliveProbes++;
        layer.counters.increment(TcpCounter.KEEPALIVE_PROBES);
        layer.output.keepAliveProbe(tcb, nowNanos);
        tcb.keepAliveDeadline = nowNanos + options.keepIntervalNanos;
    }
}
