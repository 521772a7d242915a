package org.ixnet.stack.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.FlowTable;
import org.ixnet.stack.flow.PortAllocator;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.IpPacket;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.InternetChecksum;

/**
 * TCP on one elastic thread: its connections, the steps of the cycle, and the two intrusive lists between them.
 *
 * <pre>
 *  input() -> SegmentArrives | Handshake | TimeWaitTable
 *                |  raise()                  | markPending()
 *          ready list                   pending list
 *                | dispatchEvents()          | flushOutput()
 *          ConnectionUser --UserCalls--> TcpOutput
 * </pre>
 *
 * <p>Thread rule: the elastic thread, but for {@link #counters}, which any thread may read.
 */
public final class TcpLayer implements IpProtocol {
    private static final int FIRST_CAPACITY = 1024;
    private static final int NANOS_PER_MILLI = 1_000_000;

    final IpLayer ip;
    final Mempool mempool;
    final TimingWheel timers;
    final TcpConfig config;
    final PortAllocator ports;
    final InitialSequenceNumbers initialSequenceNumbers;
    final Counters<TcpCounter> counters = new Counters<>(TcpCounter.class);
    final FlowTable<TcpFlow> flows;

    final LossRecovery recovery = new LossRecovery(counters);
    final ReceiveSide receive;
    final TcpOutput output;
    final SegmentArrives arrives;
    final Handshake handshake;
    final SynCookies synCookies;
    final TimeWaitTable timeWaits;
    final Timeouts timeouts;
    final UserCalls userCalls;

    private final Segment segment = new Segment();
    final ListenerTable listeners = new ListenerTable();
    private final WorkLists lists = new WorkLists();

    private Consumer<? super FlowKey> openListener = flow -> {};
    private long nowNanos;
    private int nowMillis;
    private int connections;
    private int orphans;
    /** Off the wire but not closed by their users, who may still read. */
    private final List<Tcb> finished = new ArrayList<>();

    /**
     * Makes the layer and registers it with {@code ip}.
     *
     * @param ports chooses the local ports of active opens
     * @param initialSequenceNumbers shared by all threads of a dataplane, so that a 4-tuple may change threads
     * @param hash keys the flow table and the SYN cookies; all threads may share it
     * @param nowNanos the present time
     */
    public TcpLayer(
            IpLayer ip,
            TimingWheel timers,
            PortAllocator ports,
            InitialSequenceNumbers initialSequenceNumbers,
            KeyedHash hash,
            TcpConfig config,
            long nowNanos) {
        this.ip = ip;
        this.mempool = ip.mempool();
        this.timers = timers;
        this.ports = ports;
        this.initialSequenceNumbers = initialSequenceNumbers;
        this.config = config;
        this.flows = new FlowTable<>(hash, FIRST_CAPACITY);
        this.receive = new ReceiveSide(this);
        this.output = new TcpOutput(this);
        this.arrives = new SegmentArrives(this);
        this.handshake = new Handshake(this);
        this.synCookies = new SynCookies(this, hash);
        this.timeWaits = new TimeWaitTable(this);
        this.timeouts = new Timeouts(this);
        this.userCalls = new UserCalls(this);
        this.nowNanos = nowNanos;
        this.nowMillis = (int) (nowNanos / NANOS_PER_MILLI);
        ip.protocol(IpProtocol.TCP, this);
    }

    // ------------------------------------------------------- the cycle

    /** A step begins: the time that everything in it sees. */
    void enter(long nowNanos) {
        if (nowNanos != this.nowNanos) {
            this.nowNanos = nowNanos;
            this.nowMillis = (int) (nowNanos / NANOS_PER_MILLI);
        }
    }

    /** For who has a batch of at most {@code mostSegments}. */
    public ReadAhead readAhead(int mostSegments) {
        return new ReadAhead(flows, counters, mostSegments);
    }

    @Override
    public void input(IpPacket packet, long nowNanos) {
        enter(nowNanos);
        counters.increment(TcpCounter.SEGMENTS_RECEIVED);
        Segment segment = this.segment;
        if (!segment.parse(packet)) {
            drop(packet, TcpCounter.DROPPED_MALFORMED);
        } else if (packet.isBroadcast()) {
            drop(packet, TcpCounter.DROPPED_BROADCAST); // RFC 9293, MUST-57: silently
        } else if (!packet.checksumVerified() && !checksumValid(packet)) {
            drop(packet, TcpCounter.DROPPED_CHECKSUM);
        } else {
            TcpFlow flow = flows.get(
                    segment.localHi,
                    segment.localLo,
                    segment.localPort,
                    segment.remoteHi,
                    segment.remoteLo,
                    segment.remotePort);
            if (flow instanceof Tcb tcb) {
                counters.add(TcpCounter.BYTES_RECEIVED, segment.textBytes);
                arrives.arrives(tcb, segment, nowNanos);
            } else if (flow instanceof SynRequest request) {
                handshake.requestArrives(request, segment, nowNanos);
            } else if (flow instanceof TimeWait record) {
                timeWaits.arrives(record, segment, nowNanos);
            } else {
                handshake.noFlow(segment, nowNanos);
            }
            if (!segment.taken) {
                mempool.free(segment.mbuf);
            }
        }
    }

