package org.ixnet.stack.tcp;

import java.net.BindException;
import java.net.NoRouteToHostException;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.tcp.TcpInfo.CongestionState;
import org.ixnet.stack.tcp.TcpState.Event;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * The user calls of RFC 9293, 3.10.1 to 3.10.6, on one elastic thread. They change state and mark connections; segments
 * leave in the output step of the cycle. Thread rule: the elastic thread.
 */
public final class UserCalls {
    /** Beyond it the numbers of queued data and the FIN could not be compared (RFC 9293, 3.4). */
    private static final int MAX_SEND_BUFFER_BYTES = 1 << 30;

    private final TcpLayer layer;

    UserCalls(TcpLayer layer) {
        this.layer = layer;
    }

    // ------------------------------------------------------- 3.10.1 OPEN

    /**
     * OPEN, passive.
     *
     * @param localHi with {@code localLo} the address, or 0 and 0 for any
     * @param localPort 1..65535
     * @param backlog connections that may wait for {@link #accept}, at least 1
     * @param childOptions copied into each child
     * @throws BindException when this thread listens there already
     */
    public Listener listen(
            long localHi, long localLo, int localPort, int backlog, TcbOptions childOptions, ListenerUser user)
            throws BindException {
        if (localPort < 1 || localPort > 65_535) {
            throw new BindException("port is " + localPort + "; must be 1..65535");
        }
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog is " + backlog + "; must be at least 1");
        }
        if (layer.listeners.contains(localHi, localLo, localPort)) {
            throw new BindException(
                    "port " + localPort + " of " + IpAddresses.toString(localHi, localLo) + " is listened on already");
        }
        Listener listener = new Listener(localHi, localLo, localPort, backlog, childOptions.copy(), user);
        layer.listeners.add(listener);
        return listener;
    }

    /** The oldest established connection of the accept queue, or null. Give it a user with {@link #attach}. */
    public @Nullable Tcb accept(Listener listener) {
        Tcb tcb;
        do {
            tcb = listener.dequeue();
        } while (tcb != null && tcb.dead); // reset while it waited
        return tcb;
    }

    /** Makes {@code user} the target of the upcalls of an accepted connection; they follow in the next dispatch. */
    public void attach(Tcb tcb, ConnectionUser user) {
        assert tcb.user == null && tcb.listener == null;
        tcb.user = user;
        if (tcb.events != 0) {
            layer.raise(tcb, 0);
        }
    }

    /** Stops listening; connections still in its queues are reset. */
    public void close(Listener listener) {
        if (!listener.open) {
            return;
        }
        listener.open = false;
        layer.listeners.remove(listener);
        SynRequest request;
        while ((request = listener.firstRequest) != null) {
            layer.handshake.discard(request);
        }
        Tcb tcb;
        while ((tcb = listener.dequeue()) != null) {
            reset(tcb, DeathReason.ABORTED);
        }
    }

    /**
     * OPEN, active.
     *
     * @param localHi with {@code localLo} the address, or 0 and 0 to let the route choose
     * @param localPort 1..65535, or 0 for a port whose replies hash to this thread
     * @throws NoRouteToHostException when no route leads there
     * @throws BindException when the port is taken or none is left
     */
    public Tcb open(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcbOptions options,
            ConnectionUser user)
            throws NoRouteToHostException, BindException {
        Route route = layer.ip.route(localHi, localLo, remoteHi, remoteLo);
        if (route == null || route.isBroadcast()) {
            throw new NoRouteToHostException("no route to " + IpAddresses.toString(remoteHi, remoteLo));
        }
        long hi = route.sourceHi();
        long lo = route.sourceLo();
        int port =
                localPort != 0 ? localPort : layer.ports.allocate(hi, lo, remoteHi, remoteLo, remotePort, layer::inUse);
        if (port == 0) {
            throw new BindException(
                    "no local port is free for " + IpAddresses.toString(remoteHi, remoteLo) + ":" + remotePort);
        }
        int leastIss = claim(hi, lo, port, remoteHi, remoteLo, remotePort);
        Tcb tcb = new Tcb(layer, route, options);
        tcb.name(hi, lo, port, remoteHi, remoteLo, remotePort);
        tcb.user = user;
        tcb.state = tcb.state.after(Event.OPEN_ACTIVE);
        tcb.rcvWindShift = ReceiveSide.windowShift(options.receiveBufferBytes);
        tcb.tsOffset = layer.initialSequenceNumbers.timestampOffset(hi, lo, remoteHi, remoteLo);
        layer.handshake.startSending(tcb, layer.newIss(tcb, leastIss, layer.nowNanos()));
        layer.putOnWire(tcb);
        layer.opened(tcb);
        layer.counters.increment(TcpCounter.ACTIVE_OPENS);
        layer.markPending(tcb);
        return tcb;
    }

    private int claim(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort)
            throws BindException {
        TcpFlow flow = layer.flows.get(localHi, localLo, localPort, remoteHi, remoteLo, remotePort);
        if (flow == null) {
            return 0;
        }
        int leastIss = flow instanceof TimeWait record ? layer.timeWaits.giveWay(record, layer.nowNanos()) : 0;
        if (leastIss == 0) {
            throw new BindException("a connection from port " + localPort + " to "
                    + IpAddresses.toString(remoteHi, remoteLo) + ":" + remotePort + " exists already");
        }
        return leastIss;
    }

    // ------------------------------------------------------- 3.10.2 SEND

    /**
     * SEND. The memory must stay as it is until {@link ConnectionUser#sent} covers it, or {@link ConnectionUser#dead}.
     *
     * @return bytes accepted, 0..{@code lengthBytes}; less when the send buffer fills up, and {@code sent} tells of space
     */
    public int send(Tcb tcb, long address, int lengthBytes) {
        int accepted = Math.min(lengthBytes, sendSpaceBytes(tcb));
        if (accepted > 0 && !tcb.sendQueue.add(address, accepted)) {
            accepted = 0;
        }
        if (accepted < lengthBytes) {
            tcb.sendBlocked = true;
        }
        if (accepted > 0) {
            layer.markPending(tcb);
        }
        return accepted;
    }

    /** Bytes that {@link #send} would accept now. */
    public int sendSpaceBytes(Tcb tcb) {
        if (tcb.dead || tcb.finQueued || !tcb.state.acceptsSend()) {
            return 0;
        }
        TcbOptions options = tcb.options;
        int space = Math.min(options.sendBufferBytes, MAX_SEND_BUFFER_BYTES) - tcb.sendQueue.lengthBytes();
        if (options.notSentLowWaterBytes != Integer.MAX_VALUE) {
            space = Math.min(space, options.notSentLowWaterBytes - tcb.unsentBytes());
        }
        return Math.max(space, 0);
    }

    // ------------------------------------------------------- 3.10.3 RECEIVE

    /**
     * RECEIVE: the next in-order mbuf, or 0. Its data is {@code Mbuf.payloadAddress} and {@code payloadLengthBytes}. The
     * caller owns it: it frees it to the thread's mempool and reports it with {@link #receiveDone}.
     */
    public long receive(Tcb tcb) {
        return ReceiveSide.take(tcb);
    }

    /** recv_done: opens the receive window by {@code lengthBytes}. Does nothing on a dead connection. */
    public void receiveDone(Tcb tcb, int lengthBytes) {
        if (tcb.dead) {
            return;
        }
        tcb.rcvHeldBytes -= lengthBytes;
        assert tcb.rcvHeldBytes >= tcb.rcvQueuedBytes : tcb + " held " + tcb.rcvHeldBytes;
        if (tcb.onWire && tcb.state.acceptsText() && ReceiveSide.windowOpened(tcb)) {
            tcb.ackNow = true;
            layer.markPending(tcb);
        }
    }

    /** Whether the peer's FIN arrived and all data before it was taken. */
    public boolean receiveFinished(Tcb tcb) {
        return tcb.rcvHead == 0 && tcb.finSeen && tcb.rcvNxt - tcb.finSeq > 0;
    }

    // ------------------------------------------------------- 3.10.4 CLOSE

    /** CLOSE of the sending side: FIN after what is queued; data is still received. */
    public void shutdownOutput(Tcb tcb) {
        if (tcb.dead || tcb.finQueued || tcb.state == TcpState.CLOSED) {
            return;
        }
        tcb.finQueued = true;
        if (tcb.state == TcpState.ESTABLISHED || tcb.state == TcpState.CLOSE_WAIT) {
            tcb.state = tcb.state.after(Event.CLOSE);
            layer.markPending(tcb);
        } // else it follows the handshake
    }

    /**
     * CLOSE: FIN after what is queued, or RST when received data was not taken (RFC 2525, 2.17). Of the upcalls only
     * {@code sent} and {@code dead} still come.
     */
    public void close(Tcb tcb) {
        if (tcb.dead || tcb.closedByUser) {
            return;
        }
        tcb.closedByUser = true;
        if (!tcb.onWire || tcb.state == TcpState.SYN_SENT) {
            layer.die(tcb, DeathReason.CLOSED);
            return;
        }
        if (tcb.rcvHead != 0) {
            layer.output.sendReset(tcb, layer.nowNanos());
            layer.die(tcb, DeathReason.ABORTED);
            return;
        }
        if (!layer.adoptOrphan(tcb)) {
            return;
        }
        layer.receive.discardReassembly(tcb);
        shutdownOutput(tcb);
        layer.timeouts.armFinWait2(tcb, layer.nowNanos());
    }

    // ------------------------------------------------------- 3.10.5 ABORT

    /**
     * ABORT: RST, then {@code dead} in the next dispatch. What was given before and the windows allow goes out first: a
     * stack that sends in the call itself, as the kernel's, had sent it.
     */
    public void abort(Tcb tcb) {
        if (tcb.onWire) {
            layer.output.sendText(tcb, layer.nowNanos());
        }
        reset(tcb, DeathReason.ABORTED);
    }

    void reset(Tcb tcb, DeathReason reason) {
        if (tcb.onWire && tcb.state != TcpState.SYN_SENT) {
            layer.output.sendReset(tcb, layer.nowNanos());
        }
        tcb.closedByUser = true;
        layer.die(tcb, reason);
    }

    // ------------------------------------------------------- 3.10.6 STATUS

    /** Call it after a change of {@link Tcb#options}: held-back data leaves, keepalive starts or stops. */
    public void optionsChanged(Tcb tcb) {
        if (tcb.onWire) {
            layer.timeouts.armKeepAlive(tcb, layer.nowNanos());
            if (!tcb.options.cork) {
                tcb.corkDeadline = Tcb.NEVER;
            }
            if (tcb.state.acceptsText() && tcb.rcvWnd() < tcb.rcvMss && ReceiveSide.windowOpened(tcb)) {
                tcb.ackNow = true; // the receive buffer grew
            }
            layer.markPending(tcb);
        }
    }

    /** STATUS. */
    public TcpInfo info(Tcb tcb) {
        return new TcpInfo(
                tcb.state,
                micros(tcb.rtt.srttNanos),
                micros(tcb.rtt.varianceNanos),
                micros(tcb.rtt.rtoNanos()),
                tcb.window.mssBytes,
                tcb.rcvMss,
                tcb.window.cwndBytes,
                tcb.window.ssthreshBytes,
                tcb.sndWnd,
                tcb.rcvWnd(),
                tcb.flightBytes(),
                tcb.unsentBytes(),
                tcb.bytesSent,
                tcb.bytesAcked,
                tcb.bytesReceived,
                tcb.segmentsOut,
                tcb.segmentsIn,
                tcb.retransmittedSegments,
                tcb.retransmits,
                tcb.probes,
                tcb.rtt.backoff(),
                tcb.timestampsOk,
                tcb.sackOk,
                tcb.sndWindShift,
                tcb.rcvWindShift,
                tcb.scalingOk,
                congestionState(tcb),
                micros(layer.config.delayedAckNanos()),
                tcb.scoreboard == null ? 0 : tcb.scoreboard.sackedBytes(),
                LossRecovery.lostBytes(tcb),
                LossRecovery.retransmittedBytes(tcb),
                ago(tcb.lastDataSentNanos),
                ago(tcb.lastDataReceivedNanos),
                ago(tcb.lastReceivedNanos),
                tcb.route.mtuBytes(),
                SegmentSize.offered(tcb.route, tcb),
                tcb.options.receiveBufferBytes,
                SackScoreboard.DUP_THRESH);
    }

    private static CongestionState congestionState(Tcb tcb) {
        return switch (tcb.recovery) {
            case OPEN ->
                tcb.dupAcks > 0 || (tcb.scoreboard != null && !tcb.scoreboard.isEmpty())
                        ? CongestionState.DISORDER
                        : CongestionState.OPEN;
            case FAST -> CongestionState.RECOVERY;
            case LOSS -> CongestionState.LOSS;
        };
    }

    private long ago(long nanos) {
        return nanos == 0 ? -1 : Math.max(layer.nowNanos() - nanos, 0) / 1_000;
    }

    private static int micros(long nanos) {
        return (int) Math.min(nanos / 1_000, Integer.MAX_VALUE);
    }
}
