package org.ixnet.benchmarks.raw;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.ixnet.benchmarks.agent.EchoWorkload;
import org.ixnet.benchmarks.agent.Meter;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.util.IpAddresses;

/**
 * TCP echo with server and client stacks on one thread: messages a second of both ends together, bytes allocated a message.
 * Needs no privilege and no DPDK; the tool for work on the hot path. Two wires:
 *
 * <ul>
 *   <li>{@code direct}: {@link DirectWire}, mbufs change hands and nothing else;
 *   <li>{@code virtual}: {@link VirtualLink}, the in-memory wire of the tests, with its copy, lock and queue.
 * </ul>
 *
 * Thread rule: one thread for all.
 */
public final class InProcess implements AutoCloseable {
    private static final int PORT = 7000;
    private static final int MBUFS = 16_384;
    private static final long SETUP_NANOS = 10_000_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Dataplane serverPlane;
    private final Dataplane clientPlane;
    private final ElasticThread server;
    private final RawClient client;
    private final ElasticThread clientThread;
    private final Meter meter = new Meter();

    /**
     * @param wire {@code direct} or {@code virtual}
     * @param trustChecksums of {@code direct}: received checksums count as verified
     * @param settings further IX settings, without their prefix, for example {@code rxBatch=32}
     */
    public InProcess(
            String wire, boolean trustChecksums, RawClient.Load load, int messageBytes, Map<String, String> settings)
            throws IOException {
        Device[] ends = ends(wire, trustChecksums);
        serverPlane = Dataplane.open(config("10.77.0.2", settings), ends[0]);
        clientPlane = Dataplane.open(config("10.77.0.1", settings), ends[1]);
        server = serverPlane.attach(() -> {});
        clientThread = clientPlane.attach(() -> {});
        new RawEchoServer(server).listen(PORT);
        client = new RawClient(
                clientThread,
                new EchoWorkload(messageBytes),
                meter,
                load,
                new RawClient.Target(0, IpAddresses.parseIpv4("10.77.0.2"), PORT, 1));
        long deadline = System.nanoTime() + SETUP_NANOS;
        while (!client.isReady()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("not all of " + load.connections() + " connections stand after 10 s");
            }
            cycles(1);
        }
    }

    private static Device[] ends(String wire, boolean trustChecksums) {
        return switch (wire) {
            case "direct" -> {
                DirectWire direct = new DirectWire(trustChecksums, 2 * MBUFS, DirectWire.bufferBytes(1500), 1500);
                yield new Device[] {direct.a(), direct.b()};
            }
            case "virtual" -> {
                VirtualLink link = new VirtualLink(
                        VirtualLink.End.of("a", 0x02_00_00_00_00_0aL).withMbufs(MBUFS, 2048),
                        VirtualLink.End.of("b", 0x02_00_00_00_00_0bL).withMbufs(MBUFS, 2048),
                        System::nanoTime,
                        1);
                yield new Device[] {link.a(), link.b()};
            }
            default -> throw new IllegalArgumentException("wire is '" + wire + "'; must be direct or virtual");
        };
    }

    private static IxConfig config(String address, Map<String, String> settings) {
        java.util.Properties properties = new java.util.Properties();
        properties.setProperty("ix.device", "virtual");
        properties.setProperty("ix.iface", "bench");
        properties.setProperty("ix.address", address + "/24");
        properties.setProperty("ix.hostAddress", "");
        properties.setProperty("ix.loops", "1");
        properties.setProperty("ix.maxThreads", "1");
        properties.setProperty("ix.seed", "1");
        settings.forEach((key, value) -> properties.setProperty("ix." + key, value));
        return IxConfig.fromProperties(properties);
    }

    private void cycles(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            long now = System.nanoTime();
            server.pollOnce(now);
            client.poll(now);
        }
        if (client.failure() != null) {
            throw new IOException("the echo broke: " + client.failure());
        }
    }

    /** Lets the echo run for {@code seconds}, not measured. */
    public void warmUp(double seconds) throws IOException {
        long end = System.nanoTime() + Math.round(seconds * 1e9);
        while (System.nanoTime() - end < 0) {
            cycles(64);
        }
    }

    /** Measures for {@code seconds}: what {@link Meter#result} has, and {@code allocated_bytes} of this thread. */
    public Map<String, Double> measure(double seconds) throws IOException {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        meter.begin(System.nanoTime());
        warmUp(seconds);
        meter.end(System.nanoTime());
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        Map<String, Double> result = meter.result();
        result.put("allocated_bytes", (double) allocated);
        return result;
    }

    /** Requests that were sent and are not answered. */
    int underWay() {
        return client.underWay();
    }

    @Override
    public void close() {
        client.stop();
        for (int i = 0; i < 1_000 && !client.isStopped(); i++) {
            long now = System.nanoTime();
            server.pollOnce(now);
            client.poll(now);
        }
        client.close();
        server.detach();
        clientThread.detach();
        serverPlane.release();
        clientPlane.release();
    }
}