    private void drop(IpPacket packet, TcpCounter reason) {
        counters.increment(reason);
        mempool.free(packet.mbuf());
    }

    private static boolean checksumValid(IpPacket packet) {
        int lengthBytes = packet.payloadLengthBytes();
        return InternetChecksum.isValid(InternetChecksum.pseudoHeader(
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.destinationHi(),
                        packet.destinationLo(),
                        IpProtocol.TCP,
                        lengthBytes)
                + InternetChecksum.sum(packet.payloadAddress(), lengthBytes));
    }

    /**
     * Delivers the event conditions that were there when it was called; what the upcalls cause waits for the next time.
     *
     * @return connections and listeners served
     */
    public int dispatchEvents() {
        return knock() + serve(lists.readyCount());
    }

    /** The same for the first {@code mostConnections} of {@link #readyConnections}; listeners are served each time. */
    public int dispatchEvents(int mostConnections) {
        return knock() + serve(mostConnections);
    }

    /** Listeners first: who accepts a connection may hear of its data in the same cycle. */
    private int knock() {
        int served = 0;
        Listener listener;
        while ((listener = lists.pollReadyListener()) != null) {
            served++;
            if (listener.open && listener.acceptable > 0) {
                listener.user.knock(listener);
            }
        }
        return served;
    }

    private int serve(int mostConnections) {
        int served = 0;
        Tcb tcb;
        for (int i = 0; i < mostConnections && (tcb = lists.pollReady()) != null; i++) {
            served++;
            deliver(tcb);
        }
        return served;
    }

    private void deliver(Tcb tcb) {
        ConnectionUser user = tcb.user;
        int events = tcb.events;
        if (user == null || events == 0) {
            return;
        }
        tcb.events = 0;
        if ((events & Tcb.EVENT_CONNECTED) != 0 && !tcb.closedByUser) {
            user.connected(tcb);
        }
        // Before what was received: the memory of acknowledged data, still in the cache, then serves the answers.
        if ((events & Tcb.EVENT_SENT) != 0) {
            int acked = tcb.ackedUnreported;
            tcb.ackedUnreported = 0;
            if (tcb.sendBlocked && userCalls.sendSpaceBytes(tcb) > 0) {
                tcb.sendBlocked = false;
            }
            user.sent(tcb, acked);
        }
        if ((events & Tcb.EVENT_READABLE) != 0 && !tcb.closedByUser) {
            user.readable(tcb);
        }
        if ((events & Tcb.EVENT_DEAD) != 0) {
            DeathReason reason = Objects.requireNonNull(tcb.deathReason);
            assert tcb.dead;
            tcb.user = null;
            user.dead(tcb, reason); // it may still take what came before
            forget(tcb);
        }
    }

    /** Connections whose users are to hear of something. */
    public int readyConnections() {
        return lists.readyCount();
    }

    /**
     * Sends what the connections that were marked have to send.
     *
     * @return connections served
     */
    public int flushOutput(long nowNanos) {
        return flush(nowNanos, false);
    }

    /** The same between two {@link #dispatchEvents(int)}: not for connections whose users are still to hear, so that their ACKs ride on data. */
    public int flushServed(long nowNanos) {
        return flush(nowNanos, true);
    }

    private int flush(long nowNanos, boolean servedOnly) {
        enter(nowNanos);
        receive.watchPool();
        int served = 0;
        Tcb last = lists.lastPending();
        Tcb tcb;
        while ((tcb = lists.pollPending()) != null) {
            if (servedOnly && tcb.ready) {
                lists.addPending(tcb);
            } else {
                served++;
                output.flush(tcb, nowNanos);
            }
            if (tcb == last) {
                break;
            }
        }
        return served;
    }

    /** Whether {@link #dispatchEvents} or {@link #flushOutput} has something to do: do not sleep. */
    public boolean hasWork() {
        return !lists.isEmpty();
    }

