package org.ixnet.stack.dataplane;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.tcp.ReadAhead;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcpLayer;
import org.ixnet.stack.tcp.UserCalls;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.udp.UdpLayer;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * One elastic thread's share of the dataplane: a step, not a thread. It owns its layers, pool, timers and counters, and the
 * device queues that it polls. Thread rule: the thread that attached it, which alone calls {@link #pollOnce}; methods that
 * say so may be called by any thread.
 */
public final class ElasticThread {
    private static final int TRANSMIT_PACKETS = 1024;
    /** A cycle that is longer is counted: a handler blocked the thread. */
    private static final long LONG_CYCLE_NANOS = 10_000_000;

    private static final int FLUSH_TRIES = 1000;

    private static final VarHandle STAMP;

    static {
        try {
            STAMP = MethodHandles.lookup().findVarHandle(ElasticThread.class, "cycleStamp", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** For the user to find its own object again, for example the event loop; set before others can see it. */
    public volatile @Nullable Object userHandle;

    private final Dataplane dataplane;
    private final Membership membership;
    private final int index;
    private final Thread owner;
    private final Waker waker;

    // Memory by address: freed when nobody can reach this object any more, so that late frees stay harmless.
    @SuppressWarnings("UnusedVariable")
    private final Arena arena = Arena.ofAuto();

    private final Counters<ThreadCounter> counters = new Counters<>(ThreadCounter.class);
    private final BatchPolicy batch;
    private final IdleLadder idle;
    private final Mempool mempool;
    private final MbufWatermark watermark;
    private final TimingWheel timers;
    private final Outbox outbox;
    private final ThreadQueue threadQueue;
    private final TransmitQueue transmit;
    private final PacketBurst burst;
    private final Strays strays;
    private final Steering steering;
    private final Inbound inbound;
    private final IpLayer ip;
    private final UdpLayer udp;
    private final TcpLayer tcp;
    private final ReadAhead readAhead;
    private final Inbox inbox;
    private final QueueSet queues;
    private final FlowGroupMigration migration;

    private @Nullable Capture capture;
    private long nowNanos;
    private boolean worked;
    /** {@link ReadAhead#isUseful}, asked every 64 busy cycles. */
    private boolean readsAhead;

    private volatile boolean attached = true;
    private volatile boolean ownsFlows = true;
    /** Odd inside a cycle. Written by the owner: volatile at the start, so that reads of the cycle come after it. */
    @SuppressWarnings("UnusedVariable")
    private volatile long cycleStamp;

    ElasticThread(Dataplane dataplane, Membership membership, int index, Waker waker, long nowNanos) {
        IxConfig config = dataplane.config();
        Device device = dataplane.device();
        this.dataplane = dataplane;
        this.membership = membership;
        this.index = index;
        this.owner = Thread.currentThread();
        this.waker = waker;
        this.nowNanos = nowNanos;
        this.inbox = new Inbox(owner, membership, counters);
        this.queues = new QueueSet(device);
        this.batch = new BatchPolicy(config.rxBatch());
        this.idle = new IdleLadder(config.idle(), this::hasInbound, counters, device.openSleeper());
        this.mempool = new Mempool(arena, device.mbufStore());
        this.watermark = new MbufWatermark(mempool);
        this.timers = new TimingWheel(nowNanos);
        this.outbox = new Outbox(membership, index);
        this.threadQueue = new ThreadQueue(membership, outbox, index);
        this.transmit = new TransmitQueue(arena, threadQueue, mempool, TRANSMIT_PACKETS);
        this.burst = new PacketBurst(arena, config.rxBatch());
        ThreadLayers layers = new ThreadLayers(dataplane, index);
        this.strays = new Strays(layers.hash());
        this.steering = new Steering(this, membership, dataplane.toeplitz(), dataplane.ports(), strays, outbox);
        this.inbound = new Inbound(membership, index, steering, transmit, TRANSMIT_PACKETS, counters);
        this.ip = layers.ip(arena, mempool, transmit, steering, timers);
        this.udp = layers.udp(ip, steering);
        this.tcp = layers.tcp(ip, timers, nowNanos);
        this.readAhead = tcp.readAhead(config.rxBatch());
        this.migration = new FlowGroupMigration(this, membership, dataplane.toeplitz(), tcp, timers, strays);
    }

    // ---- the cycle

    /**
     * One cycle: receive, process, dispatch, output, timers, transmit.
     *
     * @param now a monotonic time in nanoseconds, of any origin
     * @return the work done: packets, events, timers and messages; 0: idle
     */
    public int pollOnce(long now) {
        assert inThread() : "owner is " + owner;
        beginCycle(now);
        try {
            int work = inbox.runMessages() + inbox.runTasks();
            steering.beginFrames();
            work += receive();
            work += dispatchEvents();
            work += tcp.flushOutput(now);
            work += expireTimers();
            work += transmit.flush();
            outbox.wakeReceivers();
            endCycle(work);
            return work;
        } finally {
            STAMP.setVolatile(this, cycleStamp + 1);
        }
    }

    private void beginCycle(long now) {
        // Volatile, so that this cycle sees who left before it began; see Membership.quiesce.
        STAMP.setVolatile(this, cycleStamp + 1);
        long sinceLast = now - nowNanos;
        nowNanos = now;
        counters.increment(ThreadCounter.CYCLES);
        counters.add(ThreadCounter.TOTAL_NANOS, sinceLast);
        if (worked) {
            counters.add(ThreadCounter.BUSY_NANOS, sinceLast);
            if (sinceLast > LONG_CYCLE_NANOS) {
                counters.increment(ThreadCounter.LONG_CYCLES);
            }
        }
    }

    private void endCycle(int work) {
        worked = work != 0;
        if (worked) {
            idle.worked();
            counters.increment(ThreadCounter.BUSY_CYCLES);
            if ((counters.get(ThreadCounter.BUSY_CYCLES) & 63) == 0) {
                watermark.sample();
                readsAhead = readAhead.isUseful();
            }
        }
    }

    private int receive() {
        int fromDevice = receiveFromDevice();
        int fromThreads = inbound.receive(batch.boundPackets()) + steering.drainLoop(batch.boundPackets());
        counters.add(ThreadCounter.RX_PACKETS, fromDevice);
        batch.received(fromDevice, fromThreads);
        return fromDevice + fromThreads;
    }

    private int receiveFromDevice() {
        int received = 0;
        queues.nextTurn();
        for (int q = 0; q < queues.count() && received < batch.boundPackets(); q++) {
            int count = queues.inTurn(q).rxBurst(burst, batch.boundPackets() - received);
            if (readsAhead && count > 1) {
                steering.readAhead(burst, count, readAhead);
            }
            for (int i = 0; i < count; i++) {
                if (capture != null) {
                    capture.received(burst.frameAddress(i), burst.frameLengthBytes(i));
                }
                steering.received(
                        burst.mbuf(i), burst.frameAddress(i), burst.frameLengthBytes(i), burst.hash(i), burst.flags(i));
            }
            received += count;
        }
        return received;
    }

    /** A packet that this thread must process. */
    void input(long mbuf, long frameAddress, int lengthBytes, int rxFlags) {
        ip.input(mbuf, frameAddress, lengthBytes, rxFlags, nowNanos);
    }

    private int dispatchEvents() {
        int events = 0;
        int ready = tcp.readyConnections();
        int part = batch.connectionsInPart(ready);
        for (int left = ready - part; left > 0; left -= part) {
            events += tcp.dispatchEvents(part);
            tcp.flushServed(nowNanos);
            transmit.flush();
            outbox.wakeReceivers();
        }
        events += tcp.dispatchEvents() + udp.dispatchEvents();
        counters.add(ThreadCounter.EVENTS, events);
        return events;
    }

    private int expireTimers() {
        int expired = timers.advance(nowNanos);
        counters.add(ThreadCounter.TIMERS, expired);
        return expired;
    }

    // ---- idle

    /** When the next timer is due, on the clock of {@link #pollOnce}; Long.MAX_VALUE without one. */
    public long nextDeadlineNanos() {
        return timers.nextDeadlineNanos();
    }

    /**
     * What to do when {@link #pollOnce} returned 0: returns at once, pauses or sleeps, as the {@link IdlePolicy} says, at
     * most until the next timer and for {@code maxNanos}. A {@link #wakeup}, also one before the call, ends it.
     *
     * @param now the time of the last cycle
     * @param maxNanos bound of the caller, for example his next scheduled task
     * @return nanoseconds that it meant to sleep; 0 when it did not
     */
    public long idle(long now, long maxNanos) {
        if (transmit.waitingPackets() != 0 || steering.hasLooped() || tcp.hasWork()) {
            return 0;
        }
        long deadline = timers.nextDeadlineNanos();
        long untilTimer = deadline == Long.MAX_VALUE ? Long.MAX_VALUE : deadline - now;
        return idle.idle(now, Math.min(maxNanos, untilTimer));
    }

    /** Ends {@link #idle}, or keeps the next one from sleeping. Any thread. */
    public void wakeup() {
        idle.wakeup(owner);
    }

    /** Called after work was made visible to this thread with a full fence. Any thread. */
    void wakeIfSleeping() {
        if (idle.isSleeping()) {
            idle.wakeup(owner);
        }
        waker.wakeup();
    }

    /** Whether another thread left work; called with the sleep flag up. */
    private boolean hasInbound() {
        return !inbox.isEmpty() || inbound.hasWaiting();
    }

    // ---- messages

    /**
     * Runs {@code task} on this thread in its next cycle, and wakes it. Any thread.
     *
     * @return false when this thread has detached; the task then does not run
     */
    public boolean execute(Runnable task) {
        return posted(inbox.postTask(task));
    }

    /** The same for the dataplane's own work, which also runs in the middle of a batch, when a packet depends on it. */
    boolean message(Runnable message) {
        return posted(inbox.postMessage(message));
    }

    private boolean posted(boolean taken) {
        if (taken) {
            wakeIfSleeping();
        }
        return taken;
    }

    Inbox inbox() {
        return inbox;
    }

    long cycleStamp() {
        return cycleStamp;
    }

    long nowNanos() {
        return nowNanos;
    }

    // ---- device queues and flow groups; see QueueTable and Membership

    void addQueue(int queue) {
        queues.add(queue);
        queuesChanged();
    }

    void removeQueue(int queue) {
        queues.remove(queue);
        queuesChanged();
    }

    private void queuesChanged() {
        threadQueue.own(queues.first());
        idle.watch(queues.indexes());
    }

    boolean polls(int queue) {
        return queues.contains(queue);
    }

    FlowGroupMigration migration() {
        return migration;
    }

    Strays strays() {
        return strays;
    }

    // ---- what users see

    /** Slot in the dataplane, 0..maxThreads-1. Any thread. */
    public int index() {
        return index;
    }

    /** Any thread. */
    public Dataplane dataplane() {
        return dataplane;
    }

    /** Whether the caller is the owner. Any thread. */
    @SuppressWarnings("ReferenceEquality") // threads are what they are
    public boolean inThread() {
        return Thread.currentThread() == owner;
    }

    /** False once {@link #detach} is done. Any thread. */
    public boolean isAttached() {
        return attached;
    }

    public UserCalls tcp() {
        return tcp.userCalls();
    }

    TcpLayer tcpLayer() {
        return tcp;
    }

    public UdpLayer udp() {
        return udp;
    }

    public IpLayer ip() {
        return ip;
    }

    public Mempool mempool() {
        return mempool;
    }

    /** Any thread. */
    public Counters<ThreadCounter> counters() {
        return counters;
    }

    /** Shows every frame of this thread to {@code tap}; null ends it. */
    public void capture(@Nullable Capture tap) {
        this.capture = tap;
        threadQueue.capture(tap);
    }

    /** Counts an mbuf of this thread that a user keeps beyond the upcall. */
    public void mbufTaken() {
        watermark.taken();
    }

    /** Frees an mbuf that {@link #mbufTaken} counted; after {@link #detach} it goes back to the dataplane. */
    public void mbufReturned(long mbuf) {
        if (!isAttached()) {
            dataplane.returnMbuf(mbuf);
            return;
        }
        watermark.returned();
        mempool.free(mbuf);
    }

    /** Received mbufs that users hold; one that moved with its connection counts where it was taken. Any thread. */
    public long heldMbufs() {
        return watermark.heldMbufs();
    }

    /** Whether mbufs are scarce: hand data up as copies and give the mbuf back at once. */
    public boolean underPressure() {
        return watermark.isLow();
    }

    /**
     * Whether flows may hash to this thread; true at first. A group that only accepts (boss) says false, and its flow groups
     * go to other threads; while no thread owns flows, all do. Connections stay where they are. A thread that owns no flow
     * group can open a few connections only (64 to one destination), whose packets others forward to it. Any thread.
     */
    public void ownsFlows(boolean owns) {
        if (ownsFlows != owns) {
            ownsFlows = owns;
            membership.rebalance();
        }
    }

    /** Any thread. */
    public boolean ownsFlows() {
        return ownsFlows;
    }

    /**
     * Gives a connection of this thread to another one of the same dataplane; packets that still arrive here follow it, in
     * order. Upcalls then come on {@code target}, to whom the caller must leave the tcb from now on: its own calls there
     * wait for {@code moved}, which runs on {@code target} once the connection has arrived, before the first upcall and
     * perhaps in the middle of a batch. Should {@code target} detach meanwhile, the connection is aborted.
     *
     * @return false when {@code target} has detached: the connection is aborted on this thread, and {@code moved} does not run
     */
    public boolean moveConnection(Tcb tcb, ElasticThread target, Runnable moved) {
        assert inThread() : "owner is " + owner;
        assert target.membership.equals(membership) : "another dataplane";
        if (target.index == index) {
            moved.run();
            return true;
        }
        return migration.move(tcb, target, () -> target.inbox.run(moved), nowNanos);
    }

    /**
     * Aborts what is left and gives all memory back; the slot is free again. Called by the owner as its last step, outside
     * {@link #pollOnce}.
     */
    public void detach() {
        assert inThread() : "owner is " + owner;
        if (isAttached()) {
            dataplane.detach(this);
            idle.leave();
        }
    }

    /** First half of {@link #detach}: nothing of this thread's own stays alive. */
    void abortConnections() {
        // A user whose upcall fails must not keep the others from theirs; each failure uses up one upcall.
        while (!inbox.run(() -> tcp.abortAll(nowNanos))) {
            Thread.onSpinWait();
        }
        udp.closeAll();
        flushTransmit();
    }

    /** Second half, when nobody puts anything into its rings any more: what is there goes its way. */
    void passOn() {
        while (inbound.receive(batch.boundPackets()) != 0 || inbound.hasWaiting()) {
            flushTransmit();
            if (transmit.waitingPackets() == TRANSMIT_PACKETS) {
                // The device takes nothing, and nobody will look into the rings again: what waits there is not lost
                // with it.
                transmit.drain();
            }
        }
        outbox.wakeReceivers();
        steering.clearLoop();
    }

    /** Last step: what came meanwhile is aborted, memory goes back. Returns mbufs that users still hold. */
    long finish() {
        inbox.close();
        inbox.runMessages();
        while (inbox.runTasks() != 0) {
            // Bounded: who adds a task from now on learns that the thread has detached.
        }
        abortConnections();
        migration.forgetAll();
        ip.drain();
        transmit.drain();
        mempool.drain();
        attached = false;
        return watermark.heldMbufs();
    }

    private void flushTransmit() {
        for (int tries = 0; tries < FLUSH_TRIES && transmit.waitingPackets() != 0; tries++) {
            if (transmit.flush() == 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** Numbers for operators. Any thread. */
    DataplaneSnapshot.ThreadSnapshot snapshot() {
        Map<String, Long> all = new TreeMap<>();
        counters.snapshot().forEach((counter, value) -> all.put("thread." + counter, value));
        ip.counters().snapshot().forEach((counter, value) -> all.put("ip." + counter, value));
        udp.counters().snapshot().forEach((counter, value) -> all.put("udp." + counter, value));
        tcp.counters().snapshot().forEach((counter, value) -> all.put("tcp." + counter, value));
        transmit.counters().snapshot().forEach((counter, value) -> all.put("transmit." + counter, value));
        long total = counters.get(ThreadCounter.TOTAL_NANOS);
        return new DataplaneSnapshot.ThreadSnapshot(
                index,
                membership.queuesOf(index),
                membership.groupsOf(index),
                total == 0 ? 0 : (double) counters.get(ThreadCounter.BUSY_NANOS) / total,
                heldMbufs(),
                all,
                batch.histogram());
    }

    /** This thread's connections; on the thread itself. */
    List<DataplaneSnapshot.ConnectionSnapshot> connections() {
        List<DataplaneSnapshot.ConnectionSnapshot> list = new ArrayList<>();
        tcp.forEachConnection(tcb -> list.add(new DataplaneSnapshot.ConnectionSnapshot(
                index,
                IpAddresses.toString(tcb.localHi(), tcb.localLo()) + ":" + tcb.localPort(),
                IpAddresses.toString(tcb.remoteHi(), tcb.remoteLo()) + ":" + tcb.remotePort(),
                tcp.userCalls().info(tcb))));
        return list;
    }
}
