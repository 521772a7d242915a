package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;

/**
 * Two dataplanes with a virtual wire between them, driven by one test thread under a virtual clock: every step polls every
 * elastic thread once; when all are idle the clock jumps to the next timer or arrival.
 */
final class VirtualNet implements AutoCloseable {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;
    static final Address CLIENT = Address.parse("10.1.0.1");
    static final Address SERVER = Address.parse("10.1.0.2");

    /** What a cycle takes on the virtual clock. */
    private static final long CYCLE_NANOS = 2_000;

    final VirtualLink link;
    final Dataplane client;
    final Dataplane server;
    final List<ElasticThread> clientThreads = new ArrayList<>();
    final List<ElasticThread> serverThreads = new ArrayList<>();
    long nowNanos = 1_000 * SECOND;

    /**
     * @param a device of the client
     * @param b device of the server
     * @param seed of wire and stacks
     */
    VirtualNet(VirtualLink.End a, VirtualLink.End b, int clientThreads, int serverThreads, long seed) {
        this(a, b, clientThreads, serverThreads, seed, Distribution.AUTO);
    }

    VirtualNet(
            VirtualLink.End a,
            VirtualLink.End b,
            int clientThreads,
            int serverThreads,
            long seed,
            Distribution distribution) {
        link = new VirtualLink(a, b, () -> nowNanos, seed);
        client = Dataplane.open(config(CLIENT, a, clientThreads, seed, Distribution.AUTO), link.a());
        server = Dataplane.open(config(SERVER, b, serverThreads, seed + 1, distribution), link.b());
        for (int i = 0; i < clientThreads; i++) {
            this.clientThreads.add(client.attach(() -> {}, nowNanos));
        }
        for (int i = 0; i < serverThreads; i++) {
            this.serverThreads.add(server.attach(() -> {}, nowNanos));
        }
    }

    static VirtualLink.End end(String name, long mac) {
        return VirtualLink.End.of(name, mac).withMbufs(16_384, 2_048);
    }

    static VirtualNet simple(long seed) {
        return new VirtualNet(end("a", 0x02_00_00_00_00_0aL), end("b", 0x02_00_00_00_00_0bL), 1, 1, seed);
    }

    static IxConfig config(Address own, VirtualLink.End end, int loops, long seed, Distribution distribution) {
        return IxConfig.builder()
                .device("virtual")
                .interfaceName(end.name())
                .address(own + "/24")
                .hostAddress(null)
                .loops(loops)
                .maxThreads(8)
                .queues(end.queues())
                .distribution(distribution)
                .tcpTimeWaitMillis(1_000)
                .seed(seed)
                .build();
    }

    ElasticThread clientThread() {
        return clientThreads.getFirst();
    }

    ElasticThread serverThread() {
        return serverThreads.getFirst();
    }

    TcbOptions options() {
        return client.config().tcp().tcbOptions();
    }

    /** Polls each thread once. Returns the work done. */
    int step() {
        nowNanos += CYCLE_NANOS;
        int work = 0;
        for (ElasticThread thread : List.copyOf(clientThreads)) {
            work += thread.pollOnce(nowNanos);
        }
        for (ElasticThread thread : List.copyOf(serverThreads)) {
            work += thread.pollOnce(nowNanos);
        }
        return work;
    }

    /** Steps until {@code done}; false when {@code limitNanos} of virtual time pass before. */
    boolean runUntil(BooleanSupplier done, long limitNanos) {
        long end = nowNanos + limitNanos;
        while (!done.getAsBoolean()) {
            if (nowNanos - end > 0) {
                return false;
            }
            if (step() == 0) {
                long next = link.nextArrivalNanos();
                for (ElasticThread thread : clientThreads) {
                    next = Math.min(next, thread.nextDeadlineNanos());
                }
                for (ElasticThread thread : serverThreads) {
                    next = Math.min(next, thread.nextDeadlineNanos());
                }
                nowNanos = Math.max(nowNanos, Math.min(next, end + 1) - CYCLE_NANOS);
            }
        }
        return true;
    }

    /** Takes what {@code tcb} has received and gives its mbufs back. Returns the bytes. */
    static int drain(ElasticThread thread, Tcb tcb) {
        int bytes = 0;
        long mbuf;
        while ((mbuf = thread.tcp().receive(tcb)) != 0) {
            int length = Mbuf.payloadLengthBytes(mbuf);
            bytes += length;
            thread.tcp().receiveDone(tcb, length);
            thread.mempool().free(mbuf);
        }
        return bytes;
    }

    void run(long nanos) {
        runUntil(() -> false, nanos);
    }

    void detach(ElasticThread thread) {
        thread.detach();
        clientThreads.remove(thread);
        serverThreads.remove(thread);
    }

    /** Detaches all and says how many mbufs of each store are missing: {client, server}. */
    int[] missingMbufs() {
        run(2 * SECOND); // what is still on the wire arrives
        List.copyOf(clientThreads).forEach(this::detach);
        List.copyOf(serverThreads).forEach(this::detach);
        return new int[] {missing(link.a()), missing(link.b())};
    }

    private static int missing(Device device) {
        return device.mbufStore().capacityMbufs() - device.mbufStore().availableMbufs();
    }

    @Override
    public void close() {
        List.copyOf(clientThreads).forEach(this::detach);
        List.copyOf(serverThreads).forEach(this::detach);
        client.release();
        server.release();
    }
}
