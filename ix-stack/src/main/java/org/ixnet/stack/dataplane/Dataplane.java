package org.ixnet.stack.dataplane;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.flow.FlowGroups;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.ip.IpHost;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.tcp.InitialSequenceNumbers;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/**
 * A device, the addresses on it and the elastic threads that share it. It lives while somebody uses it, a thread is
 * attached or a user holds an mbuf. Thread rule: any thread.
 */
public final class Dataplane {
    /** IPv4 prefixes count from the 96 bits in front of a mapped address. */
    private static final int MAPPED_BITS = 96;

    private static final long SNAPSHOT_SECONDS = 1;

    /** The dataplanes that configurations share. Guarded by itself. */
    private static final Map<IxConfig, Dataplane> SHARED = new HashMap<>();

    private final IxConfig config;
    private final Device device;
    private final Arena arena = Arena.ofShared();
    private final Toeplitz toeplitz;
    private final KeyedHash hash;
    private final InitialSequenceNumbers initialSequenceNumbers;
    private final PortTable ports;
    private final IpHost host;
    private final Membership membership;
    private final List<Consumer<ElasticThread>> threadListeners = new CopyOnWriteArrayList<>();

    /** One thread at a time attaches or detaches, from the first step to the last. */
    private final ReentrantLock changes = new ReentrantLock();

    private final Object life = new Object();
    /** Guarded by {@link #life}, as what follows. */
    private int users = 1;

    private int attachedThreads;
    /** Mbufs that users of detached threads hold. */
    private long orphanedMbufs;

    private final Mempool orphanPool;

    private boolean closed;

    private Dataplane(IxConfig config, Device device) {
        this.config = config;
        this.device = device;
        byte[] key = Toeplitz.standardKey();
        boolean hardware = DeviceOpening.useHardware(config, device);
        this.toeplitz = new Toeplitz(key);
        RandomSource random = config.seed() == 0 ? RandomSource.secure() : new RandomSource(config.seed());
        this.hash = config.seed() == 0 ? KeyedHash.secure() : KeyedHash.of(random);
        this.ports = new PortTable(random);
        this.initialSequenceNumbers = new InitialSequenceNumbers(hash);
        this.host = host(config, device, hash);
        this.orphanPool = new Mempool(arena, device.mbufStore());
        orphanPool.large(host.largeMbufs());
        int groups = hardware ? device.capabilities().retaEntries() : FlowGroups.DEFAULT_COUNT;
        this.membership = new Membership(
                arena,
                config.maxThreads(),
                new FlowGroups(groups),
                new QueueTable(device, key, hardware, DeviceOpening.whyNotHardware(config, device)));
    }

    private static IpHost host(IxConfig config, Device device, KeyedHash hash) {
        List<IpHost.OwnAddress> addresses = config.addresses().stream()
                .map(cidr -> new IpHost.OwnAddress(cidr.hi(), cidr.lo(), MAPPED_BITS + cidr.prefixBits()))
                .toList();
        List<IpHost.Destination> destinations = new ArrayList<>();
        for (StaticRoute route : config.routes()) {
            Cidr network = route.network();
            destinations.add(new IpHost.Destination(
                    network.hi(),
                    network.lo(),
                    MAPPED_BITS + network.prefixBits(),
                    route.nextHop().hi(),
                    route.nextHop().lo()));
        }
        Address gateway = config.gateway();
        if (gateway != null) {
            Address everywhere = Address.parse("0.0.0.0");
            destinations.add(
                    new IpHost.Destination(everywhere.hi(), everywhere.lo(), MAPPED_BITS, gateway.hi(), gateway.lo()));
        }
        return new IpHost(device.macAddress(), device.mtuBytes(), addresses, destinations, hash);
    }

    /**
     * The running dataplane of an equal configuration, or a new one; {@link #release} it once for each acquire.
     *
     * @throws org.ixnet.stack.device.DeviceException when the device cannot be opened; with cause and remedy
     */
    public static Dataplane acquire(IxConfig config) {
        synchronized (SHARED) {
            Dataplane running = SHARED.get(config);
            if (running != null && running.retain()) {
                return running;
            }
            Dataplane opened = open(config, DeviceOpening.open(config));
            SHARED.put(config, opened);
            return opened;
        }
    }