    @Override
    public void icmpError(IcmpError error, long nowNanos) {
        enter(nowNanos);
        TcpFlow flow = flows.get(
                error.localHi(),
                error.localLo(),
                error.localPort(),
                error.remoteHi(),
                error.remoteLo(),
                error.remotePort());
        if (flow instanceof Tcb tcb
                && Seq.ge(error.quotedSequence(), tcb.sndUna)
                && Seq.lt(error.quotedSequence(), tcb.sndNxt)) {
            IcmpErrors.arrives(this, tcb, error, nowNanos);
        } else if (flow instanceof SynRequest request && error.quotedSequence() == request.iss) {
            if (IcmpErrors.isHard(error.kind())) {
                handshake.discard(request);
            }
        } else {
            counters.increment(TcpCounter.DROPPED_ICMP); // RFC 5927, 4: quoted data must be in flight
        }
    }

    // ------------------------------------------------------- lists

    /** {@code tcb} may have something to send: look at it in the output step. */
    void markPending(Tcb tcb) {
        lists.addPending(tcb);
    }

    /** An event condition for the user of {@code tcb}. */
    void raise(Tcb tcb, int event) {
        tcb.events |= event;
        if (tcb.user != null) {
            lists.addReady(tcb);
        }
    }

    void knock(Listener listener) {
        lists.addReady(listener);
    }

    // ------------------------------------------------------- life and death

    /** From now on segments reach {@code tcb}. */
    void putOnWire(Tcb tcb) {
        boolean added = flows.put(tcb);
        assert added : tcb;
        onWire(tcb);
    }

    /** From now on the segments that reached {@code request} reach {@code tcb}, which it has become. */
    void putOnWire(Tcb tcb, SynRequest request) {
        boolean replaced = flows.replace(request, tcb);
        assert replaced : request;
        onWire(tcb);
    }

    private void onWire(Tcb tcb) {
        tcb.onWire = true;
        tcb.lastReceivedNanos = nowNanos;
        tcb.unackedSinceNanos = nowNanos;
        tcb.lastChallengeNanos = nowNanos - 1_000_000_000L;
        connections++;
    }

    /** No segment reaches {@code tcb} any more, and it sends none. */
    void takeOffWire(Tcb tcb) {
        if (tcb.onWire) {
            boolean removed = flows.remove(tcb);
            assert removed : tcb;
            offWire(tcb);
        }
    }

    /** As {@link #takeOffWire(Tcb)}, of a connection that is on it; its segments reach {@code record} from now on. */
    void takeOffWire(Tcb tcb, TimeWait record) {
        boolean replaced = flows.replace(tcb, record);
        assert replaced : tcb;
        offWire(tcb);
    }

    private void offWire(Tcb tcb) {
        tcb.onWire = false;
        timeouts.disarm(tcb);
        receive.discardReassembly(tcb);
        recovery.giveScoreboard(tcb);
        connections--;
        if (tcb.orphan) {
            tcb.orphan = false;
            orphans--;
        }
    }

    /** Both sides have closed and {@code tcb} is off the wire. Its user may still read; it is dead once the user closes. */
    void finished(Tcb tcb) {
        assert !tcb.onWire;
        if (tcb.closedByUser) {
            die(tcb, DeathReason.CLOSED);
        } else {
            tcb.finishedIndex = finished.size();
            finished.add(tcb);
        }
    }

    private void removeFinished(Tcb tcb) {
        int index = tcb.finishedIndex;
        if (index >= 0) {
            Tcb last = finished.removeLast();
            if (last != tcb) {
                finished.set(index, last);
                last.finishedIndex = index;
            }
            tcb.finishedIndex = -1;
        }
    }

    /** The end of a connection; its user hears of it in the next dispatch. */
    void die(Tcb tcb, DeathReason reason) {
        if (tcb.dead) {
            return;
        }
        takeOffWire(tcb);
        removeFinished(tcb);
        tcb.dead = true;
        tcb.deathReason = reason;
        tcb.state = TcpState.CLOSED;
        if (tcb.user == null) {
            forget(tcb); // nobody was told of it yet: accept passes over it
        }
        raise(tcb, Tcb.EVENT_DEAD);
    }

    private void forget(Tcb tcb) {
        receive.discardQueued(tcb);
        tcb.sendQueue.clear();
        tcb.finQueued = false;
        tcb.sndNxt = tcb.sendQueue.endSeq();
        tcb.sndUna = tcb.sndNxt;
    }

    /** The user closed {@code tcb} while it is on the wire. False when there are too many of these; it was reset. */
    boolean adoptOrphan(Tcb tcb) {
        if (orphans >= config.maxOrphans()) {
            counters.increment(TcpCounter.ORPHANS_RESET);
            output.sendReset(tcb, nowNanos);
            die(tcb, DeathReason.NO_RESOURCES);
            return false;
        }
        tcb.orphan = true;
        orphans++;
        return true;
    }

    /** Whether an active open must not take this 4-tuple. */
    boolean inUse(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return flows.get(localHi, localLo, localPort, remoteHi, remoteLo, remotePort) != null
                || listeners.find(localHi, localLo, localPort) != null;
    }