    /**
     * A dataplane of its own over a device that is open already; it closes the device in the end, also when this fails.
     * Counts as acquired.
     */
    public static Dataplane open(IxConfig config, Device device) {
        try {
            return new Dataplane(config, device);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private boolean retain() {
        synchronized (life) {
            users += closed ? 0 : 1;
            return !closed;
        }
    }

    /** Ends one use. The device closes when the last user released, all threads detached and no mbuf is held. */
    public void release() {
        synchronized (SHARED) {
            synchronized (life) {
                if (users == 0) {
                    throw new IllegalStateException("released more often than acquired");
                }
                users--;
            }
            closeIfUnused();
        }
    }

    private void closeIfUnused() {
        synchronized (SHARED) {
            synchronized (life) {
                if (closed || users != 0 || attachedThreads != 0 || orphanedMbufs != 0) {
                    return;
                }
                closed = true;
            }
            // In the lock: whoever opens the same device again must find it free.
            SHARED.remove(config, this);
            device.close();
            host.close();
            arena.close();
        }
    }

    public boolean isClosed() {
        synchronized (life) {
            return closed;
        }
    }

    public IxConfig config() {
        return config;
    }

    public Device device() {
        return device;
    }

    /** Who distributes packets: {@code hardware ...}, or {@code software (emulated): } with the reason. */
    public String distribution() {
        return membership.distribution();
    }

    /** Reservations of TCP and UDP ports, for all threads. */
    public PortTable ports() {
        return ports;
    }

    /** Addresses, routes and neighbours. */
    public IpHost host() {
        return host;
    }

    /** Key of what all threads must compute alike: sequence numbers, SYN cookies. */
    KeyedHash hash() {
        return hash;
    }

    InitialSequenceNumbers initialSequenceNumbers() {
        return initialSequenceNumbers;
    }

    Toeplitz toeplitz() {
        return toeplitz;
    }

    FlowGroups flowGroups() {
        return membership.flowGroups();
    }

    /** {@link #attach(Waker, long)} for threads whose clock is {@code System.nanoTime}. */
    public ElasticThread attach(Waker waker) {
        return attach(waker, System.nanoTime());
    }

    /**
     * Claims a thread slot for the calling thread, which then owns the cycle.
     *
     * @param waker called, from any thread, whenever another thread has left work for this one
     * @param nowNanos the present time on the clock of {@code pollOnce}
     * @throws IllegalStateException when {@link IxConfig#maxThreads()} are attached, or the dataplane is closed
     */
    public ElasticThread attach(Waker waker, long nowNanos) {
        changes.lock();
        try {
            synchronized (life) {
                if (closed) {
                    throw new IllegalStateException("the dataplane on " + device.name() + " is closed");
                }
                attachedThreads++;
            }
            return join(waker, nowNanos);
        } finally {
            changes.unlock();
        }
    }

    private ElasticThread join(Waker waker, long nowNanos) {
        int slot = membership.freeSlot();
        if (slot < 0) {
            threadLeft(0);
            throw new IllegalStateException("maxThreads is " + config.maxThreads()
                    + " and as many elastic threads are attached; raise it (IxConfig.maxThreads / -Dix.maxThreads)");
        }
        ElasticThread thread = new ElasticThread(this, membership, slot, waker, nowNanos);
        membership.join(thread);
        for (Consumer<ElasticThread> listener : threadListeners) {
            thread.execute(() -> listener.accept(thread));
        }
        return thread;
    }

    /** {@link ElasticThread#detach}, on its thread. */
    void detach(ElasticThread thread) {
        changes.lock();
        try {
            thread.abortConnections();
            QueueTable.Handover queues = membership.leave(thread);
            thread.passOn();
            long held = thread.finish();
            queues.deliver();
            membership.free(thread);
            threadLeft(held);
        } finally {
            changes.unlock();
        }
    }

    private void threadLeft(long heldMbufs) {
        synchronized (life) {
            attachedThreads--;
            orphanedMbufs += heldMbufs;
        }
        closeIfUnused();
    }

    /** The attached threads, in the order of their index. */
    public List<ElasticThread> threads() {
        return membership.attached();
    }

    /**
     * Calls {@code listener} for every attached thread and for every one that attaches later, on the elastic thread itself
     * in its next cycle; a listening socket opens its {@code Listener}s so.
     */
    public void onEachThread(Consumer<ElasticThread> listener) {
        changes.lock();
        try {
            threadListeners.add(listener);
            for (ElasticThread thread : membership.attached()) {
                thread.execute(() -> listener.accept(thread));
            }
        } finally {
            changes.unlock();
        }
    }

    /** Ends {@link #onEachThread} for threads that attach later. */
    public void removeOnEachThread(Consumer<ElasticThread> listener) {
        threadListeners.remove(listener);
    }

    /**
     * Gives back an mbuf that a user still held when its thread had detached. Any thread; while the thread is attached, its
     * own {@link ElasticThread#mbufReturned} is the way.
     */
    public void returnMbuf(long mbuf) {
        synchronized (life) {
            if (closed) {
                throw new IllegalStateException("the dataplane on " + device.name() + " is closed: no mbuf is held");
            }
            orphanedMbufs--;
            orphanPool.free(mbuf);
            orphanPool.drain();
        }
        closeIfUnused();
    }

    /**
     * Counters of all threads, the device's statistics and all connections. Waits for the next cycle of each thread, at most
     * a second in all; the connections of a thread that does not answer are missing.
     *
     * @throws IllegalStateException when called from an elastic thread of this dataplane, which must not wait
     */
    public DataplaneSnapshot snapshot() {
        List<ElasticThread> threads = membership.attached();
        List<CompletableFuture<List<DataplaneSnapshot.ConnectionSnapshot>>> answers = new ArrayList<>();
        for (ElasticThread thread : threads) {
            if (thread.inThread()) {
                throw new IllegalStateException(
                        "an elastic thread must not wait for the others; call from another thread");
            }
            CompletableFuture<List<DataplaneSnapshot.ConnectionSnapshot>> answer = new CompletableFuture<>();
            answers.add(answer);
            if (!thread.execute(() -> answer.complete(thread.connections()))) {
                answer.complete(List.of());
            }
        }
        List<DataplaneSnapshot.ConnectionSnapshot> connections = new ArrayList<>();
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SNAPSHOT_SECONDS);
        for (CompletableFuture<List<DataplaneSnapshot.ConnectionSnapshot>> answer : answers) {
            long leftNanos = Math.max(0, deadlineNanos - System.nanoTime());
            connections.addAll(answer.completeOnTimeout(List.of(), leftNanos, TimeUnit.NANOSECONDS)
                    .join());
        }
        return new DataplaneSnapshot(
                device.name(),
                device.capabilities().driver(),
                membership.distribution(),
                device.statistics(),
                threads.stream().map(ElasticThread::snapshot).toList(),
                connections);
    }
}