    // ------------------------------------------------------- small things that many need

    long nowNanos() {
        return nowNanos;
    }

    /** TSval now, for a connection's offset: milliseconds. */
    int timestamp(int offset) {
        return nowMillis + offset;
    }

    /**
     * A new ISS (RFC 6528).
     *
     * @param leastIss what it must not lie before, or 0
     */
    int newIss(TcpFlow flow, int leastIss, long nowNanos) {
        int iss = initialSequenceNumbers.iss(
                flow.localHi, flow.localLo, flow.localPort, flow.remoteHi, flow.remoteLo, flow.remotePort, nowNanos);
        return leastIss == 0 ? iss : Seq.max(iss, leastIss);
    }

    // ------------------------------------------------------- for the dataplane

    public UserCalls userCalls() {
        return userCalls;
    }

    /** Tells {@code listener} of every active open, before its SYN leaves: the replies may hash to another thread. */
    public void onActiveOpen(Consumer<? super FlowKey> listener) {
        openListener = listener;
    }

    void opened(Tcb tcb) {
        openListener.accept(tcb);
    }

    public Counters<TcpCounter> counters() {
        return counters;
    }

    /** Connections of this thread; half-open ones and TIME-WAIT are not counted. */
    public int connections() {
        return connections;
    }

    public int timeWaits() {
        return timeWaits.size();
    }

    public int synRequests() {
        return handshake.requests();
    }

    public int orphans() {
        return orphans;
    }

    /** Mbufs that wait for a gap to be filled. */
    public int reassemblyMbufs() {
        return receive.reassemblyMbufs();
    }

    /** Visits the connections; for operators. The visitor must not end or open any. */
    public void forEachConnection(Consumer<? super Tcb> visitor) {
        flows.forEach(flow -> {
            if (flow instanceof Tcb tcb) {
                visitor.accept(tcb);
            }
        });
    }

    /** Visits all flows: connections, half-open ones and TIME-WAIT. The visitor must not end or open any. */
    public void forEachFlow(Consumer<? super FlowKey> visitor) {
        flows.forEach(visitor::accept);
    }

    public TcpInfo info(Tcb tcb) {
        return userCalls.info(tcb);
    }

    /** Whether a connection with this 4-tuple lives on this thread, half-open ones and TIME-WAIT included. */
    public boolean contains(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return flows.get(localHi, localLo, localPort, remoteHi, remoteLo, remotePort) != null;
    }

    /**
     * Takes a connection off this thread with all that it holds, for {@link #adopt} on another one. It must not wait in an
     * accept queue.
     *
     * @return whether segments reach it; not so after its end, of which its user may not have heard
     */
    public boolean release(Tcb tcb, long nowNanos) {
        assert tcb.layer == this && tcb.listener == null;
        enter(nowNanos);
        lists.remove(tcb);
        removeFinished(tcb);
        if (tcb.onWire) {
            flows.remove(tcb);
            timers.cancel(tcb);
            receive.released(tcb);
            connections--;
            if (tcb.orphan) {
                orphans--;
            }
        }
        return tcb.onWire;
    }

    /** Takes in a connection that another thread's layer released; both run on one clock. */
    public void adopt(Tcb tcb, long nowNanos) {
        enter(nowNanos);
        tcb.layer = this;
        if (tcb.onWire) {
            boolean added = flows.put(tcb);
            assert added : tcb;
            connections++;
            if (tcb.orphan) {
                orphans++;
            }
            receive.adopted(tcb);
            Route route = ip.route(tcb.localHi, tcb.localLo, tcb.remoteHi, tcb.remoteLo);
            if (route == null) {
                die(tcb, DeathReason.UNREACHABLE);
            } else {
                tcb.route = route; // another MTU shows in the next output
                timeouts.reschedule(tcb);
                markPending(tcb);
            }
        } else if (!tcb.dead) {
            finished(tcb);
        }
        if (tcb.events != 0) {
            raise(tcb, 0);
        }
    }

    /** Ends everything before the thread leaves: listeners closed, connections reset, upcalls made, memory given back. */
    public void abortAll(long nowNanos) {
        enter(nowNanos);
        Listener listener;
        while ((listener = listeners.any()) != null) {
            userCalls.close(listener);
        }
        List<Tcb> all = new ArrayList<>(finished);
        forEachConnection(all::add);
        for (Tcb tcb : all) {
            userCalls.reset(tcb, DeathReason.NO_RESOURCES);
        }
        timeWaits.clear();
        receive.stop();
        while (lists.readyCount() != 0) {
            dispatchEvents();
        }
        while (lists.lastPending() != null) {
            flushOutput(nowNanos);
        }
    }
}
